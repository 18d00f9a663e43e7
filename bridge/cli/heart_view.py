"""What a screen knows of one heart, and how it draws it: large when alone, a row among others."""

from collections import deque
from collections.abc import Callable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bridge.cli import braille
from bridge.events import (
    Battery,
    Beat,
    Contact,
    Event,
    Foretold,
    HrvSnapshot,
    Link,
    Quality,
    SampleChunk,
    Status,
    Wave,
)

FLASH_FRAMES = 4
SCOPE_ROWS = 3
BARS = " ▁▂▃▄▅▆▇█"
STATE_STYLE = {"live": "bold green", "searching": "yellow", "lost": "bold red"}
LINK_WORDS = {
    Link.CONNECTED: "the sensor is in touch",
    Link.NO_CONTACT: "the sensor is connected, but touches no skin",
    Link.RECONNECTING: "the sensor is out of reach; looking for it",
}
LOW_BATTERY_PERCENT = 20
COLUMNS = ("", "bpm", "", "beat", "IBI", "RMSSD", "quality")
"""Heads of the table in which several hearts have a row each."""


class HeartView:
    """Takes beats and values as they come, and prints a line a beat where there is no terminal."""

    def __init__(self, name: str, say: Callable[[str], None], prints: bool) -> None:
        """Begin empty.

        Args:
            name: empty for a heart that is alone.
            say: shows a line that stays.
            prints: whether each beat is a line.
        """
        self.name = name
        self._say = say
        self._prints = prints
        self._values: dict[str, float] = {}
        self._state = "searching"
        self._predicted = False
        self._link = Link.CONNECTED
        self._battery: int | None = None
        self._beats = 0
        self._ibis_ms: deque[float] = deque(maxlen=200)
        self._wave: deque[float] = deque(maxlen=400)
        self._flash = 0
        self._pending: tuple[float, int] | None = None

    def beat(self, t: float, number: int) -> None:
        """A beat sounded, ``t`` seconds into the session."""
        self.line()
        self._beats = number
        self._flash = FLASH_FRAMES
        self._pending = (t, number)

    def value(self, name: str, value: float) -> None:
        """A measure has a new value; names are those of the OSC contract (``hrv/rmssd``)."""
        if name == "wave":
            self._wave.append(value)
            return
        self._values[name] = value
        if name == "ibi":
            self._ibis_ms.append(value)

    def state(self, state: str) -> None:
        """The state: searching, live or lost."""
        if state != self._state:
            self._state = state
            heart = self.name or "the heart"
            self._say(
                f"{heart} is {state}" if state != "searching" else f"searching for {self._a_heart}"
            )

    def predicted(self) -> None:
        """The beats that sound are predicted."""
        self._predicted = True

    def link(self, link: Link) -> None:
        """How far the sensor is in touch."""
        if link is not self._link:
            self._link = link
            self._say(f"{self._prefix}{LINK_WORDS[link]}")

    def battery(self, percent: int) -> None:
        """What is left of the sensor's charge; said at first, and when it runs low."""
        low = percent <= LOW_BATTERY_PERCENT
        if self._battery is None or (low and self._battery > LOW_BATTERY_PERCENT):
            self._say(f"{self._prefix}the sensor's battery is at {percent} %")
        self._battery = percent

    def line(self) -> None:
        """In a pipe: print the last beat, once the values that follow it have come."""
        if self._prints and self._pending is not None:
            t, number = self._pending
            name = f"{self.name}  " if self.name else ""
            print(f"{t:9.3f} s  {name}beat {number:<5d}{self._measures()}", flush=True)
        self._pending = None

    def large(self, width: int, *, fine: bool = True) -> RenderableType:
        """The heart alone on a terminal, so many characters wide; ``fine`` where it has braille."""
        head = self._head()
        head.append(self._number("bpm", ".0f"), style="bold")
        head.append(" bpm   ", style="dim")
        head.append_text(self._condition())
        table = Table.grid(padding=(0, 3))
        for _ in range(5):
            table.add_column()
        table.add_row(
            *(Text(name, style="dim") for name in ("beat", "IBI", "RMSSD", "SDNN", "quality"))
        )
        table.add_row(
            str(self._beats),
            self._number("ibi", ".0f", " ms"),
            self._number("hrv/rmssd", ".1f", " ms"),
            self._number("hrv/sdnn", ".1f", " ms"),
            self._bar("quality"),
        )
        ibis = list(self._ibis_ms)[-width:]
        low, high = (min(ibis), max(ibis)) if ibis else (0.0, 0.0)
        scale = Text(f"intervals {low:.0f}-{high:.0f} ms" if ibis else "intervals", style="dim")
        spread = Text(_bars(ibis, low, high), style="cyan")
        wave = self._curve(width) if fine else self.scope(width)
        return Group(head, wave, Text(), table, Text(), scale, spread)

    def row(self) -> list[Text]:
        """The heart as a row of ``COLUMNS``."""
        return [
            self._head().append(self.name, style="bold"),
            Text(self._number("bpm", ".0f")),
            self._condition(),
            Text(str(self._beats)),
            Text(self._number("ibi", ".0f", " ms")),
            Text(self._number("hrv/rmssd", ".1f", " ms")),
            self._bar("quality"),
        ]

    def scope(self, width: int) -> Text:
        """The last so many points of its signal; empty where there is no room."""
        points = list(self._wave)[-width:] if width > 0 else []
        return Text(_bars(points, 0.0, 1.0), style="red")

    def _curve(self, width: int) -> Text:
        """The same, large; where there is nothing yet it takes the same room."""
        points = list(self._wave)[-braille.POINTS_A_LETTER * width :] if width > 0 else []
        return Text("\n".join(braille.curve(points, SCOPE_ROWS)), style="red")

    @property
    def _prefix(self) -> str:
        return f"{self.name}: " if self.name else ""

    @property
    def _a_heart(self) -> str:
        return self.name or "a heart"

    def _head(self) -> Text:
        heart = Text("♥ ", style="bold red" if self._flash else "red dim")
        self._flash = max(0, self._flash - 1)
        return heart

    def _condition(self) -> Text:
        """Its state; what the sensor says of itself, where that is worth a word."""
        words = Text(self._state, style=STATE_STYLE.get(self._state, ""))
        if self._predicted:
            words.append(", beats predicted", style="yellow")
        if self._link is not Link.CONNECTED:
            words = Text(self._link.value, style="bold red")
        if self._battery is not None and self._battery <= LOW_BATTERY_PERCENT:
            words.append(f" battery {self._battery} %", style="yellow")
        return words

    def _measures(self) -> str:
        parts = [
            f"{self._values[key]:{width}} {unit}"
            for key, width, unit in (
                ("ibi", "5.0f", "ms"),
                ("bpm", "6.1f", "bpm"),
                ("hrv/rmssd", "6.1f", "ms RMSSD"),
            )
            if key in self._values
        ]
        return "  ".join(parts)

    def _number(self, name: str, form: str, unit: str = "") -> str:
        return f"{self._values[name]:{form}}{unit}" if name in self._values else "–"

    def _bar(self, name: str) -> Text:
        if name not in self._values:
            return Text("–")
        value = self._values[name]
        style = "green" if value > 0.6 else "yellow" if value > 0.3 else "red"
        return Text("█" * round(8 * value) + "░" * (8 - round(8 * value)), style=style)


