"""``serial:PORT``: what may stand in a SOURCE for a sensor on a serial port."""

from bridge.detect import DETECTORS
from bridge.errors import UserError
from bridge.sources.serial.protocols import BY_NAME
from bridge.sources.serial.source import SerialSource
from bridge.sources.spec import SourceEntry, SourceSpec


def _open(spec: SourceSpec, speed: float) -> SerialSource:
    if not spec.target:
        raise UserError(
            f"source {spec.text}: name a port, as in serial:COM3 or "
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
        column=spec.options.get("column") or None,
        kind=spec.choice("kind", tuple(DETECTORS)),
    )


ENTRY = SourceEntry(_open, frozenset({"baud", "protocol", "rate", "kind", "sensor", "column"}))
