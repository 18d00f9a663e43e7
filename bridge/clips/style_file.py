"""Styles from TOML: the shipped ones by name, or anybody's file; errors name file and key."""

import tomllib
from dataclasses import MISSING, fields
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from bridge.clips.style import Style, within, zone_count
from bridge.errors import UserError
from bridge.given import text_given

_MOST = 10**15
"""Also of hexadecimal numbers, which may have any number of digits."""
STYLES = Path(__file__).parent / "styles"


def style_names() -> tuple[str, ...]:
    """The shipped styles."""
    return tuple(sorted(path.stem for path in STYLES.glob("*.toml")))


def style_name(name: str) -> str:
    """What a style is called in clips made by it: its name, or its file's without the folder."""
    return Path(name).stem if name.endswith(".toml") else name


def load_style(name: str, changes: dict[str, Any] | None = None) -> Style:
    """Load a shipped style by name or a TOML file by path, and change single keys of it.

    What the file leaves out is as in the default style.

    Args:
        name: ``default`` or another of ``style_names``, or a path that ends in ``.toml``.
        changes: dotted keys and values that win, such as ``{"grid.tempo": 90.0}``.

    Raises:
        UserError: names the file and the key.
    """
    table = _read(STYLES / "default.toml", name)
    if name != "default":
        del table["description"], table["promise"]
        path = Path(name) if name.endswith(".toml") else STYLES / f"{name}.toml"
        table = _over(table, _read(path, name))
    where = name if name.endswith(".toml") else f"style {name}"
    for key, value in (changes or {}).items():
        *parents, last = key.split(".")
        at = table
        for parent in parents:
            at = at.setdefault(parent, {})
            if not isinstance(at, dict):
                raise UserError(f"{key}: {parent} is a list; change it in a style file")
        at[last] = value
    try:
        style: Style = _build(Style, table, "")
        _check(style)
    except UserError as error:
        raise UserError(f"{where}: {error}") from None
    return style


def _read(path: Path, name: str) -> dict[str, Any]:
    try:
        if not path.exists():
            raise FileNotFoundError
        return tomllib.loads(text_given(path, 1))
    except FileNotFoundError:
        known = ", ".join(style_names())
        raise UserError(f"no style {name!r}: there are {known}, or give a .toml file") from None
    except UserError:
        raise
    except (OSError, ValueError, RecursionError) as error:  # also numbers of 5,000 digits
        raise UserError(f"{path}: {error}") from None


def _over(base: dict[str, Any], top: dict[str, Any]) -> dict[str, Any]:
    """Tables merge key by key; everything else of the top replaces what is below."""
    merged = dict(base)
    for key, value in top.items():
        below = merged.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            value = _over(below, value)
        merged[key] = value
    return merged


def parse_change(text: str) -> tuple[str, Any]:
    """``KEY=VALUE`` of the command line: the value as TOML, or as plain text where it is none.

    Raises:
        UserError: there is no ``=``.
    """
    key, equals, value = text.partition("=")
    if not (equals and key.strip()):
        raise UserError(f"{text!r}: write KEY=VALUE, as in zones.edges=quantile")
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except (ValueError, RecursionError):
        return key.strip(), value.strip()


def _check(style: Style) -> None:
    """What depends on two sections at once."""
    drums, cells = style.drums, style.grid.cells
    if isinstance(drums.order, tuple):
        for cell in drums.order:
            within("drums.order", cell, 0, cells - 1, f"{cells} cells a bar")
        if not drums.order:
            raise UserError("drums.order: name at least one cell")
    zones = zone_count(style)
    if isinstance(drums.notes, tuple) and drums.engine == "zones" and len(drums.notes) < zones:
        raise UserError(f"drums.notes: {len(drums.notes)} notes for {zones} zones")
    edges = style.zones.edges
    if isinstance(edges, tuple):
        if list(edges) != sorted(set(edges)) or not edges:
            raise UserError("zones.edges: borders must rise")
        if len(edges) != zones - 1:
            raise UserError(
                f"zones.edges: {len(edges)} borders, where {zones} zones have {zones - 1}"
            )


def _build(kind: Any, value: Any, key: str) -> Any:
    """Turn TOML into a value of an annotated type; every key is checked."""
    if hasattr(kind, "__dataclass_fields__"):
        if not isinstance(value, dict):
            raise UserError(f"{key}: a table is expected")
        hints = get_type_hints(kind)
        known = [field.name for field in fields(kind)]
        for name in value:
            if name not in known:
                full = f"{key}.{name}".lstrip(".")
                raise UserError(f"unknown key {full!r}; known here: {', '.join(known)}")
        prefix = f"{key}." if key else ""
        parts = {name: _build(hints[name], item, prefix + name) for name, item in value.items()}
        try:
            return kind(**parts)
        except TypeError:
            needed = [f.name for f in fields(kind) if f.name not in parts and f.default is MISSING]
            raise UserError(f"{key}: {', '.join(needed)} missing") from None
    options = get_args(kind)
    if get_origin(kind) in (Union, UnionType):
        for option in options:
            try:
                return _build(option, value, key)
            except UserError:
                continue
        raise UserError(f"{key} = {value!r}: not one of {_say(kind)}")
    if get_origin(kind) is Literal:
        if value in options:
            return value
        raise UserError(f"{key} = {value!r}: not one of {_say(kind)}")
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise UserError(f"{key} = {value!r}: a list is expected")
        if options[-1] is Ellipsis:
            return tuple(_build(options[0], v, f"{key}[{k}]") for k, v in enumerate(value))
        if len(value) != len(options):
            raise UserError(f"{key} = {value!r}: {len(options)} values are expected")
        return tuple(_build(o, v, key) for o, v in zip(options, value, strict=True))
    if isinstance(value, int) and abs(value) > _MOST:
        raise UserError(f"{key}: a number beyond any use")
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, kind):
        raise UserError(f"{key} = {value!r}: {_say(kind)} is expected")
    return value


def _say(kind: Any) -> str:
    """A type in the words of somebody who writes TOML."""
    if get_origin(kind) is Literal:
        return ", ".join(repr(option) for option in get_args(kind))
    if get_origin(kind) in (Union, UnionType):
        return ", ".join(_say(option) for option in get_args(kind) if option is not type(None))
    if get_origin(kind) is tuple:
        return "a list"
    return {int: "a whole number", float: "a number", str: "a text"}.get(kind, str(kind))
