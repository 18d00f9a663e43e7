"""The folded face: the heart, the note that a beat plays, and a level for every mapping row.

``layout`` says where a section sits; what folds away lies right of ``FOLDED`` (``face_more``).
"""

from dataclasses import dataclass

from bridge.osc import contract
from max_for_live.patch import controls as c
from max_for_live.patch.controls import Parameter, Shown, Unit
from max_for_live.patch.display import READOUTS
from max_for_live.patch.patcher import Box, Patch

ROWS = 8
HEART_X, PLAY_X, LEVELS_X, FOLDED = 8, 180, 358, 402
TITLE_Y, TOP_Y, ROW_STEP = 4, 22, 18
MODES = ("Off", "Beat", "Grid")
NO_STYLE = "Grid: –"
NO_VERSION = "No bridge has spoken yet"


def title(p: Patch, x: int, width: int, text: str, y: int = TITLE_Y) -> None:
    """The name of a section."""
    c.label(p, (x, y, width, 14), text, size=11.0)


@dataclass(frozen=True, slots=True)
class Heart:
    """Display and connection."""

    lamp: Box
    line: Box
    version: Box
    wave: Box
    beat: Box
    texts: tuple[Box, ...]
    which: Box
    port: Box
    relearn: Box
    mark: Box


def heart(p: Patch) -> Heart:
    """The display at the left edge."""
    x = HEART_X
    lamp = c.panel(p, (x, 7, 9, 9), (0.45, 0.45, 0.45, 1.0), shape=1)
    line = c.label(p, (x + 14, TITLE_Y, 146, 14), "Waiting for the bridge", size=11.0)
    c.screen(p, (x, TOP_Y, 160, 88))
    wave = p.ui(
        "multislider", (x + 6, TOP_Y + 5, 98, 48), setstyle=3, settype=1, setminmax=[0.0, 1.0],
        size=1, ignoreclick=1, parameter_enable=0, **c.themed(bgcolor="lcd_bg", slidercolor="arc"),
    )  # fmt: skip
    rate = c.readout(p, (x + 106, TOP_Y + 4, 50, 30), size=24.0)
    c.readout(p, (x + 124, TOP_Y + 36, 30, 14), size=9.5, align=0, start="BPM")
    beat = p.ui(
        "button", (x + 110, TOP_Y + 37, 13, 13), blinktime=120, ignoreclick=1, parameter_enable=0,
        bgcolor=[0.0, 0.0, 0.0, 0.0], outlinecolor=[0.0, 0.0, 0.0, 0.0],
        blinkcolor=[0.91, 0.35, 0.35, 1.0],
    )  # fmt: skip
    values = []
    for index, name in enumerate(("Interval", "RMSSD", "SDNN", "Quality")):
        left = x + 40 * index
        c.readout(p, (left, TOP_Y + 58, 40, 12), size=8.5, start=name)
        values.append(c.readout(p, (left, TOP_Y + 70, 40, 14)))
    assert len(READOUTS) == 1 + len(values)

    which = c.list_menu(p, (x, 115, 98, 15), "Heart",
        "Whose heart is played, where the bridge plays several. Any heart takes the one that is "
        "heard first.")  # fmt: skip
    c.label(p, (x + 100, 116, 24, 13), "Port")
    port = c.number(p, (x + 124, 115, 36, 15), Parameter(
        "Port", "The UDP port this device listens on. Each Beatbridge device needs a port of its "
        "own; give the bridge the same one (--target 127.0.0.1:PORT).",
        1024, 65535, contract.TARGET_PORT, Unit.INT, shown=Shown.STORED))  # fmt: skip
    relearn = c.button(p, (x, 133, 78, 15), "Relearn", "Relearn",
        "Makes the bridge forget the ranges and thresholds it has learned of this heart. Use it "
        "when another person puts on the sensor.")  # fmt: skip
    mark = c.button(p, (x + 82, 133, 78, 15), "Mark", "Mark",
        "Puts a marker into the bridge's recording, to find this moment again.")  # fmt: skip
    version = c.label(p, (x, 152, 160, 13), NO_VERSION, size=8.5)
    return Heart(lamp, line, version, wave, beat, (rate, *values), which, port, relearn, mark)


@dataclass(frozen=True, slots=True)
class Play:
    """What plays, and the controls of a beat's note in the order of the inlets of ``p Beats``."""

    mode: Box
    style: Box
    note: Box
    follow: Box
    soft: Box
    loud: Box
    by: Box
    length: Box
    share: Box
    every: Box
    chance: Box
    panic: Box

    def in_order(self) -> tuple[Box, ...]:
        """All that say how a beat's note sounds."""
        return (self.note, self.follow, self.soft, self.loud, self.by, self.length,
                self.share, self.every, self.chance)  # fmt: skip


