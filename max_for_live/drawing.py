"""Draw the device's face from the built .amxd, as an SVG: a drawing, not a screenshot of Live."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from bridge.sinks.liveset import amxd as container

Json = dict[str, Any]
HEIGHT = 169
_BAR = 22
_EDGE = 14
_CAPTION = (
    "A drawing made from Beatbridge.amxd, with example values. Not a screenshot",
    ": in Live colours and fonts follow the theme",
)

_COLOURS = {
    "page": "#1b1b1b",
    "bar": "#3a3a3a",
    "body": "#2a2a2a",
    "screen": "#161616",
    "box": "#1d1d1d",
    "frame": "#121212",
    "text": "#b9b9b9",
    "bright": "#e4e4e4",
    "quiet": "#7d7d7d",
    "accent": "#19c3d1",
    "on": "#f5a742",
    "heart": "#e85a5a",
}
_FONT = "'Ableton Sans', Inter, 'Helvetica Neue', Helvetica, 'Liberation Sans', Arial, sans-serif"
_NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the face shows besides its initial values, by box id."""

    texts: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, float] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)
    """By long name of the parameter."""
    lamp: str = "#6f6f6f"
    beat: bool = False


def draw(data: bytes, width: int, shown: Shown | None = None) -> str:
    """The face of a device at a width (what lies beyond is cut off, as in Live), as SVG text."""
    shown = shown or Shown()
    patcher = container.read(data).document()["patcher"]
    caption = _CAPTION if width > 600 else _CAPTION[:1]
    full_w = width + 2 * _EDGE
    full_h = HEIGHT + _BAR + 2 * _EDGE + 4 + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{full_w}" height="{full_h}" '
        f'viewBox="0 0 {full_w} {full_h}" font-family="{_FONT}" font-size="10">',
        "<title>Beatbridge, drawn from the built device</title>",
        _rect(0, 0, full_w, full_h, _COLOURS["page"]),
        f'<g transform="translate({_EDGE} {_EDGE})">',
        _rect(0, 0, width, _BAR + HEIGHT, _COLOURS["body"], 5),
        f'<path d="M0 {_BAR}V5a5 5 0 0 1 5-5H{width - 5}a5 5 0 0 1 5 5V{_BAR}Z" '
        f'fill="{_COLOURS["bar"]}"/>',
        f'<circle cx="14" cy="11" r="5" fill="{_COLOURS["on"]}"/>',
        _text(26, 15, "Beatbridge", _COLOURS["bright"], 11, weight="bold"),
        f'<g transform="translate(0 {_BAR})">',
    ]
    boxes = [entry["box"] for entry in patcher["boxes"] if entry["box"].get("presentation")]
    boxes = [box for box in boxes if box["presentation_rect"][0] < width]
    boxes.sort(key=lambda box: not box.get("background"))
    parts += [_DRAWN[box["maxclass"]](box, shown) for box in boxes]
    parts += [
        "</g></g>",
        _text(_EDGE, full_h - 10, "".join(caption) + ".", _COLOURS["quiet"], 9.5),
        "</svg>",
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _rect(x: float, y: float, w: float, h: float, fill: str, radius: float = 0.0) -> str:
    corner = f' rx="{_n(radius)}"' if radius else ""
    return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}"{corner} fill="{fill}"/>'


def _text(
    x: float, y: float, text: str, fill: str, size: float, anchor: str = "start", weight: str = ""
) -> str:
    extra = (f' text-anchor="{anchor}"' if anchor != "start" else "") + (
        f' font-weight="{weight}"' if weight else ""
    )
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" fill="{fill}" font-size="{_n(size)}"{extra}>'
        f"{escape(text)}</text>"
    )


def _value(box: Json, shown: Shown) -> tuple[Json, float]:
    parameter: Json = box["saved_attribute_attributes"]["valueof"]
    first = parameter.get("parameter_initial", [0])[0]
    return parameter, shown.values.get(parameter["parameter_longname"], first)


