"""What a running heart looks like: a panel on a terminal, plain lines in a pipe."""

from collections import deque
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bridge.events import Beat, Event, HrvSnapshot, Quality, SampleChunk, Status, Wave

REFRESH_A_SECOND = 20
FLASH_FRAMES = 4
BARS = " ▁▂▃▄▅▆▇█"
STATE_STYLE = {"live": "bold green", "searching": "yellow", "lost": "bold red"}


class Screen:
    """Shows beats and values as they come. On a terminal it redraws; in a pipe it prints lines."""

    def __init__(self, title: str) -> None:
        self.console = Console(highlight=False)
        self._title = title
        self._plain = not self.console.is_terminal
        self._values: dict[str, float] = {}
        self._state = "searching"
        self._beats = 0
        self._ibis_ms: deque[float] = deque(maxlen=200)
        self._wave: deque[float] = deque(maxlen=400)
        self._flash = 0
        self._pending: tuple[float, int] | None = None
        self._live = Live(
            console=self.console,
            get_renderable=self.panel,
            refresh_per_second=REFRESH_A_SECOND,
            transient=True,
        )

    def __enter__(self) -> Self:
        """Start drawing."""
        if not self._plain:
            self._live.start(refresh=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop drawing, and leave the terminal as it was."""
        self._line()
        if not self._plain:
            self._live.stop()

    def beat(self, t: float, number: int) -> None:
        """A beat sounded, ``t`` seconds into the session."""
        self._line()
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
            self.notice(
                f"the heart is {state}" if state != "searching" else "searching for a heart"
            )

    def notice(self, text: str) -> None:
        """A line that stays."""
        self._line()
        style = None if self._plain else "dim"
        self.console.print(text, style=style, soft_wrap=True, markup=False, emoji=False)

    def _line(self) -> None:
        """In a pipe: print the last beat, once the values that follow it have come."""
        if self._plain and self._pending is not None:
            t, number = self._pending
            print(f"{t:9.3f} s  beat {number:<5d}{self._measures()}", flush=True)
        self._pending = None

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

    def panel(self) -> RenderableType:
        """What a terminal shows now."""
        # Narrower than the terminal: the ^C that it echoes must not start a new line.
        width = max(10, min(self.console.width - 3, 100) - 6)
        heart = Text("♥ ", style="bold red" if self._flash else "red dim")
        self._flash = max(0, self._flash - 1)
        heart.append(self._number("bpm", ".0f"), style="bold")
        heart.append(" bpm   ", style="dim")
        heart.append(self._state, style=STATE_STYLE.get(self._state, ""))
        table = Table.grid(padding=(0, 3))
        for _ in range(5):
            table.add_column()
        table.add_row(
            *(Text(head, style="dim") for head in ("beat", "IBI", "RMSSD", "SDNN", "quality"))
        )
        table.add_row(
            str(self._beats),
            self._number("ibi", ".0f", " ms"),
            self._number("hrv/rmssd", ".1f", " ms"),
            self._number("hrv/sdnn", ".1f", " ms"),
            self._bar("quality"),
        )
        wave = Text(_bars(list(self._wave)[-width:], 0.0, 1.0), style="red")
        ibis = list(self._ibis_ms)[-width:]
        low, high = (min(ibis), max(ibis)) if ibis else (0.0, 0.0)
        spread = Text(_bars(ibis, low, high), style="cyan")
        scale = Text(f"intervals {low:.0f}-{high:.0f} ms" if ibis else "intervals", style="dim")
        return Panel(
            Group(heart, wave, Text(), table, Text(), scale, spread),
            title=Text(self._title),
            title_align="left",
            width=width + 6,
            padding=(1, 2),
        )

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


class ScreenSink:
    """Shows what the pipeline says, for ``beatbridge live``."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._beats = 0

    def samples(self, chunk: SampleChunk) -> None:
        """The raw signal is not shown; its Wave points are."""

    def event(self, event: Event, age_s: float) -> None:
        """Show one event."""
        if isinstance(event, Wave):
            self._screen.value("wave", event.value)
        elif isinstance(event, Beat):
            if not event.late:
                self._beats += 1
                self._screen.beat(event.t, self._beats)
                for name, value in (("ibi", event.ibi_ms), ("bpm", event.bpm)):
                    if value is not None:
                        self._screen.value(name, value)
        elif isinstance(event, HrvSnapshot):
            for name, value in (
                ("hrv/rmssd", event.rmssd_ms),
                ("hrv/sdnn", event.sdnn_ms),
            ):
                if value is not None:
                    self._screen.value(name, value)
        elif isinstance(event, Quality):
            self._screen.value("quality", event.value)
        elif isinstance(event, Status):
            self._screen.state(event.state.value)

    def close(self) -> None:
        """The screen is closed by who opened it."""
