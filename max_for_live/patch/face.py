"""Every control of the device: where it sits, its range, and what the Info View says of it."""

from dataclasses import dataclass

from bridge.osc import contract
from max_for_live.patch import controls as c
from max_for_live.patch.controls import Parameter, Shown, Unit
from max_for_live.patch.display import READOUTS
from max_for_live.patch.patcher import Box, Patch
from max_for_live.patch.sources import LANES, MENU

ROWS = 8
HEART_X, PLAY_X, MAP_X, TEMPO_X, WIDTH = 8, 196, 388, 880, 1020
TITLE_Y, TOP_Y = 4, 22
NO_VERSION = "No bridge has spoken yet"


@dataclass(frozen=True, slots=True)
class Row:
    """The controls of one mapping row."""

    source: Box
    low: Box
    high: Box
    curve: Box
    smooth: Box
    target: Box
    unmap: Box
    controller: Box
    level: Box


def _title(p: Patch, x: int, width: int, text: str) -> None:
    c.label(p, (x, TITLE_Y, width, 14), text, size=11.0)


@dataclass(frozen=True, slots=True)
class Heart:
    """Display and connection."""

    lamp: Box
    line: Box
    version: Box
    wave: Box
    beat: Box
    texts: tuple[Box, ...]
    port: Box
    relearn: Box
    mark: Box


def heart(p: Patch) -> Heart:
    """The display at the left edge."""
    x = HEART_X
    lamp = c.panel(p, (x, 7, 9, 9), (0.45, 0.45, 0.45, 1.0), shape=1)
    line = c.label(p, (x + 14, TITLE_Y, 158, 14), "Waiting for the bridge", size=11.0)
    c.screen(p, (x, TOP_Y, 172, 102))
    wave = p.ui(
        "multislider", (x + 6, TOP_Y + 6, 104, 56), setstyle=3, settype=1, setminmax=[0.0, 1.0],
        size=1, ignoreclick=1, parameter_enable=0, **c.themed(bgcolor="lcd_bg", slidercolor="arc"),
    )  # fmt: skip
    rate = c.readout(p, (x + 114, TOP_Y + 10, 52, 30), size=24.0)
    c.readout(p, (x + 130, TOP_Y + 44, 30, 14), size=9.5, align=0, start="BPM")
    beat = p.ui(
        "button", (x + 116, TOP_Y + 44, 13, 13), blinktime=120, ignoreclick=1, parameter_enable=0,
        bgcolor=[0.0, 0.0, 0.0, 0.0], outlinecolor=[0.0, 0.0, 0.0, 0.0],
        blinkcolor=[0.91, 0.35, 0.35, 1.0],
    )  # fmt: skip
    values = []
    for index, name in enumerate(("Interval", "RMSSD", "SDNN", "Quality")):
        left = x + 2 + 42 * index
        c.readout(p, (left, TOP_Y + 69, 42, 12), size=8.5, start=name)
        values.append(c.readout(p, (left, TOP_Y + 82, 42, 14)))
    assert len(READOUTS) == 1 + len(values)

    c.label(p, (x, 133, 26, 14), "Port")
    port = c.number(p, (x + 28, 132, 44, 15), Parameter(
        "Port", "Port", "The UDP port this device listens on. Each Beatbridge device needs a port "
        "of its own; give the bridge the same one (--target 127.0.0.1:PORT).",
        1024, 65535, contract.TARGET_PORT, Unit.INT, shown=Shown.STORED))  # fmt: skip
    relearn = c.button(p, (x + 80, 132, 44, 15), "Relearn", "Relearn",
        "Makes the bridge forget the ranges and thresholds it has learned. Use it when another "
        "person puts on the sensor.")  # fmt: skip
    mark = c.button(p, (x + 128, 132, 44, 15), "Mark", "Mark",
        "Puts a marker into the bridge's recording, to find this moment again.")  # fmt: skip
    version = c.label(p, (x, 151, 172, 13), NO_VERSION, size=8.5)
    return Heart(lamp, line, version, wave, beat, (rate, *values), port, relearn, mark)


@dataclass(frozen=True, slots=True)
class Play:
    """The controls of the note, in the order of the inlets of ``p Beats``."""

    play: Box
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
        """All but the panic button."""
        return (self.play, self.note, self.follow, self.soft, self.loud, self.by, self.length,
                self.share, self.every, self.chance)  # fmt: skip