def _said(parameter: Json, value: float) -> str:
    if "parameter_enum" in parameter:
        return str(parameter["parameter_enum"][int(value)])
    unit = parameter.get("parameter_unitstyle", 1)
    if unit == 9:
        return str(parameter["parameter_units"]) % value
    if unit == 8:
        return f"{_NOTES[int(value) % 12]}{int(value) // 12 - 2}"
    forms = {0: "{:.0f}", 1: "{:.2f}", 2: "{:.0f} ms", 5: "{:.0f} %"}
    return forms[unit].format(value)


def _dial(box: Json, shown: Shown) -> str:
    x, y, w, _ = box["presentation_rect"]
    parameter, value = _value(box, shown)
    low, high = parameter["parameter_mmin"], parameter["parameter_mmax"]
    share = ((value - low) / (high - low)) ** (1 / parameter.get("parameter_exponent", 1.0))
    cx, cy, radius = x + w / 2, y + 25, 10.5

    def point(at: float) -> tuple[float, float]:
        angle = math.radians(135 + 270 * at)
        return cx + radius * math.cos(angle), cy + radius * math.sin(angle)

    def arc(end: float, colour: str) -> str:
        (x0, y0), (x1, y1) = point(0), point(end)
        large = int(270 * end > 180)
        return (
            f'<path d="M{_n(x0)} {_n(y0)}A{radius} {radius} 0 {large} 1 {_n(x1)} {_n(y1)}" '
            f'fill="none" stroke="{colour}" stroke-width="2.5" stroke-linecap="round"/>'
        )

    px, py = point(share)
    return "\n".join(
        (
            _text(cx, y + 9, parameter["parameter_shortname"], _COLOURS["text"], 9.5, "middle"),
            arc(1.0, _COLOURS["frame"]),
            arc(max(share, 0.001), _COLOURS["accent"]),
            f'<path d="M{_n(cx)} {_n(cy)}L{_n(cx + (px - cx) * 0.75)} {_n(cy + (py - cy) * 0.75)}" '
            f'stroke="{_COLOURS["bright"]}" stroke-width="1.5" stroke-linecap="round"/>',
            _text(cx, y + 46, _said(parameter, value), _COLOURS["text"], 9.5, "middle"),
        )
    )


def _framed(box: Json, fill: str) -> str:
    x, y, w, h = box["presentation_rect"]
    return _rect(x, y, w, h, fill, 2)


def _number(box: Json, shown: Shown) -> str:
    x, y, w, _ = box["presentation_rect"]
    parameter, value = _value(box, shown)
    text = _text(x + w / 2, y + 11, _said(parameter, value), _COLOURS["text"], 9.5, "middle")
    return _framed(box, _COLOURS["box"]) + text


def _menu(box: Json, shown: Shown) -> str:
    x, y, w, _ = box["presentation_rect"]
    parameter, value = _value(box, shown)
    colour = _COLOURS["text"] if value else _COLOURS["quiet"]
    arrow = f'<path d="M{x + w - 10} {y + 6}h6l-3 4z" fill="{_COLOURS["quiet"]}"/>'
    return (
        _framed(box, _COLOURS["box"])
        + _text(x + 5, y + 11, _said(parameter, value), colour, 9.5)
        + arrow
    )


def _list(box: Json, shown: Shown) -> str:
    x, y, w, _ = box["presentation_rect"]
    arrow = f'<path d="M{x + w - 10} {y + 6}h6l-3 4z" fill="{_COLOURS["quiet"]}"/>'
    text = shown.texts.get(box["id"], "")
    return _framed(box, _COLOURS["box"]) + _text(x + 5, y + 11, text, _COLOURS["text"], 9.5) + arrow


def _tab(box: Json, shown: Shown) -> str:
    x, y, w, h = box["presentation_rect"]
    parameter, value = _value(box, shown)
    names = parameter["parameter_enum"]
    each = w / len(names)
    parts = [_framed(box, _COLOURS["box"])]
    for index, name in enumerate(names):
        chosen = index == int(value)
        if chosen:
            parts.append(_rect(x + index * each, y, each, h, _COLOURS["on"], 2))
        colour = _COLOURS["frame"] if chosen else _COLOURS["text"]
        parts.append(_text(x + (index + 0.5) * each, y + 11, name, colour, 9.5, "middle"))
    return "".join(parts)


