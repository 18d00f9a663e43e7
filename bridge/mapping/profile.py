"""Profiles: TOML files that say how values are scaled. Shipped ones lie in ``presets``.

A profile names what it changes; the rest stays as in ``default``. Unknown keys are errors.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.resources import files
from math import inf, isfinite
from pathlib import Path
from typing import Any

from bridge.errors import UserError
from bridge.given import text_given
from bridge.mapping.curve import LINEAR, Curve, parse_curve
from bridge.mapping.range import Fixed, Learned
from bridge.mapping.stage import Stage
from bridge.osc.contract import NORM_NAMES

DEFAULT = "default"
MOST = 1e12
"""Of a bound, in any unit."""


FIXED, LEARNED = "fixed", "learned"


@dataclass(frozen=True, slots=True)
class Row:
    """How one value becomes 0-1."""

    low: float
    high: float
    """The range whose ends become 0 and 1; where it is learned, what it is learned from."""
    learned: bool = False
    curve: Curve = LINEAR
    smoothing_s: float = 0.0
    """Time constant."""

    def stage(self) -> Stage:
        """A stage that works by this row, with nothing learned yet."""
        fixed = Fixed(self.low, self.high)
        return Stage(Learned(fixed) if self.learned else fixed, self.curve, self.smoothing_s)


@dataclass(frozen=True, slots=True)
class Profile:
    """How a performance is scaled."""

    name: str
    description: str
    norm: dict[str, Row]
    """By the names of ``/heart/norm/<name>``."""

    @property
    def scaling(self) -> str:
        """``fixed``, ``learned`` or, where rows differ, ``mixed``."""
        ways = {row.learned for row in self.norm.values()}
        return "mixed" if len(ways) > 1 else LEARNED if True in ways else FIXED

    def levels(self) -> "Levels":
        """The stages of all rows, with nothing learned yet."""
        return Levels({name: row.stage() for name, row in self.norm.items()})


@dataclass(frozen=True, slots=True)
class Levels:
    """The stages of one heart, one a value."""

    stages: dict[str, Stage]

    def push(self, name: str, t: float, value: float) -> float:
        """Take a value of ``/heart/norm/<name>`` at ``t`` seconds; return its level, 0-1."""
        return self.stages[name].push(t, value)

    def forget(self) -> None:
        """Begin anew: another person, another sensor."""
        for stage in self.stages.values():
            stage.forget()


def names() -> list[str]:
    """The shipped profiles."""
    presets = files("bridge") / "presets"
    return sorted(
        Path(entry.name).stem for entry in presets.iterdir() if entry.name.endswith(".toml")
    )


def text(name: str) -> str:
    """The TOML text of a shipped profile or of a file.

    Raises:
        UserError: neither a profile nor a file that can be read.
    """
    if name in names():
        return (files("bridge") / "presets" / f"{name}.toml").read_text(encoding="utf-8")
    try:
        if not Path(name).exists():
            raise UserError(f"neither a file nor one of {', '.join(names())}")
        return text_given(Path(name), 1)
    except UserError as error:
        raise UserError(f"profile {name}: {str(error).removeprefix(f'{name}: ')}") from None


def load(chosen: list[str]) -> Profile:
    """Load profiles by name or path, later ones over earlier ones, all over ``default``.

    Raises:
        UserError: naming file and key.
    """
    profile = _apply(Profile(DEFAULT, "", {}), DEFAULT)
    for name in chosen:
        profile = _apply(profile, name)
    return profile


def _apply(base: Profile, name: str) -> Profile:
    source = text(name)
    try:
        data = tomllib.loads(source)
    except (ValueError, RecursionError) as error:  # also numbers of 5,000 digits
        raise UserError(f"profile {name}: {error}") from None
    for key in data:
        if key not in ("description", "norm"):
            raise UserError(f"profile {name}: unknown key {key}; it has description and norm")
    norm = data.get("norm", {})
    if norm == LEARNED:
        rows = {key: replace(row, learned=True) for key, row in base.norm.items()}
    elif isinstance(norm, dict):
        rows = {key: _row(name, key, value, base.norm.get(key)) for key, value in norm.items()}
    else:
        raise UserError(f'profile {name}: norm should be a table, [norm], or norm = "{LEARNED}"')
    return Profile(name, str(data.get("description", "")), base.norm | rows)


def _row(profile: str, key: str, value: Any, base: Row | None) -> Row:
    """A row over the one below it. Ends that are given are fixed, unless it says learned."""
    where = f"profile {profile}: norm.{key}"
    if key not in NORM_NAMES:
        raise UserError(f"{where} is none of {', '.join(NORM_NAMES)}")
    if not isinstance(value, dict) or not set(value) <= set(_READ):
        raise UserError(f"{where} should be {{ low = 40, high = 180 }}; known: {', '.join(_READ)}")
    given: dict[str, Any] = {}
    for field, text in value.items():
        try:
            given[field] = _READ[field](text)
        except (UserError, ValueError) as error:
            raise UserError(f"{where} should be right in {field}: {error}") from None
    if base is None or "low" in given or "high" in given:
        if not given.get("low", inf) < given.get("high", -inf):
            raise UserError(f"{where} should be {{ low = 40, high = 180 }}, low below high")
        given.setdefault("learned", False)
    return Row(**given) if base is None else replace(base, **given)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is no number")
    if abs(value) > MOST or not isfinite(value):
        raise ValueError("that is beyond any measure")
    return float(value)


def _seconds(value: object) -> float:
    if _number(value) < 0:
        raise ValueError(f"{value!r} is less than 0 s")
    return _number(value)


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


_READ: dict[str, Callable[[Any], object]] = {
    "low": _number,
    "high": _number,
    "learned": _switch,
    "curve": lambda value: parse_curve(str(value)),
    "smoothing_s": _seconds,
}