def _bars(values: list[float], low: float, high: float) -> str:
    span = high - low
    if span <= 0.0:
        return BARS[4] * len(values)
    top = len(BARS) - 1
    return "".join(BARS[1 + round((value - low) / span * (top - 1))] for value in values)


class HeartViewSink:
    """Shows what the pipeline says of one heart."""

    def __init__(self, view: HeartView) -> None:
        self._view = view
        self._beats = 0

    def samples(self, chunk: SampleChunk) -> None:
        """The raw signal is not shown; its Wave points are."""

    def event(self, event: Event, age_s: float) -> None:
        """Show one event."""
        view = self._view
        if isinstance(event, Wave):
            view.value("wave", event.value)
        elif isinstance(event, Beat):
            if not event.late:
                self._beats += 1
                view.beat(event.t, self._beats)
                self._values(("ibi", event.ibi_ms), ("bpm", event.bpm))
        elif isinstance(event, HrvSnapshot):
            self._values(("hrv/rmssd", event.rmssd_ms), ("hrv/sdnn", event.sdnn_ms))
        elif isinstance(event, Quality):
            view.value("quality", event.value)
        elif isinstance(event, Status):
            view.state(event.state.value)
        elif isinstance(event, Foretold):
            view.predicted()
        elif isinstance(event, Contact):
            view.link(event.link)
        elif isinstance(event, Battery):
            view.battery(event.percent)

    def close(self) -> None:
        """The screen is closed by who opened it."""

    def _values(self, *named: tuple[str, float | None]) -> None:
        for name, value in named:
            if value is not None:
                self._view.value(name, value)
