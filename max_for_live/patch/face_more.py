"""What folds away: the mapping rows, the tempo, the clips, and what the rows can follow besides."""

from dataclasses import dataclass

from max_for_live.patch import controls as c
from max_for_live.patch.controls import Parameter, Shown, Unit
from max_for_live.patch.face import ROW_STEP, ROWS, TITLE_Y, TOP_Y, labelled_number, title
from max_for_live.patch.patcher import Box, Patch
from max_for_live.patch.sources import LANES, MENU, OTHERS

MAP_X, TEMPO_X, MORE_X, WIDTH = 408, 952, 1100, 1208


@dataclass(frozen=True, slots=True)
class Row:
    """The controls of one mapping row, in the order of the inlets of ``p Row``."""

    source: Box
    low: Box
    high: Box
    curve: Box
    smooth: Box
    controller: Box
    lost: Box
    rest: Box
    target: Box
    unmap: Box


_HEADS = (("Min", 122, 36), ("Max", 162, 36), ("Curve", 202, 38), ("Smooth", 244, 40),
          ("Target", 288, 106), ("CC", 417, 24), ("When lost", 445, 46), ("Rest", 495, 33),
)  # fmt: skip


def mapping(p: Patch) -> list[Row]:
    """Eight rows of source, range, shape, target, and what happens when the heart is lost."""
    c.label(p, (MAP_X, TITLE_Y + 1, 118, 13), "Source")
    for text, left, width in _HEADS:
        c.label(p, (MAP_X + left, TITLE_Y + 1, width, 13), text, align=1)
    return [_row(p, number) for number in range(1, ROWS + 1)]


