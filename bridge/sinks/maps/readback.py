"""Asks a running program what it made of a value: one way of asking for each that can answer.

How each is asked: its own OSC interface, tried against the program (AbletonOSC: read only).
"""

import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pythonosc.osc_message import OscMessage, ParseError
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.errors import UserError
from bridge.osc.contract import Target
from bridge.patchbay.message import OscForm

WAIT_SECONDS = 2.0
_ABLETONOSC_ANSWERS = 11001
_SONG_SECONDS = 10.0


class Asker:
    """A socket that sends to a program and waits for what it answers."""

    def __init__(self, target: Target, port: int = 0) -> None:
        """Open it; ``port`` where the program answers to one that is fixed.

        Raises:
            UserError: the port is taken.
        """
        self._target = target
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.bind(("127.0.0.1" if target[0].startswith("127.") else "", port))
        except OSError as error:
            self._socket.close()
            raise UserError(f"UDP port {port}, where the answer comes: {error.strerror}") from None
        self.port: int = self._socket.getsockname()[1]

    def __enter__(self) -> "Asker":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, address: str, *arguments: int | float | str) -> None:
        """Send one message; whole numbers as ``i``, others as ``f``, words as ``s``."""
        builder = OscMessageBuilder(address)
        for argument in arguments:
            builder.add_arg(argument)
        self._socket.sendto(builder.build().dgram, self._target)

    def answer(self, address: str) -> list[Any] | None:
        """The arguments of the next message at an address; None if it does not come in time."""
        until = time.monotonic() + WAIT_SECONDS
        while (left := until - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                message = OscMessage(self._socket.recv(65_536))
            except TimeoutError:
                return None
            except (ParseError, OSError):  # Windows says here that nobody listens there
                continue
            if message.address == address:
                return list(message.params)
        return None


Read = Callable[[Target, OscForm], float | None]


def _fixed(form: OscForm) -> list[int | float | str]:
    casts: dict[str, Callable[[str], int | float | str]] = {"i": int, "f": float}
    return [casts.get(tag, str)(fixed) for tag, fixed in form.arguments if fixed is not None]


def _zyn(target: Target, form: OscForm) -> float | None:
    """ZynAddSubFX answers an address without arguments with its value."""
    with Asker(target) as asker:
        asker.send(form.address)
        found = asker.answer(form.address)
    return float(found[0]) if found else None


def _scsynth(target: Target, form: OscForm) -> float | None:
    """scsynth: ``/s_get`` answers with ``/n_set``, ``/c_get`` with ``/c_set``."""
    ask = {"/n_set": "/s_get", "/c_set": "/c_get"}.get(form.address)
    if ask is None:
        return None
    with Asker(target) as asker:
        asker.send(ask, *_fixed(form))
        found = asker.answer(form.address)
    return float(found[-1]) if found else None


def _sooperlooper(target: Target, form: OscForm) -> float | None:
    """SooperLooper answers ``get`` to a URL and an address that the question names."""
    if not form.address.endswith("/set"):
        return None
    with Asker(target) as asker:
        where = f"osc.udp://127.0.0.1:{asker.port}"
        asker.send(form.address.removesuffix("set") + "get", *_fixed(form), where, "/answer")
        found = asker.answer("/answer")
    return float(found[-1]) if found else None


def _abletonosc(target: Target, form: OscForm) -> float | None:
    """AbletonOSC: ``get`` in the place of ``set``, answered to a port of its own."""
    ask = form.address.replace("/set/", "/get/")
    with Asker(target, _ABLETONOSC_ANSWERS) as asker:
        asker.send(ask, *_fixed(form))
        found = asker.answer(ask)
    return float(found[-1]) if found else None


def _hydrogen(target: Target, form: OscForm) -> float | None:
    """Hydrogen has no questions: it saves its song, and the song is read."""
    command, _, number = form.address.removeprefix("/Hydrogen/").partition("/")
    if command not in _IN_SONG:
        return None
    with tempfile.TemporaryDirectory() as folder, Asker(target) as asker:
        song = Path(folder) / "beatbridge.h2song"
        asker.send("/Hydrogen/SAVE_SONG_AS", str(song))
        until = time.monotonic() + _SONG_SECONDS
        while time.monotonic() < until:
            text = song.read_text(encoding="utf-8") if song.exists() else ""
            if "</song>" in text:
                return _in_song(text, command, int(number) if number else 0)
            time.sleep(0.05)
    return None


_IN_SONG: dict[str, Callable[[Callable[[str], float]], float]] = {
    "BPM": lambda field: field("bpm"),
    "FILTER_CUTOFF_LEVEL_ABSOLUTE": lambda field: 127.0 * field("filterCutoff"),
    # The louder side is 1; 0 is left alone, 0.5 the middle.
    "PAN_ABSOLUTE": lambda field: (1.0 + field("pan_R") - field("pan_L")) / 2.0,
}
"""How a song says what a command set."""


def _in_song(text: str, command: str, instrument: int) -> float:
    if instrument:
        text = text.split("<instrument>")[instrument]

    def field(name: str) -> float:
        return float(text.partition(f"<{name}>")[2].partition("<")[0])

    return _IN_SONG[command](field)


READERS: dict[str, Read] = {
    "zyn": _zyn,
    "scsynth": _scsynth,
    "sooperlooper": _sooperlooper,
    "abletonosc": _abletonosc,
    "hydrogen": _hydrogen,
}
"""By the ``read_back`` of a map, as ``keys.READ_BACK`` lists them."""
