"""The SOURCE argument: ``sim?bpm=72``, ``serial:PORT?baud=115200``, ``csv:FILE?rate=100``."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import cast, overload
from urllib.parse import parse_qsl

from bridge.detect import DETECTORS
from bridge.errors import UserError
from bridge.sources import Source


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A parsed SOURCE: ``scheme:target?key=value&...``."""

    text: str
    scheme: str
    target: str
    options: dict[str, str]

    @overload
    def number(self, key: str, default: float, low: float, high: float) -> float: ...
    @overload
    def number(self, key: str, default: None, low: float, high: float) -> float | None: ...
    def number(self, key: str, default: float | None, low: float, high: float) -> float | None:
        """The option as a number between low and high, or the default where it is absent.

        Raises:
            UserError: not a number, or out of range.
        """
        if key not in self.options:
            return default
        try:
            value = float(self.options[key])
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise UserError(
                f"source {self.text}: {key}={self.options[key]} should be a number "
                f"from {low:g} to {high:g}"
            )
        return value

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """The option, which must be one of the choices; the first is the default.

        Raises:
            UserError: another value.
        """
        value = self.options.get(key, choices[0])
        if value not in choices:
            raise UserError(f"source {self.text}: {key}={value} should be {' or '.join(choices)}")
        return value


def parse(text: str) -> SourceSpec:
    """Split a SOURCE. Windows paths and ports (``csv:C:\\a.csv``, ``serial:COM3``) stay whole."""
    body, question, query = text.rpartition("?")
    if not question or "=" not in query:
        body, query = text, ""
    scheme, _, target = body.partition(":")
    return SourceSpec(text, scheme.lower(), target, dict(parse_qsl(query, keep_blank_values=True)))


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """What a source's module defines as ``ENTRY``."""

    open: Callable[[SourceSpec, float], Source]
    """Makes the source of a SOURCE and a speed; raises UserError for a wrong one."""
    options: frozenset[str] = frozenset()
    """What may follow the ``?``."""
    kinds: tuple[str, ...] = ()
    """What ``kind=`` may be, the first without it; empty: any detector."""


SOURCES: dict[str, str] = {
    "sim": "bridge.sources.sim",
    "csv": "bridge.sources.replay",
    "serial": "bridge.sources.serial.spec",
    "ble": "bridge.sources.ble.source",
    "osc": "bridge.sources.osc",
    "lsl": "bridge.sources.lsl",
    "board": "bridge.sources.board",
}
"""The module of each scheme. To add a source: a module with an ``ENTRY``, and a line here."""


def _entry(spec: SourceSpec) -> SourceEntry:
    if spec.scheme not in SOURCES:
        known = ", ".join(f"{name}:" if name != "sim" else name for name in SOURCES)
        raise UserError(f"source {spec.text}: should start with one of {known}")
    return cast(SourceEntry, import_module(SOURCES[spec.scheme]).ENTRY)


def open_source(text: str, speed: float = 1.0, beats: str | None = None) -> Source:
    """Return the source that SOURCE names; nothing is opened before it runs.

    Args:
        text: the SOURCE.
        speed: of replay: 1 is real time, 0 as fast as possible.
        beats: ``true`` or ``predicted``, for sources whose beats are known late and that do not
            say it themselves.

    Raises:
        UserError: an unknown scheme, key or value.
    """
    spec = parse(text)
    entry = _entry(spec)
    if beats is not None and "beats" in entry.options:
        spec.options.setdefault("beats", beats)
    for key in spec.options:
        if key not in entry.options:
            known = ", ".join(f"{name}=" for name in sorted(entry.options)) or "none"
            raise UserError(f"source {text}: {spec.scheme} has no {key}=; it has {known}")
    return entry.open(spec, speed)


def signal_kind(text: str) -> str:
    """The detector the SOURCE asks for with ``kind=``, or the one that fits the source.

    Raises:
        UserError: no such kind.
    """
    spec = parse(text)
    kind = spec.choice("kind", _entry(spec).kinds or (*DETECTORS, "beats"))
    return "auto" if kind == "beats" else kind
