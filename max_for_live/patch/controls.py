"""Live parameters and the look of the device's face: every control is made here."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from max_for_live.patch.patcher import Box, Json, Patch, Rect

FONT = "Ableton Sans Medium"


class Shown(IntEnum):
    """Max's ``parameter_invisible``."""

    AUTOMATED = 0
    """Automatable, kept with the Set, on Push."""
    STORED = 1
    """Kept with the Set."""
    HIDDEN = 2
    """Neither: for buttons and whatever the patch itself moves (anything else floods undo)."""


class Unit(IntEnum):
    """Max's ``parameter_unitstyle``."""

    INT = 0
    FLOAT = 1
    MS = 2
    PERCENT = 5
    NOTE = 8
    CUSTOM = 9


@dataclass(frozen=True, slots=True)
class Parameter:
    """What Live stores, automates and shows of one control."""

    long: str
    """Unique, never to be renamed: Live finds stored values by it."""
    info: str
    """What Live's Info View says."""
    low: float = 0.0
    high: float = 1.0
    initial: float = 0.0
    unit: Unit = Unit.FLOAT
    custom_unit: str = ""
    items: tuple[str, ...] = ()
    """The names of the values; a parameter with names counts from 0."""
    shown: Shown = Shown.AUTOMATED
    whole: bool = False
    """Whole numbers only, 0-255."""
    exponent: float = 1.0
    dial: str = ""
    """The name on a dial, at most 8 characters, where ``long`` is longer."""

    @property
    def short(self) -> str:
        """Unique as well: Live's API, Push and the lists of automation show this one."""
        return self.dial or self.long


# Theme tokens of Live beside the colours of its default theme.
_THEME = {
    "lcd_bg": ("live_lcd_bg", (0.094, 0.094, 0.094, 1.0)),
    "lcd_text": ("live_lcd_control_fg", (0.706, 0.706, 0.706, 1.0)),
    "lcd_quiet": ("live_lcd_control_fg_zombie", (0.478, 0.478, 0.478, 1.0)),
    "arc": ("live_value_arc", (0.012, 0.765, 0.835, 1.0)),
    "frame": ("live_contrast_frame", (0.169, 0.169, 0.169, 1.0)),
    "surface": ("live_surface_bg", (0.286, 0.286, 0.286, 1.0)),
    "text": ("live_control_fg", (0.710, 0.710, 0.710, 1.0)),
}


def themed(**colours: str) -> Json:
    """Colour attributes that follow Live's theme: ``themed(textcolor="lcd_text")``."""
    attributes: Json = {}
    expressions: Json = {}
    for attribute, key in colours.items():
        token, rgba = _THEME[key]
        attributes[attribute] = list(rgba)
        expressions[attribute] = {"expression": f"themecolor.{token}"}
    return attributes | {"saved_attribute_attributes": expressions}


def _stored(parameter: Parameter) -> Json:
    kind = 2 if parameter.items else 1 if parameter.whole else 0
    value: Json = {
        "parameter_longname": parameter.long,
        "parameter_shortname": parameter.short,
        "parameter_type": kind,
        "parameter_invisible": int(parameter.shown),
        "parameter_annotation_name": parameter.long,
        "parameter_info": parameter.info,
    }
    if parameter.items:
        value |= {
            "parameter_enum": list(parameter.items),
            "parameter_mmax": len(parameter.items) - 1,
            "parameter_modmode": 0,
        }
    else:
        value |= {
            "parameter_mmin": float(parameter.low),
            "parameter_mmax": float(parameter.high),
            "parameter_unitstyle": int(parameter.unit),
        }
        if parameter.unit is Unit.CUSTOM:
            value["parameter_units"] = parameter.custom_unit
        if parameter.exponent != 1.0:
            value["parameter_exponent"] = parameter.exponent
    if parameter.shown is not Shown.HIDDEN:
        value |= {"parameter_initial_enable": 1, "parameter_initial": [parameter.initial]}
    if parameter.shown is Shown.AUTOMATED and not parameter.items:
        value["parameter_modmode"] = 4 if parameter.whole else 2
    return value


def control(
    patch: Patch, maxclass: str, place: Rect, parameter: Parameter, **attributes: Any
) -> Box:
    """Add a control for a parameter."""
    saved = attributes.pop("saved_attribute_attributes", {})
    return patch.ui(
        maxclass,
        place,
        varname=parameter.long,
        parameter_enable=1,
        annotation_name=parameter.long,
        annotation=parameter.info,
        **attributes,
        saved_attribute_attributes={**saved, "valueof": _stored(parameter)},
    )