def play(p: Patch) -> Play:
    """The note that a beat plays."""
    x = PLAY_X
    _title(p, x, 60, "Play")
    return Play(
        play=c.switch(p, (x, TOP_Y, 84, 15), Parameter(
            "Play Beats", "Play", "Every heartbeat plays a note. Incoming MIDI passes either way.",
            items=("Off", "On"), initial=1), "Play beats"),
        panic=c.button(p, (x + 92, TOP_Y, 84, 15), "Panic", "Panic",
            "Ends every note that this device holds, and those passing through it."),
        note=c.dial(p, (x, 42), Parameter(
            "Note", "Note", "The note that a beat plays: C1 is the first pad of a Drum Rack.",
            0, 127, 36, Unit.NOTE, whole=True)),
        length=c.dial(p, (x + 45, 42), Parameter(
            "Length", "Length", "How long the note is held, when the length goes by time.",
            10, 2000, 120, Unit.MS, exponent=2.0)),
        every=c.dial(p, (x + 90, 42), Parameter(
            "Every", "Every", "Plays every beat (1), every second beat (2), and so on.",
            1, 16, 1, Unit.INT, whole=True)),
        chance=c.dial(p, (x + 135, 42), Parameter(
            "Chance", "Chance", "How likely a beat is to sound.", 0, 100, 100, Unit.PERCENT)),
        follow=_labelled_tab(p, x, 95, "Velocity", Parameter(
            "Velocity By", "Vel By", "Fixed plays Max. Beat follows how strong the beat is "
            "against those before it. BPM follows the rate, 40 to 180.",
            items=("Fixed", "Beat", "BPM"), initial=1)),
        soft=_labelled_number(p, x + 122, 95, "Min", Parameter(
            "Velocity Min", "Vel Min", "Velocity of the weakest (or slowest) beat. It may be "
            "higher than Max, which turns the response round.", 1, 127, 60, Unit.INT, whole=True)),
        loud=_labelled_number(p, x + 150, 95, "Max", Parameter(
            "Velocity Max", "Vel Max", "Velocity of the strongest (or fastest) beat, and of every "
            "beat when Velocity is Fixed.", 1, 127, 110, Unit.INT, whole=True)),
        by=_labelled_tab(p, x, 131, "Length", Parameter(
            "Length By", "Len By", "Time holds the note for Length. Interval holds it for a "
            "share of the time since the beat before.", items=("Time", "Interval"))),
        share=_labelled_number(p, x + 122, 131, "Share", Parameter(
            "Length Share", "Share", "How much of the interval the note is held, when the length "
            "goes by interval.", 5, 95, 50, Unit.PERCENT), width=54),
    )  # fmt: skip


def _labelled_tab(p: Patch, x: int, y: int, text: str, parameter: Parameter) -> Box:
    c.label(p, (x, y, 110, 13), text)
    return c.tab(p, (x, y + 14, 118, 15), parameter)


def _labelled_number(
    p: Patch, x: int, y: int, text: str, parameter: Parameter, width: int = 26
) -> Box:
    c.label(p, (x, y, width, 13), text, align=1)
    return c.number(p, (x, y + 14, width, 15), parameter)


def mapping(p: Patch) -> list[Row]:
    """Eight rows of source, range, shape and target."""
    x = MAP_X
    heads = (("Map", 0, 100), ("Min", 110, 39), ("Max", 153, 39), ("Curve", 196, 39),
             ("Smooth", 239, 44), ("Target", 287, 110), ("CC", 419, 26), ("Level", 447, 31),
    )  # fmt: skip
    for text, left, width in heads:
        if text == "Map":
            _title(p, x, width, text)
        else:
            c.label(p, (x + left, TITLE_Y + 1, width, 13), text, align=1)
    rows = []
    for number in range(1, ROWS + 1):
        y = TOP_Y + 18 * (number - 1)

        def named(what: str, short: str, info: str, low: float, high: float, initial: float,
                  unit: Unit, shown: Shown = Shown.STORED, whole: bool = False,
                  custom: str = "", n: int = number) -> Parameter:  # fmt: skip
            return Parameter(f"Map {n} {what}", f"{short} {n}", info, low, high, initial, unit,
                             custom, shown=shown, whole=whole)  # fmt: skip

        rows.append(Row(
            source=c.menu(p, (x, y, 106, 15), Parameter(
                f"Map {number} Source", f"Src {number}",
                "The value that moves the target. Names without a range follow what the bridge has "
                "learned of this heart; names with a range are absolute.",
                items=MENU, shown=Shown.STORED)),
            low=c.number(p, (x + 110, y, 39, 15), named("Min", "Min",
                "Where the target stands at the bottom of the source. It may be higher than Max, "
                "which turns the movement round.", 0, 100, 0, Unit.PERCENT, Shown.AUTOMATED)),
            high=c.number(p, (x + 153, y, 39, 15), named("Max", "Max",
                "Where the target stands at the top of the source.",
                0, 100, 100, Unit.PERCENT, Shown.AUTOMATED)),
            curve=c.number(p, (x + 196, y, 39, 15), named("Curve", "Curve",
                "Bends the movement: above 0 it starts slowly, below 0 fast; 0 is straight.",
                -100, 100, 0, Unit.PERCENT)),
            smooth=c.number(p, (x + 239, y, 44, 15), named("Smooth", "Smth",
                "How many seconds the target takes to reach a new value.", 0, 30, 1, Unit.CUSTOM,
                custom="%.1f s")),
            target=c.switch(p, (x + 287, y, 110, 15), Parameter(
                f"Map {number} Target", f"Map {number}",
                "Click, then click any parameter in Live: the heart moves it from then on. While "
                "it is held the parameter is greyed out; its value in the Set stays as it was.",
                items=("Off", "On"), shown=Shown.HIDDEN), "Map", "click a parameter"),
            unmap=c.button(p, (x + 400, y, 15, 15), f"Map {number} Unmap", "×",
                "Lets go of the parameter."),
            controller=c.number(p, (x + 419, y, 26, 15), named("CC", "CC",
                "Sends the same value as this MIDI controller to the instrument; 0 sends none.",
                0, 127, 0, Unit.INT, whole=True)),
            level=c.meter(p, (x + 449, y + 4, 27, 7)),
        ))  # fmt: skip
    return rows