def play(p: Patch) -> Play:
    """The mode, and the note that a beat plays."""
    x = PLAY_X
    title(p, x, 40, "Play")
    return Play(
        mode=c.tab(p, (x, TOP_Y, 112, 15), Parameter(
            "Play Mode", "Beat: every heartbeat plays a note. Grid: the Set's transport drives the "
            "cells of a style, and the heart decides which sound. Incoming MIDI passes either way.",
            items=MODES, initial=MODES.index("Beat"))),
        style=c.label(p, (x + 44, TITLE_Y + 1, 124, 13), NO_STYLE, align=2),
        panic=c.button(p, (x + 116, TOP_Y, 52, 15), "Panic", "Panic",
            "Ends every note that this device holds, and those passing through it."),
        note=c.dial(p, (x, 42), Parameter(
            "Note", "The note that a beat plays: C1 is the first pad of a Drum Rack.",
            0, 127, 36, Unit.NOTE, whole=True)),
        length=c.dial(p, (x + 42, 42), Parameter(
            "Note Length", "How long the note is held, in ms, when the length goes by time.",
            10, 2000, 120, Unit.MS, exponent=2.0, dial="Length")),
        every=c.dial(p, (x + 85, 42), Parameter(
            "Nth Beat", "1 plays every beat, 2 every second beat, and so on.",
            1, 16, 1, Unit.INT, whole=True)),
        chance=c.dial(p, (x + 127, 42), Parameter(
            "Beat Chance", "How likely a beat is to sound, in percent.",
            0, 100, 100, Unit.PERCENT, dial="Chance")),
        follow=_labelled_tab(p, x, 95, "Velocity by", Parameter(
            "Velocity By", "Fixed plays Max. Beat follows how strong the beat is against those "
            "before it. BPM follows the rate, 40 to 180.",
            items=("Fixed", "Beat", "BPM"), initial=1)),
        soft=labelled_number(p, (x + 116, 95, 24), "Min", Parameter(
            "Velocity Min", "Velocity of the weakest (or slowest) beat. It may be higher than Max, "
            "which turns the response round.", 1, 127, 60, Unit.INT, whole=True)),
        loud=labelled_number(p, (x + 144, 95, 24), "Max", Parameter(
            "Velocity Max", "Velocity of the strongest (or fastest) beat, and of every beat when "
            "Velocity is Fixed.", 1, 127, 110, Unit.INT, whole=True)),
        by=_labelled_tab(p, x, 131, "Length by", Parameter(
            "Length By", "Time holds the note for its length in ms. Interval holds it for a share "
            "of the time since the beat before.", items=("Time", "Interval"))),
        share=labelled_number(p, (x + 116, 131, 52), "Share", Parameter(
            "Length Share", "How much of the interval the note is held, in percent, when the "
            "length goes by interval.", 5, 95, 50, Unit.PERCENT)),
    )  # fmt: skip


def _labelled_tab(p: Patch, x: int, y: int, text: str, parameter: Parameter) -> Box:
    c.label(p, (x, y, 110, 13), text)
    return c.tab(p, (x, y + 14, 112, 15), parameter)


def labelled_number(p: Patch, at: tuple[int, int, int], text: str, parameter: Parameter) -> Box:
    """A number box with its name above; ``at`` is left, top, width."""
    x, y, width = at
    c.label(p, (x, y, width, 13), text, align=1)
    return c.number(p, (x, y + 14, width, 15), parameter)


@dataclass(frozen=True, slots=True)
class Levels:
    """What the folded device shows of the mapping rows, and the button that folds it."""

    fold: Box
    levels: tuple[Box, ...]


def levels(p: Patch) -> Levels:
    """Which rows move: a level for each, beside its row when the device is unfolded."""
    x = LEVELS_X
    title(p, x, 26, "Map")
    fold = c.switch(p, (x + 26, TITLE_Y, 14, 14), Parameter(
        "Unfold", "Shows or hides the mapping rows, the tempo and the clips. They work either way.",
        items=("Folded", "Unfolded"), shown=Shown.STORED), "▸", "◂")  # fmt: skip
    meters = []
    for number in range(1, ROWS + 1):
        y = TOP_Y + ROW_STEP * (number - 1)
        c.label(p, (x - 3, y + 1, 12, 13), str(number), size=8.5, align=1)
        meters.append(c.meter(p, (x + 11, y + 4, 29, 7)))
    return Levels(fold, tuple(meters))