def _row(p: Patch, number: int) -> Row:
    x, y = MAP_X, TOP_Y + ROW_STEP * (number - 1)

    def box(left: int, width: int) -> tuple[int, int, int, int]:
        return x + left, y, width, 15

    def named(
        what: str,
        info: str,
        low: float,
        high: float,
        initial: float,
        unit: Unit,
        shown: Shown = Shown.STORED,
        whole: bool = False,
        custom: str = "",
    ) -> Parameter:
        return Parameter(f"Row {number} {what}", info, low, high, initial, unit, custom,
                         shown=shown, whole=whole)  # fmt: skip

    return Row(
        source=c.menu(p, box(0, 118), Parameter(
            f"Row {number} Source",
            "The value that moves the target. Names without a range follow the range that the "
            "bridge's profile sets or has learned; names with a range are absolute. Beat pulse, "
            "ramp and cosine are made here, from beat to beat.",
            items=MENU, shown=Shown.STORED)),
        low=c.number(p, box(122, 36), named("Min",
            "Where the target stands at the bottom of the source, in percent of its range. It may "
            "be higher than Max, which turns the movement round.",
            0, 100, 0, Unit.PERCENT, Shown.AUTOMATED)),
        high=c.number(p, box(162, 36), named("Max",
            "Where the target stands at the top of the source, in percent of its range.",
            0, 100, 100, Unit.PERCENT, Shown.AUTOMATED)),
        curve=c.number(p, box(202, 38), named("Curve",
            "Bends the movement: above 0 it starts slowly, below 0 fast; 0 is straight.",
            -100, 100, 0, Unit.PERCENT)),
        smooth=c.number(p, box(244, 40), named("Smooth",
            "How many seconds the target takes to reach a new value. Beat pulse, ramp and cosine "
            "move by themselves and are not smoothed.", 0, 30, 1, Unit.CUSTOM, custom="%.1f s")),
        target=c.switch(p, box(288, 106), Parameter(
            f"Row {number} Target",
            "Click, then click any parameter in Live: the heart moves it from then on. While "
            "it is held the parameter is greyed out; its value in the Set stays as it was.",
            items=("Off", "On"), shown=Shown.HIDDEN), "Map", "click a parameter"),
        unmap=c.button(p, box(398, 15), f"Row {number} Unmap", "×", "Lets go of the parameter."),
        controller=c.number(p, box(417, 24), named("CC",
            "Sends the same value as this MIDI controller to the instrument; 0 sends none.",
            0, 127, 0, Unit.INT, whole=True)),
        lost=c.menu(p, box(445, 46), Parameter(
            f"Row {number} When Lost",
            "When the heart is lost: Hold stays where it is, Free gives the parameter back, Rest "
            "glides to the value beside it.", items=("Hold", "Free", "Rest"), shown=Shown.STORED)),
        rest=c.number(p, box(495, 33), named("Rest",
            "Where the target goes when the heart is lost, in percent of its range.",
            0, 100, 0, Unit.PERCENT)),
    )  # fmt: skip


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
    title(p, x, 60, "Tempo")
    text = c.label(p, (x + 84, TITLE_Y + 1, 48, 13), "–", size=11.0, align=2)
    limit = "It may not be set higher than the other limit; if it is, the two change places."
    return Tempo(
        follow=c.switch(p, (x, TOP_Y, 64, 15), Parameter(
            "Tempo Follow", "The Set's tempo follows the heart. Switched off, the Set has its own "
            "tempo back.", items=("Off", "On")), "Follow"),
        ratio=c.tab(p, (x + 68, TOP_Y, 64, 15), Parameter(
            "Tempo Ratio", "Half the heart's rate, the rate itself, or double.",
            items=("½", "1", "2"), initial=1)),
        slowest=labelled_number(p, (x, 39, 64), "Min", Parameter(
            "Tempo Min", f"The slowest tempo, BPM. {limit}", 20, 300, 50, Unit.CUSTOM,
            "%.0f BPM")),
        fastest=labelled_number(p, (x + 68, 39, 64), "Max", Parameter(
            "Tempo Max", f"The fastest tempo, BPM. {limit}", 20, 300, 140, Unit.CUSTOM,
            "%.0f BPM")),
        smooth=labelled_number(p, (x, 69, 64), "Smooth", Parameter(
            "Tempo Smooth", "Over how many beats the rate is averaged.",
            1, 32, 4, Unit.CUSTOM, "%.0f beats")),
        glide=labelled_number(p, (x + 68, 69, 64), "Glide", Parameter(
            "Tempo Glide", "How many seconds the tempo takes to reach a new value.",
            0, 30, 2, Unit.CUSTOM, "%.1f s")),
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
    title(p, x, 60, "Clips", y=101)
    replace = c.switch(p, (x, 117, 64, 15), Parameter(
        "Clip Replace", "A dropped clip may replace what is in the slot. Off, only empty slots are "
        "used.", items=("Off", "On"), shown=Shown.STORED), "Replace")  # fmt: skip
    c.label(p, (x + 72, 118, 25, 13), "Slot")
    slot = c.number(p, (x + 97, 117, 35, 15), Parameter(
        "Clip Slot", "The scene that the next clip goes to; 0 takes the next empty slot of this "
        "track.", 0, 255, 0, Unit.INT, whole=True, shown=Shown.STORED))  # fmt: skip
    lanes = c.switch(p, (x, 135, 64, 15), Parameter(
        "Clip Lanes", "While a dropped clip or the grid plays, its controllers (CC 11 and CC 1) "
        "leave the device, and rows can follow them.",
        items=("Off", "On"), initial=1), "Lanes")  # fmt: skip
    levels = []
    for index, controller in enumerate(LANES):
        left = x + 72 + 31 * index
        c.label(p, (left, 134, 29, 10), f"CC {controller}", size=8.0)
        levels.append(c.meter(p, (left, 145, 28, 5)))
    line = c.label(p, (x, 152, 132, 13), "No clip yet", size=9.0)
    return Clips(replace, slot, lanes, line, tuple(levels))


@dataclass(frozen=True, slots=True)
class More:
    """What the rows can follow besides the bridge's own values, and how long a rest takes."""

    attack: Box
    decay: Box
    rest_time: Box
    others: tuple[Box, ...]


def more(p: Patch) -> More:
    """The pulse, the rest and the other values."""
    x = MORE_X
    title(p, x, 60, "Pulse")
    attack = labelled_number(p, (x, 20, 48), "Attack", Parameter(
        "Pulse Attack", "How long the source Beat pulse takes to rise after a beat, in ms.",
        0, 2000, 20, Unit.MS))  # fmt: skip
    decay = labelled_number(p, (x + 52, 20, 48), "Decay", Parameter(
        "Pulse Decay", "How long the source Beat pulse takes to fall again, in ms.",
        10, 10000, 400, Unit.MS, exponent=2.0))  # fmt: skip
    c.label(p, (x, 56, 50, 13), "Rest in")
    rest_time = c.number(p, (x + 52, 55, 48, 15), Parameter(
        "Rest Time", "How many seconds a row takes to its Rest value when the heart is lost.",
        0, 60, 4, Unit.CUSTOM, "%.1f s", shown=Shown.STORED))  # fmt: skip
    title(p, x, 100, "Other values", y=76)
    others = []
    for number in range(1, OTHERS + 1):
        y = 94 + ROW_STEP * (number - 1)
        c.label(p, (x - 2, y + 1, 12, 13), str(number), size=8.5, align=1)
        others.append(c.list_menu(p, (x + 12, y, 88, 15), f"Other {number}",
            f"The value behind the source Other {number}: whatever the bridge sends at 0-1 that "
            "this device does not know, such as another column of the sensor."))  # fmt: skip
    return More(attack, decay, rest_time, tuple(others))