@dataclass(frozen=True, slots=True)
class Tempo:
    """The controls of the tempo, in the order of the inlets of ``p Tempo`` after the rate."""

    follow: Box
    ratio: Box
    slowest: Box
    fastest: Box
    smooth: Box
    glide: Box
    text: Box

    def in_order(self) -> tuple[Box, ...]:
        """All but the text."""
        return self.follow, self.ratio, self.slowest, self.fastest, self.smooth, self.glide


def tempo(p: Patch) -> Tempo:
    """The Set's tempo."""
    x = TEMPO_X
    _title(p, x, 60, "Tempo")
    text = c.label(p, (x + 84, TITLE_Y + 1, 48, 13), "–", size=11.0, align=2)
    limit = "It may not be set higher than the other limit; if it is, the two change places."
    return Tempo(
        follow=c.switch(p, (x, TOP_Y, 62, 15), Parameter(
            "Tempo Follow", "Follow", "The Set's tempo follows the heart. Switched off, the Set "
            "has its own tempo back.", items=("Off", "On")), "Follow"),
        ratio=c.tab(p, (x + 66, TOP_Y, 66, 15), Parameter(
            "Tempo Ratio", "Ratio", "Half the heart's rate, the rate itself, or double.",
            items=("½", "1", "2"), initial=1)),
        smooth=c.dial(p, (x, 40), Parameter(
            "Tempo Smoothing", "Smooth", "Over how many beats the rate is averaged.",
            1, 32, 4, Unit.CUSTOM, "%.0f beats")),
        glide=c.dial(p, (x + 45, 40), Parameter(
            "Tempo Glide", "Glide", "How many seconds the tempo takes to reach a new value.",
            0, 30, 2, Unit.CUSTOM, "%.1f s")),
        slowest=_labelled_number(p, x + 92, 38, "Min", Parameter(
            "Tempo Min", "Tmp Min", f"The slowest tempo, BPM. {limit}",
            20, 300, 50, Unit.INT), width=40),
        fastest=_labelled_number(p, x + 92, 67, "Max", Parameter(
            "Tempo Max", "Tmp Max", f"The fastest tempo, BPM. {limit}",
            20, 300, 140, Unit.INT), width=40),
        text=text,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clips:
    """The controls of the clip drop, in the order of the last inlets of ``p Clips``."""

    replace: Box
    slot: Box
    lanes: Box
    line: Box
    levels: tuple[Box, ...]

    def in_order(self) -> tuple[Box, ...]:
        """The three switches."""
        return self.replace, self.slot, self.lanes


def clips(p: Patch) -> Clips:
    """Clips that the bridge drops onto this track."""
    x = TEMPO_X
    c.label(p, (x, 99, 60, 14), "Clips", size=11.0)
    replace = c.switch(p, (x, 115, 62, 15), Parameter(
        "Clip Replace", "Replace", "A dropped clip may replace what is in the slot. Off, only "
        "empty slots are used.", items=("Off", "On"), shown=Shown.STORED), "Replace")  # fmt: skip
    c.label(p, (x + 72, 116, 25, 13), "Slot")
    slot = c.number(p, (x + 97, 115, 35, 15), Parameter(
        "Clip Slot", "Slot", "The scene that the next clip goes to; 0 takes the next empty slot of "
        "this track.", 0, 255, 0, Unit.INT, whole=True, shown=Shown.STORED))  # fmt: skip
    lanes = c.switch(p, (x, 133, 62, 15), Parameter(
        "Clip Lanes", "Lanes", "While a dropped clip plays, its controllers (CC 11 and CC 1) leave "
        "the device and can be mapped.", items=("Off", "On"), initial=1), "Lanes")  # fmt: skip
    levels = []
    for index, controller in enumerate(LANES):
        left = x + 72 + 31 * index
        c.label(p, (left, 132, 29, 10), f"CC {controller}", size=8.0)
        levels.append(c.meter(p, (left, 143, 28, 5)))
    line = c.label(p, (x, 151, 132, 14), "No clip yet", size=9.0)
    return Clips(replace, slot, lanes, line, tuple(levels))
