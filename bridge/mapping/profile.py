"""Profiles: TOML files that say how values are scaled. Shipped ones lie in ``presets``.

A profile names what it changes; the rest stays as in ``default``. Unknown keys are errors.
"""

import codecs
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from math import isfinite
from pathlib import Path
from typing import Any

from bridge.errors import UserError
from bridge.osc.contract import NORM_NAMES

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The range whose ends become 0 and 1."""

    low: float
    high: float

    def scale(self, value: float) -> float:
        """Return the value's place between low and high, held to 0-1."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


@dataclass(frozen=True, slots=True)
class Profile:
    """How a performance is scaled."""

    name: str
    description: str
    norm: dict[str, Bounds]
    """By the names of ``/heart/norm/<name>``."""


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
        data = Path(name).read_bytes()
    except FileNotFoundError:
        raise UserError(f"profile {name}: neither a file nor one of {', '.join(names())}") from None
    except OSError as error:
        raise UserError(f"profile {name}: cannot be read ({error.strerror or error})") from None
    # Windows PowerShell redirects as UTF-16, and editors there put a mark before UTF-8.
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if utf16 else "utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise UserError(f"profile {name}: should be text, in UTF-8") from None


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
    try:
        data = tomllib.loads(text(name))
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"profile {name}: {error}") from None
    for key in data:
        if key not in ("description", "norm"):
            raise UserError(f"profile {name}: unknown key {key}; it has description and norm")
    norm = data.get("norm", {})
    if not isinstance(norm, dict):
        raise UserError(f"profile {name}: norm should be a table, [norm]")
    bounds = {key: _bounds(name, key, value) for key, value in norm.items()}
    return Profile(name, str(data.get("description", "")), base.norm | bounds)


def _bounds(profile: str, key: str, value: Any) -> Bounds:
    if key not in NORM_NAMES:
        raise UserError(f"profile {profile}: norm.{key} is none of {', '.join(NORM_NAMES)}")
    try:
        low, high = float(value["low"]), float(value["high"])
        fits = set(value) == {"low", "high"} and isfinite(low) and isfinite(high) and low < high
    except (TypeError, KeyError, ValueError):
        fits = False
    if not fits:
        raise UserError(
            f"profile {profile}: norm.{key} should be {{ low = 40, high = 180 }}, low below high"
        )
    return Bounds(low, high)