def _button(box: Json, shown: Shown) -> str:
    x, y, w, _ = box["presentation_rect"]
    _, value = _value(box, shown)
    on = box.get("mode") and value
    text = shown.texts.get(box["id"], box["texton"] if on else box["text"])
    named = box["id"] in shown.texts
    colour = _COLOURS["frame"] if on else _COLOURS["bright" if named else "text"]
    size = 9.5 if w > 15 else 11
    return _framed(box, _COLOURS["on" if on else "box"]) + _text(
        x + w / 2, y + 11, text, colour, size, "middle"
    )


def _label(box: Json, shown: Shown) -> str:
    x, y, w, h = box["presentation_rect"]
    size = box["fontsize"]
    anchor, at = (("start", x), ("middle", x + w / 2), ("end", x + w))[box["textjustification"]]
    text = shown.texts.get(box["id"], box.get("text", ""))
    on_screen = "textcolor" in box
    strong = size >= 11
    colour = _COLOURS["bright" if strong else "quiet" if on_screen and size < 9.6 else "text"]
    return _text(at, y + h / 2 + size * 0.36, text, colour, size, anchor)


def _panel(box: Json, shown: Shown) -> str:
    x, y, w, h = box["presentation_rect"]
    if box.get("shape") == 1:
        centre = f'cx="{_n(x + w / 2)}" cy="{_n(y + h / 2)}"'
        return f'<circle {centre} r="{_n(w / 2)}" fill="{shown.lamp}"/>'
    return _rect(x, y, w, h, _COLOURS["screen"], box.get("rounded", 0))


def _pulse(phase: float) -> float:
    """A finger pulse over one beat: the wave and its dicrotic echo."""
    return 0.12 + 0.76 * math.exp(-(((phase - 0.22) / 0.09) ** 2)) + 0.26 * math.exp(
        -(((phase - 0.52) / 0.13) ** 2)
    )  # fmt: skip


def _slider(box: Json, shown: Shown) -> str:
    x, y, w, h = box["presentation_rect"]
    if box["setstyle"] == 3:
        steps = int(w)
        points = " ".join(
            f"{_n(x + n)},{_n(y + h - 2 - (h - 4) * _pulse((n / steps * 3.4) % 1.0))}"
            for n in range(steps + 1)
        )
        return (
            f'<polyline points="{points}" fill="none" stroke="{_COLOURS["accent"]}" '
            'stroke-width="1.4" stroke-linejoin="round"/>'
        )
    level = shown.levels.get(box["id"], 0.0)
    bar = _rect(x, y, w * level, h, _COLOURS["accent"], 1.5) if level else ""
    return _rect(x, y, w, h, _COLOURS["frame"], 1.5) + bar


def _beat(box: Json, shown: Shown) -> str:
    x, y, w, h = box["presentation_rect"]
    colour = _COLOURS["heart"] if shown.beat else _COLOURS["frame"]
    centre = f'cx="{_n(x + w / 2)}" cy="{_n(y + h / 2)}"'
    return f'<circle {centre} r="{_n(w / 2 - 2)}" fill="{colour}"/>'


def _line(box: Json, shown: Shown) -> str:
    x, y, w, h = box["presentation_rect"]
    return f'<path d="M{_n(x + w / 2)} {y}v{h}" stroke="{_COLOURS["bar"]}"/>'


_DRAWN: dict[str, Callable[[Json, Shown], str]] = {
    "button": _beat,
    "live.comment": _label,
    "live.dial": _dial,
    "live.line": _line,
    "live.menu": _menu,
    "live.numbox": _number,
    "live.tab": _tab,
    "live.text": _button,
    "multislider": _slider,
    "panel": _panel,
    "umenu": _list,
}
