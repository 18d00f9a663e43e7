"""The SOURCE argument: ``sim?bpm=72``, ``serial:PORT?baud=115200``, ``csv:FILE?rate=100``."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import overload
from urllib.parse import parse_qsl

from bridge.detect import DETECTORS
from bridge.errors import UserError
from bridge.sources import Source

SIM_KINDS = ("ppg", "ecg")


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
                f"--source {self.text}: {key}={self.options[key]} should be a number "
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
            raise UserError(f"--source {self.text}: {key}={value} should be {' or '.join(choices)}")
        return value


def parse(text: str) -> SourceSpec:
    """Split a SOURCE. Windows paths and ports (``csv:C:\\a.csv``, ``serial:COM3``) stay whole."""
    body, question, query = text.rpartition("?")
    if not question or "=" not in query:
        body, query = text, ""
    scheme, _, target = body.partition(":")
    return SourceSpec(text, scheme.lower(), target, dict(parse_qsl(query, keep_blank_values=True)))


def _sim(spec: SourceSpec, speed: float) -> Source:
    from bridge.simulate.heart import Heart
    from bridge.sources.sim import SimSource

    heart = Heart(
        kind=spec.choice("kind", SIM_KINDS),
        rate_hz=spec.number("rate", 250.0, 25.0, 2000.0),
        bpm=spec.number("bpm", 72.0, 30.0, 220.0),
        seed=int(spec.number("seed", 1.0, 0.0, 2**31)),
    )
    return SimSource(heart, speed)


def _csv(spec: SourceSpec, speed: float) -> Source:
    from bridge.sources.replay import ReplaySource

    if not spec.target:
        raise UserError(f"--source {spec.text}: name a file, as in csv:session.csv")
    return ReplaySource(
        Path(spec.target),
        rate_hz=spec.number("rate", None, 1.0, 20_000.0),
        kind=spec.choice("kind", ("auto", "ecg", "ppg", "ema", "beats")),
        speed=speed,
    )


def _serial(spec: SourceSpec, speed: float) -> Source:
    from bridge.sources.serial.protocols import BY_NAME
    from bridge.sources.serial.source import SerialSource

    if not spec.target:
        raise UserError(
            f"--source {spec.text}: name a port, as in serial:COM3 or "
            "serial:/dev/ttyACM0 (beatbridge devices lists them)"
        )
    if speed != 1.0:
        raise UserError("--speed is for recordings and the simulator; a sensor has its own time")
    return SerialSource(
        spec.target,
        baud=int(spec.number("baud", 115_200, 300, 4_000_000)),
        protocol=spec.choice("protocol", ("auto", "frames", *BY_NAME)),
        rate_hz=spec.number("rate", None, 1.0, 20_000.0),
        sensor=int(spec.choice("sensor", ("1", "2"))),
    )


_SCHEMES: dict[str, tuple[Callable[[SourceSpec, float], Source], frozenset[str]]] = {
    "sim": (_sim, frozenset({"bpm", "rate", "kind", "seed"})),
    "csv": (_csv, frozenset({"rate", "kind"})),
    "serial": (_serial, frozenset({"baud", "protocol", "rate", "kind", "sensor"})),
}


def open_source(text: str, speed: float = 1.0) -> Source:
    """Return the source that SOURCE names; nothing is opened before it runs.

    Args:
        text: the SOURCE.
        speed: of replay: 1 is real time, 0 as fast as possible.

    Raises:
        UserError: an unknown scheme, key or value.
    """
    spec = parse(text)
    if spec.scheme not in _SCHEMES:
        known = ", ".join(f"{name}:" if name != "sim" else name for name in _SCHEMES)
        raise UserError(f"--source {text}: should start with one of {known}")
    make, keys = _SCHEMES[spec.scheme]
    for key in spec.options:
        if key not in keys:
            raise UserError(
                f"--source {text}: {spec.scheme} has no {key}=; it has "
                f"{', '.join(f'{name}=' for name in sorted(keys))}"
            )
    return make(spec, speed)


def signal_kind(text: str) -> str:
    """The detector the SOURCE asks for with ``kind=``, or ``auto``; the simulator knows its own.

    Raises:
        UserError: no such kind.
    """
    spec = parse(text)
    if spec.scheme == "sim":
        return spec.choice("kind", SIM_KINDS)
    return "auto" if spec.options.get("kind") == "beats" else spec.choice("kind", tuple(DETECTORS))
