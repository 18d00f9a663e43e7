"""What works on this machine: one finding a line, each from really trying it.

Nothing sounds, and a port that is there is not opened: that would restart the board behind it.
"""

import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from bridge import __version__, settings
from bridge.errors import BeatbridgeError
from bridge.osc import contract

OK, NONE, FAIL = "ok", "--", "FAIL"
LIBRARIES = (
    "numpy",
    "scipy",
    "mido",
    "python-rtmidi",
    "pyserial",
    "python-osc",
    "miniaudio",
    "aiohttp",
)
EXTRAS = {
    "plot": ("matplotlib", "pictures"),
    "page": ("plotly", "pages to explore a session"),
    "ble": ("bleak", "chest straps over Bluetooth"),
    "lsl": ("pylsl", "streams of the Lab Streaming Layer"),
    "board": ("brainflow", "EmotiBit, Muse, OpenBCI"),
    "discovery": ("zeroconf", "OSCQuery that is found by itself"),
    "link": ("aalink", "Ableton Link"),
}
"""By the name in pyproject: what is imported, and what it is for."""
_FIREWALLS = {
    "win32": "Windows Security, Firewall: allow Python on private networks",
    "darwin": "System Settings, Network, Firewall: allow incoming connections to Live (or Max)",
    "linux": "ufw or firewalld: let UDP {port} in",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the page."""

    state: str
    """``ok``; ``--`` for what is not there and need not be; ``FAIL`` for what ought to work."""
    what: str
    do: str = ""
    """What helps."""


Findings = Iterator[Finding]


def examine() -> Iterator[tuple[str, list[Finding]]]:
    """Headings and what was found; a check that fails itself is a finding, and ends no other."""
    for heading, check in CHECKS.items():
        try:
            found = list(check())
        except Exception as error:
            found = [Finding(FAIL, f"could not be examined: {type(error).__name__}: {error}")]
        yield heading, found


def _versions() -> Findings:
    yield Finding(OK, f"beatbridge {__version__}, OSC contract {contract.VERSION}")
    yield Finding(OK, f"Python {platform.python_version()} on {platform.platform()}")
    missing = []
    there = []
    for name in LIBRARIES:
        try:
            there.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    yield Finding(OK, ", ".join(there))
    if "python-rtmidi" in missing and sys.version_info >= (3, 13):
        missing.remove("python-rtmidi")
        yield Finding(NONE, "no MIDI ports with this Python", "use Python 3.11 or 3.12 for MIDI")
    for name in missing:
        yield Finding(FAIL, f"the library {name} is missing", "install beatbridge again")


def _extras() -> Findings:
    for extra, (module, purpose) in EXTRAS.items():
        if find_spec(module) is not None:
            yield Finding(OK, f"{extra}: {purpose}")
        else:
            how = f'uv sync --extra {extra}, or pip install ".[{extra}]"'
            yield Finding(NONE, f"{extra}: {purpose}", how)


def _serial() -> Findings:
    from serial.tools.list_ports import comports

    from bridge.sources.serial.boards import board_name

    ports = sorted(comports(), key=lambda port: port.device)
    for port in ports:
        board = board_name(port.vid, port.pid) or port.description
        named = f"{port.device}" + (f" ({board})" if board and board != "n/a" else "")
        found = _may_open(Path(port.device), named)
        # The computer's own, with nothing plugged in, need not be anybody's.
        yield found if port.vid is not None or found.state == OK else replace(found, state=NONE)
    if not any(port.vid is not None for port in ports):
        helps = "is the cable in, and does it carry data, not only power?"
        yield Finding(NONE, "no board on a cable", helps)
        if sys.platform == "linux":
            yield _in_group()


def _may_open(device: Path, named: str) -> Finding:
    """Whether this user may read and write it; Windows and macOS let everybody."""
    if sys.platform == "win32" or os.access(device, os.R_OK | os.W_OK):
        return Finding(OK, named)
    import grp

    try:
        group = grp.getgrgid(device.stat().st_gid).gr_name
    except (KeyError, OSError):
        group = "dialout"
    how = f"sudo usermod -aG {group} $USER, then log out and in again"
    if group == "root":
        how = "it is root's alone; a udev rule gives it to a group"
    return Finding(FAIL, f"{named}: this user may not open it", how)


def _in_group() -> Finding:
    """Before a board is plugged in: whether this user will be let at it."""
    import grp

    mine = {*os.getgroups(), os.getegid()}
    there = {group.gr_name: group.gr_gid for group in grp.getgrall()}
    for name in ("dialout", "uucp"):  # Debian and Fedora; Arch
        if name in there:
            if there[name] in mine or os.geteuid() == 0:
                return Finding(OK, f"this user may open serial ports (group {name})")
            how = f"before a board: sudo usermod -aG {name} $USER, then log out and in again"
            return Finding(NONE, f"this user is not in the group {name}", how)
    return Finding(NONE, "no group dialout or uucp: who may open serial ports is not known")


def _midi() -> Findings:
    from bridge.sinks.midi.port import output_names

    helps = {
        "darwin": "Audio MIDI Setup, MIDI Studio, IAC Driver: Device is online",
        "win32": "install loopMIDI and make a port",
    }.get(sys.platform, "start JACK or load ALSA's sequencer (modprobe snd-seq)")
    try:
        names = output_names()
    except BeatbridgeError as error:
        yield Finding(NONE, str(error), helps)
        return
    for name in names:
        yield Finding(OK, name)
    if not names:
        yield Finding(NONE, "no MIDI output", helps)


def _sound() -> Findings:
    from bridge.sound.output import MiniaudioOutput

    try:
        MiniaudioOutput().close()
    except BeatbridgeError as error:
        yield Finding(NONE, str(error), "without it: --midi, or `play --wav FILE`")
    else:
        yield Finding(OK, "the sound device opens")


def _network() -> Findings:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth,
    ):
        ear.bind((contract.TARGET_HOST, 0))
        ear.settimeout(1.0)
        mouth.sendto(b"heart", ear.getsockname())
        try:
            ear.recv(16)
            yield Finding(OK, "UDP arrives within this machine")
        except TimeoutError:
            yield Finding(FAIL, "UDP does not arrive within this machine", _firewall())
    if _taken(contract.TARGET_PORT):
        yield Finding(OK, f"somebody listens on UDP {contract.TARGET_PORT}")
    else:
        helps = "the Max for Live device opens it; synths have ports of their own"
        yield Finding(NONE, f"nobody listens on UDP {contract.TARGET_PORT}", helps)
    if _taken(contract.LISTEN_PORT):
        helps = "another beatbridge plays; the next one takes a port further up"
        yield Finding(NONE, f"UDP {contract.LISTEN_PORT} is taken", helps)
    else:
        yield Finding(OK, f"UDP {contract.LISTEN_PORT} is free for pings and marks")
    yield Finding(NONE, "from another computer a firewall may stand between", _firewall())


def _firewall() -> str:
    text = _FIREWALLS.get(sys.platform, _FIREWALLS["linux"])
    return text.format(port=contract.TARGET_PORT)


def _taken(port: int, kind: socket.SocketKind = socket.SOCK_DGRAM) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if sys.platform == "win32":  # which else lets two have one port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        try:
            probe.bind((contract.TARGET_HOST, port))
        except OSError:
            return True
    return False


def _panel() -> Findings:
    from bridge.cli.panel import PORT
    from bridge.panel import already

    running = already.address()
    if running is not None:  # its address holds a key, which is nobody's who reads the page
        yield Finding(OK, f"it is open on {running.split('/')[2]}")
    elif _taken(PORT, socket.SOCK_STREAM):
        helps = "beatbridge panel --port 0 takes another"
        yield Finding(FAIL, f"port {PORT} belongs to another program", helps)
    else:
        yield Finding(OK, f"port {PORT} is free for it")


def _device() -> Findings:
    from bridge.cli.device import NAME, packaged, place_in, user_library

    ours = packaged()
    yield Finding(OK, f"{NAME} is in this installation")
    if sys.platform not in ("darwin", "win32"):
        yield Finding(NONE, "Live runs on macOS and Windows only")
        return
    library = user_library(Path.home())
    there = place_in(library) / NAME
    if not library.is_dir():
        yield Finding(NONE, "no User Library of Live", "start Live once, then device install")
    elif not there.is_file():
        yield Finding(NONE, "not yet in Live's User Library", "beatbridge device install")
    elif there.read_bytes() != ours.read_bytes():
        helps = "beatbridge device install keeps the old one and puts ours beside it"
        yield Finding(NONE, "the device in Live's User Library is another version", helps)
    else:
        yield Finding(OK, "it is in Live's User Library")


def _keeping() -> Findings:
    folder = settings.folder()
    above = next(each for each in (folder, *folder.parents) if each.exists())
    if os.access(above, os.W_OK) and above.is_dir():
        yield Finding(OK, f"settings are kept in {_short(folder)}")
    else:
        yield Finding(FAIL, f"{_short(folder)} cannot be written", "whose is it?")
    last = settings.load()
    yield Finding(OK, f"live plays as last time: {last.options()}" if last else "no sensor yet")
    free_mb = shutil.disk_usage(Path.cwd()).free / 1e6
    state = OK if free_mb > 100 else FAIL
    yield Finding(state, f"{free_mb / 1000:.1f} GB are free here for recordings")
    encoding = (sys.stdout.encoding or "").lower()
    if encoding.replace("-", "") == "utf8":
        yield Finding(OK, "the terminal shows every letter (UTF-8)")
    else:
        yield Finding(NONE, f"the terminal's letters are {encoding}", "some will show as ?")


def _short(path: Path) -> str:
    """Without the name of whoever it is: the page is pasted in public."""
    home = Path.home()
    return str(Path("~") / path.relative_to(home)) if path.is_relative_to(home) else str(path)


CHECKS: dict[str, Callable[[], Findings]] = {
    "Versions": _versions,
    "Serial ports": _serial,
    "MIDI outputs": _midi,
    "Sound": _sound,
    "OSC": _network,
    "Panel": _panel,
    "Max for Live device": _device,
    "Extras": _extras,
    "Settings": _keeping,
}
"""Headings, in the order of the page."""