def dial(patch: Patch, at: tuple[int, int], parameter: Parameter) -> Box:
    """A dial with its short name above and its value below."""
    return control(patch, "live.dial", (*at, 41, 48), parameter)


def number(patch: Patch, place: Rect, parameter: Parameter) -> Box:
    """A number box."""
    return control(patch, "live.numbox", place, parameter)


def menu(patch: Patch, place: Rect, parameter: Parameter) -> Box:
    """A drop-down menu."""
    return control(patch, "live.menu", place, parameter)


def tab(patch: Patch, place: Rect, parameter: Parameter) -> Box:
    """A row of choices."""
    look = {"livemode": 1, "num_lines_patching": 1, "num_lines_presentation": 1}
    box = control(patch, "live.tab", place, parameter, **look)
    # Every live.tab that Max has saved carries it.
    box.attributes["saved_attribute_attributes"]["valueof"]["parameter_unitstyle"] = int(
        Unit.CUSTOM
    )
    return box


def list_menu(patch: Patch, place: Rect, name: str, info: str) -> Box:
    """A drop-down menu whose entries come while it runs; what is chosen is kept elsewhere."""
    look = {"fontname": FONT, "fontsize": 9.5, "rounded": 4.0, "annotation_name": name}
    colours = themed(bgcolor="lcd_bg", textcolor="lcd_text")
    return patch.ui(
        "umenu", place, varname=name, annotation=info, parameter_enable=0, **look, **colours
    )


def switch(patch: Patch, place: Rect, parameter: Parameter, label: str, on: str = "") -> Box:
    """A button that stays down."""
    return control(
        patch, "live.text", place, parameter, mode=1, outputmode=1, text=label, texton=on or label
    )


def button(patch: Patch, place: Rect, long: str, label: str, info: str) -> Box:
    """A push button: one bang a click, nothing stored."""
    parameter = Parameter(long, info, items=("up", "down"), shown=Shown.HIDDEN)
    look = {"mode": 0, "text": label, "texton": label, "transition": 0}
    return control(patch, "live.text", place, parameter, **look)


def label(patch: Patch, place: Rect, text: str, size: float = 9.5, align: int = 0) -> Box:
    """A line of text; ``align`` is 0 left, 1 centred, 2 right."""
    look = {"fontname": FONT, "fontsize": size, "textjustification": align}
    box = patch.ui("live.comment", place, **look)
    box.text = text
    return box


def readout(patch: Patch, place: Rect, size: float = 10.0, align: int = 1, start: str = "–") -> Box:
    """A text that the patch sets, on the dark display."""
    look = {"fontname": FONT, "fontsize": size, "textjustification": align}
    box = patch.ui("live.comment", place, **look, **themed(textcolor="lcd_text"))
    box.text = start
    return box


def screen(patch: Patch, place: Rect) -> Box:
    """The dark area behind a display."""
    token, rgba = _THEME["lcd_bg"]
    follow = {"bgfillcolor": {"expression": f"themecolor.{token}"}}
    return panel(patch, place, rgba, background=1, rounded=4, saved_attribute_attributes=follow)


def panel(patch: Patch, place: Rect, rgba: tuple[float, ...], **look: Any) -> Box:
    """A plain coloured area. Max stores its fill as ``bgcolor``, and is told ``bgfillcolor``."""
    plain = {"mode": 0, "angle": 270.0, "proportion": 0.5, "border": 0, "ignoreclick": 1}
    return patch.ui("panel", place, bgcolor=list(rgba), **plain, **look)


def meter(patch: Patch, place: Rect) -> Box:
    """A level 0-1 as a bar; nothing to click."""
    look = {"orientation": 0, "setstyle": 1, "settype": 1, "setminmax": [0.0, 1.0], "size": 1}
    quiet = {"ignoreclick": 1, "parameter_enable": 0}
    colours = themed(bgcolor="lcd_bg", slidercolor="arc")
    return patch.ui("multislider", place, **look, **quiet, **colours)


def bank(name: str, parameters: Sequence[str], index: int) -> Json:
    """Eight parameters, by long name, as Push shows them together."""
    padded = [*parameters, *["-"] * (8 - len(parameters))]
    return {"index": index, "name": name, "parameters": padded}
