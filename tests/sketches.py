"""What well-known sketches print, byte for byte, and the cables and radios it comes through.

The forms are those of PulseSensor Playground 2, SparkFun's MAX3010x and AD8232 examples, the
Arduino and Teleplot plotters, and of sketches for ECG and skin conductance found in public.
"""

from collections.abc import Callable, Iterable

import numpy as np

from bridge.events import Beat, SampleChunk
from bridge.pipeline import Pipeline
from bridge.simulate.heart import Heart, HeartSimulator
from bridge.sources import Item, Notice
from bridge.sources.serial.readings import Readings
from bridge.sources.serial.sampling import Sampler

Lines = list[bytes]

BOOT = (
    b"ets Jun  8 2016 00:22:57\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"
    b"configsip: 0, SPIWP:0xee\r\nclk_drv:0x00,q_drv:0x00,d_drv:0x00\r\nmode:DIO, clock div:1\r\n"
    b"load:0x3fff0030,len:1184\r\nho 0 tail 12 room 4\r\nentry 0x400805e4\r\n"
)


def pulse(rate_hz: float, seconds: float, **heart) -> list[int]:
    """A finger on a 10-bit pulse sensor, at the instants that the board reads it."""
    heart = {"bpm": 75.0, "amplitude": 200.0, "offset": 450.0, **heart}
    made = HeartSimulator(Heart(rate_hz=rate_hz, **heart)).take(round(rate_hz * seconds))
    return np.rint(made.values).astype(int).tolist()


def ecg(rate_hz: float, seconds: float, **heart) -> list[int]:
    """An AD8232 on a 12-bit converter."""
    return pulse(rate_hz, seconds, kind="ecg", amplitude=900.0, offset=1800.0, **heart)


def optical(rate_hz: float, seconds: float, level: int, **heart) -> list[int]:
    """A MAX30102's counts: a pulse goes down, and is a hundredth of the whole."""
    return pulse(rate_hz, seconds, amplitude=-0.012 * level, offset=float(level), **heart)


def conductance(rate_hz: float, seconds: float) -> list[int]:
    """Skin conductance on a 12-bit converter: slow, with two responses a minute, and its noise."""
    t = np.arange(round(rate_hz * seconds)) / rate_hz
    rng = np.random.default_rng(4)
    slow = 1400 + 2.0 * t + 60 * np.maximum(0, np.sin(2 * np.pi * t / 30)) ** 3
    return np.rint(slow + rng.normal(0, 1.5, len(t))).astype(int).tolist()


def breathing(rate_hz: float, seconds: float) -> list[int]:
    """A breath belt, 14 a minute."""
    t = np.arange(round(rate_hz * seconds)) / rate_hz
    noise = np.random.default_rng(5).normal(0, 1.0, len(t))
    return np.rint(500 + 80 * np.sin(2 * np.pi * t * 14 / 60) + noise).astype(int).tolist()


# ---- links: arrivals of lines (or readings) sent at even times ----------------------------------


def usb(times: Iterable[float], seed: int = 1, period: float = 0.016) -> list[float]:
    """An FTDI adapter: what was sent is handed over every 16 ms, now and then a little late."""
    rng = np.random.default_rng(seed)
    arrivals = (np.floor(np.asarray(list(times)) / period) + 1) * period
    late = {tick: rng.exponential(0.002) for tick in np.unique(arrivals).tolist()}
    return [float(tick + late[tick]) for tick in arrivals.tolist()]


def direct(times: Iterable[float]) -> list[float]:
    """A board's own USB: half a millisecond."""
    return [float(t) + 0.0005 for t in times]


def bluetooth(times: Iterable[float], seed: int = 2) -> list[float]:
    """Bluetooth serial or a network bridge: bursts 0.2 to 0.6 s apart."""
    rng = np.random.default_rng(seed)
    times = np.asarray(list(times))
    ticks = np.cumsum(rng.uniform(0.2, 0.6, round(times[-1] / 0.2) + 10))
    arrivals = ticks[np.searchsorted(ticks, times, side="right")]
    late = {tick: 0.02 + rng.exponential(0.01) for tick in np.unique(arrivals).tolist()}
    return [float(tick + late[tick]) for tick in arrivals.tolist()]


def even(count: int, rate_hz: float) -> list[float]:
    """The times of so many readings."""
    return (np.arange(count) / rate_hz).tolist()


def grouped(lines: Lines, arrivals: list[float]) -> list[tuple[bytes, float]]:
    """As ``deliveries``, in one pass over lines in the order of their arrival."""
    found: list[tuple[bytes, float]] = []
    for line, arrival in zip(lines, arrivals, strict=True):
        if found and found[-1][1] == arrival:
            found[-1] = (found[-1][0] + line, arrival)
        else:
            found.append((line, arrival))
    return found


class Heard:
    """What a whole bridge makes of a stream: its items, and the beats of a pipeline behind it."""

    def __init__(
        self,
        stream: Iterable[tuple[bytes, float]],
        *,
        rate_hz: float | None = None,
        protocol: str = "auto",
        kind: str = "auto",
        column: str | None = None,
    ) -> None:
        self.sampler = Sampler(rate_hz)
        self.readings = Readings(self.sampler, protocol, kind, column)
        self.pipeline = Pipeline(kind)
        self.items: list[Item] = []
        self.beats: list[Beat] = []
        self.at: list[float] = []
        """When each beat was told, s on the arrivals' clock."""
        self.said_at: dict[str, float] = {}
        for data, arrival in stream:
            for item in self.readings.feed(data, arrival):
                self.items.append(item)
                if isinstance(item, Notice):
                    self.said_at.setdefault(item.text, arrival)
                if isinstance(item, SampleChunk):
                    for event in self.pipeline.push(item):
                        if isinstance(event, Beat):
                            self.beats.append(event)
                            self.at.append(arrival)

    @property
    def notices(self) -> list[str]:
        return [item.text for item in self.items if isinstance(item, Notice)]

    @property
    def chunks(self) -> list[SampleChunk]:
        return [item for item in self.items if isinstance(item, SampleChunk)]

    @property
    def values(self) -> list[float]:
        return [value for chunk in self.chunks for value in chunk.values.tolist()]

    def body(self, name: str) -> list[float]:
        return [
            value
            for item in self.items
            if getattr(item, "name", None) == name
            for value in item.values.tolist()  # type: ignore[union-attr]
        ]


def lines_of(form: Callable[..., bytes], *columns: Iterable) -> Lines:
    """One line for each instant."""
    return [form(*values) for values in zip(*columns, strict=True)]
