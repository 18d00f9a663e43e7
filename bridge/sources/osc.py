"""Other programs' OSC: ``osc:PORT``. Signals and intervals become a heart; rates come along.

Read are EmotiBit's Oscilloscope, OpenBCI's GUI, polar2osc, iron-heart and the tools for VRChat, and
any address that ``wave=`` or ``rr=`` names. What such tools send as beats comes from timers of
theirs, and is never taken for one.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bridge.errors import UserError
from bridge.events import BodyChunk, SampleChunk
from bridge.osc.listen import messages
from bridge.printable import printable
from bridge.sources import Item, Notice
from bridge.sources.intervals import RrClock
from bridge.sources.serial.placing import Reading
from bridge.sources.serial.sampling import Sampler
from bridge.sources.spec import SourceEntry, SourceSpec
from bridge.sources.telling import BEATS, Teller

HERE = "127.0.0.1"
WAVE, RR, BODY = "wave", "rr", "body"
TABLE: tuple[tuple[str, str, str, float], ...] = (
    # address, what it is, its name, its unit in s (intervals) or 1
    (r"/EmotiBit/[^/]+/PPG:(?:IR|GRN|RED)", WAVE, "", 1.0),
    (r"/EmotiBit/[^/]+/EDA", BODY, "eda", 1.0),
    (r"/EmotiBit/[^/]+/(?:HR|THERM|TEMP1?)", BODY, "", 1.0),
    (r"/EmotiBit/[^/]+/BI", RR, "", 1e-3),
    (r"/polar/[^/]+/ibi", RR, "", 1 / 1024),  # polar2osc passes the strap's ticks on
    (r"/polar/[^/]+/hr", BODY, "hr", 1.0),
    (r"/openbci/pulse/ibi", RR, "", 1e-3),
    (r"/openbci/pulse/bpm", BODY, "hr", 1.0),
    (r"/avatar/parameters/RRInterval", RR, "", 1e-3),
    (r"/avatar/parameters/(?:HR|Heartrate|HeartRateInt)", BODY, "hr", 1.0),
    (r"/heartbeat/\d+", RR, "", 1e-3),
    (r"/(?:bpm|hr|heart_rate|heartrate)", BODY, "hr", 1.0),
)
PREFERRED = ("IR", "GRN", "RED")
"""Of several waves the first of these is the heart's, the others come along."""
MOST_UNKNOWN = 3
"""Addresses that are told of while none that is known has come."""
SECONDS_BELOW = 10.0
"""An interval of an address that a person has named is in s below this, in ms above."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an address sends."""

    what: str
    name: str
    unit: float | None
    """s a unit of intervals; None: to be told by their size."""


