"""Asks the system to let a thread go first."""

import contextlib
import os
import sys

PRIORITY = 5
"""Of 1-99: before all usual work, behind the sound system, which takes 10 and more."""
_TIME_CRITICAL = 15


def hurry() -> None:
    """Let the calling thread run before others when it wakes, where the system permits it.

    Linux permits it to whom its limits name (``rtprio``, as musicians set for JACK), Windows to
    everybody. macOS has no call of this kind; the thread runs as it is.
    """
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.SetThreadPriority(kernel.GetCurrentThread(), _TIME_CRITICAL)
    elif hasattr(os, "sched_setscheduler"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
