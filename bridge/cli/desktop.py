"""Whether somebody sits before a screen, so that a page can be opened; alone, beatbridge does."""

import os
import sys


def has_browser() -> bool:
    """Whether a browser with a window of its own can be opened here.

    A text browser would take over this terminal; over SSH the window would open elsewhere.
    """
    if os.environ.get("SSH_CONNECTION"):
        return False
    shown = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    return shown or sys.platform in ("darwin", "win32")


def is_desktop() -> bool:
    """Whether a person at a terminal, and not a script or a pipe, gave the command."""
    return sys.stdin.isatty() and sys.stdout.isatty() and has_browser()