def meaning(address: str, wave: str | None = None, rr: str | None = None) -> Meaning | None:
    """What is sent to this address, or None; ``wave`` and ``rr`` are what a person has named."""
    last = re.sub(r"[^a-z0-9]+", "_", address.rpartition("/")[2].lower()).strip("_")
    if address in (wave, rr):
        return Meaning(WAVE if address == wave else RR, last, None)
    for pattern, what, name, unit in TABLE:
        if re.fullmatch(pattern, address):
            return Meaning(what, name or last, unit)
    return None


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, take: Callable[[str, list[Any]], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        for address, arguments in messages(data):
            self._take(address, arguments)

    def error_received(self, exc: Exception) -> None:
        """Ignore: what others say of our socket is no fault of it."""


class OscSource:
    """Hears one heart on a UDP port."""

    realtime = True

    def __init__(
        self,
        port: int,
        host: str = HERE,
        *,
        wave: str | None = None,
        rr: str | None = None,
        rate_hz: float | None = None,
        beats: str = "true",
    ) -> None:
        """Nothing is opened before ``run``.

        Args:
            port: UDP.
            host: the interface to listen on; 0.0.0.0 hears the whole network.
            wave: an address that sends a heart's signal, or None for those that are known.
            rr: an address that sends intervals, in ms or s.
            rate_hz: of the wave, where it should not be measured.
            beats: ``true`` after a constant delay, or ``predicted``.
        """
        self._port, self._host = port, host
        self._named_wave, self._named_rr = wave, rr
        self._sampler = Sampler(rate_hz)
        self._beats = beats
        self._clock = RrClock()
        self._emit: Callable[[Item], None] = lambda item: None
        self._teller = Teller(lambda beat: None, self._clock)
        self._heart: str | None = None
        self._heard: set[str] = set()
        self._unknown: set[str] = set()
        self._start: float | None = None

    async def run(self, emit: Callable[[Item], None]) -> None:
        """Listen until cancelled.

        Raises:
            UserError: another program has the port.
        """
        self._emit = emit
        self._teller = Teller(emit, self._clock, self._beats)
        loop = asyncio.get_running_loop()
        try:
            transport, _ = await loop.create_datagram_endpoint(
                lambda: _Datagrams(self._take), local_addr=(self._host, self._port)
            )
        except OSError as error:
            raise UserError(
                f"osc:{self._port}: the port is taken by another program, or {self._host} is no "
                f"address of this computer ({error.strerror or error})"
            ) from None
        emit(Notice(f"listening for OSC on {self._host}:{self._port}"))
        try:
            await asyncio.Event().wait()
        finally:
            self._teller.stop()
            transport.close()

    def summary(self) -> list[str]:
        """Intervals that were none."""
        refused = self._clock.refused
        return [f"osc:{self._port}: {refused} intervals came twice, or were none"] * bool(refused)

    def _take(self, address: str, arguments: list[Any]) -> None:
        values = [float(v) for v in arguments if isinstance(v, int | float) and np.isfinite(v)]
        found = meaning(address, self._named_wave, self._named_rr)
        if found is None and values:
            self._say_unknown(address)
        if found is None or not values:
            return
        now = asyncio.get_running_loop().time()
        self._start = now if self._start is None else self._start
        if address not in self._heard:
            self._heard.add(address)
            what = {WAVE: "a signal", RR: "intervals", BODY: f"/body/{found.name}"}[found.what]
            self._emit(Notice(f"{address}: {what}"))
        if found.what == WAVE:
            self._wave(address, found.name, values, now)
        elif found.what == RR:
            self._intervals(values, found.unit, now)
        else:
            self._body(found.name, values, now)

    def _say_unknown(self, address: str) -> None:
        """Who sends what nobody here knows would wait for ever; a few words are enough for that."""
        shown = printable(address)
        if self._heard or shown in self._unknown or len(self._unknown) >= MOST_UNKNOWN:
            return
        self._unknown.add(shown)
        self._emit(
            Notice(
                f"{shown} comes, and is not known here: if it is the heart, say "
                f"osc:{self._port}?rr={shown} for intervals, or ?wave={shown} for its signal"
            )
        )

    def _wave(self, address: str, name: str, values: Sequence[float], now: float) -> None:
        if self._heart is None or _rank(address) < _rank(self._heart):
            if self._heart is not None and self._sampler.rate_hz is not None:
                self._body(name, values, now)  # too late to change over
                return
            self._heart = address
        if address != self._heart:
            self._body(name, values, now)
            return
        readings: list[Reading] = [(value,) for value in values]
        try:
            runs = self._sampler.add(readings, now)
        except ValueError as error:
            raise UserError(f"osc:{self._port}: {address}: {error}") from None
        for remark in self._sampler.remarks:
            self._emit(Notice(f"{address}: {remark}"))
        self._sampler.remarks.clear()
        for run in runs:
            for t, part in run.column(0):
                self._emit(SampleChunk(t, run.rate_hz, part, run.arrival_t))

    def _intervals(self, values: Sequence[float], unit: float | None, now: float) -> None:
        rr_s = [v * (unit if unit else (1.0 if v < SECONDS_BELOW else 1e-3)) for v in values]
        self._teller.take(self._clock.push(rr_s, now))

    def _body(self, name: str, values: Sequence[float], now: float) -> None:
        """Other values, as they come: nobody says how many a second."""
        assert self._start is not None
        self._emit(BodyChunk(now - self._start, name, 1.0, np.array(values[-1:])))


def _rank(address: str) -> int:
    return next((i for i, end in enumerate(PREFERRED) if address.endswith(end)), len(PREFERRED))


def _open(spec: SourceSpec, speed: float) -> OscSource:
    host, _, port = spec.target.rpartition(":")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise UserError(
            f"source {spec.text}: name a UDP port, as in osc:12345 (or osc:0.0.0.0:12345 for "
            "messages of other computers and phones)"
        )
    if speed != 1.0:
        raise UserError("--speed is for recordings and the simulator; OSC has its own time")
    return OscSource(
        int(port),
        host or HERE,
        wave=spec.options.get("wave"),
        rr=spec.options.get("rr"),
        rate_hz=spec.number("rate", None, 1.0, 2000.0),
        beats=spec.choice("beats", BEATS),
    )


ENTRY = SourceEntry(_open, frozenset({"wave", "rr", "rate", "kind", "beats"}))
