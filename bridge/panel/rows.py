"""Rows of receivers as the page shows and changes them: their text, edited with its comments kept.

Lives in the panel's process: reading and writing TOML takes milliseconds in which no beat may
fall. The process that plays gets the whole text anew.
"""

import tomllib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from bridge.errors import UserError
from bridge.offline.atomic import write_atomically
from bridge.osc import contract
from bridge.osc.send import shown
from bridge.patchbay.load import Map, names, parse, text
from bridge.patchbay.row import Row
from bridge.patchbay.shipped import shipped

Message = dict[str, Any]

EDITABLE = ("from", "low", "high", "learned", "min", "max", "curve", "smoothing_s", "mute")
POINTS = 33
"""Of a curve as it is drawn."""
TOGETHER = {"group/bpm": (40.0, 180.0), "group/count": (0.0, 8.0), "group/spread": (0.0, 30.0)}
"""Values of all hearts together, and the range in which each is taken at first: eight hearts are
the most that play, and 30 apart is one at rest beside one that runs."""
MAPS = "*.toml"
"""A person's own, in the folder of the sessions."""


class Rows:
    """The receivers that are used, by name, and those that could be."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._texts: dict[str, str] = {}
        self.commands: dict[str, Callable[[Message], Awaitable[Message]]] = {
            "receiver.add": self._add,
            "receiver.where": self._where,
            "receiver.keep": self._keep,
            "row.set": self._set,
        }

    def message(self, texts: dict[str, str]) -> Message:
        """What the page shows, of the texts that are played now."""
        self._texts = dict(texts)
        used = [_receiver(name, source) for name, source in texts.items()]
        own = [
            {"name": path.name, "title": f"{path.name}, your own", "known": ""}
            for path in self._own()
        ]
        return {
            "k": "rows", "used": used, "receivers": own + _shipped(), "sources": _sources(),
            "group": [path.partition("/")[2] for path in TOGETHER],
        }  # fmt: skip

    def _own(self) -> list[Path]:
        return sorted(path for path in self._folder.glob(MAPS) if path.is_file())

    async def _add(self, command: Message) -> Message:
        name = str(command.get("name", ""))
        if name in self._texts:
            raise UserError(f"{name} is moved already")
        own = {path.name: path for path in self._own()}
        if name not in own and name not in names():
            raise UserError(f"there is no receiver {name}")
        return self._play(name, text(str(own.get(name, name))))

    async def _set(self, command: Message) -> Message:
        key, value = command.get("key"), command.get("value")
        if key not in EDITABLE:
            raise UserError(f"{key}: cannot be changed here")
        if not isinstance(value, str | int | float):
            raise UserError(f"{key}: should be a number, a word, true or false")
        name, document = self._document(command)
        try:
            row = document["row"][command["index"]]
        except (IndexError, KeyError, TypeError):
            raise UserError("this row is no longer there") from None
        if key == "from":  # a range of another value
            for gone in ("low", "high", "learned"):
                row.pop(gone, None)
            if value in TOGETHER:
                row["low"], row["high"] = TOGETHER[value]
        row[key] = value
        return self._play(name, tomlkit.dumps(document))

    async def _where(self, command: Message) -> Message:
        name, document = self._document(command)
        document["midi" if "midi" in document else "osc"] = str(command.get("where", ""))
        return self._play(name, tomlkit.dumps(document))

    async def _keep(self, command: Message) -> Message:
        name, document = self._document(command)
        path, more = self._folder / f"{name.removesuffix('.toml')}.toml", 2
        while name in names() and path.exists():
            path, more = self._folder / f"{name}-{more}.toml", more + 1
        self._folder.mkdir(parents=True, exist_ok=True)
        write_atomically(path, tomlkit.dumps(document).encode())
        return {"says": f"kept; it plays without the panel too: beatbridge live --map {path}"}

    def _document(self, command: Message) -> tuple[str, Any]:
        name = str(command.get("name", ""))
        if name not in self._texts:
            raise UserError("this receiver is no longer there")
        try:
            return name, tomlkit.parse(self._texts[name])
        except TOMLKitError as error:
            raise UserError(f"map {name}: {error}") from None

    def _play(self, name: str, source: str) -> Message:
        """Hand a text on to be played, if it is right; what follows is built on it."""
        parse(name, source)
        if name in self._texts:
            self._texts[name] = source
        return {"forward": {"do": "receiver.use", "name": name, "text": source}}


def _receiver(name: str, source: str) -> Message:
    wanted, data = parse(name, source), tomllib.loads(source)
    title, _, promise = wanted.description.partition(":")
    return {
        "name": name,
        "title": title or name,
        "promise": promise.strip(),
        "first": wanted.switch_on,
        "known": wanted.known,
        "how": "midi" if wanted.osc is None else "osc",
        "where": wanted.midi or "" if wanted.osc is None else shown(wanted.osc),
        "rows": [
            _row(row, raw) for row, raw in zip(wanted.rows, data["row"], strict=True)
        ],
    }  # fmt: skip


def _row(row: Row, raw: Message) -> Message:
    return {
        "name": row.name, "from": str(raw["from"]).strip("/").removeprefix("heart/"),
        "to": raw["to"], "low": row.low, "high": row.high, "learned": row.learned,
        "min": row.min, "max": row.max, "curve": raw.get("curve", "linear"),
        "smoothing_s": row.smoothing_s, "mute": row.mute,
        "kind": "beat" if row.is_beat else "word" if row.words else "value",
        "points": curve_points(row),
    }  # fmt: skip


def curve_points(row: Row) -> list[float]:
    """What leaves for input at equal steps from low to high: its place from least to greatest."""
    stage = replace(row, smoothing_s=0.0, learned=False).stage()
    low, high = sorted((row.min, row.max))
    span = high - low or 1.0
    inputs = [row.low + (row.high - row.low) * n / (POINTS - 1) for n in range(POINTS)]
    outputs = [row.output(stage.push(float(n), value)) for n, value in enumerate(inputs)]
    return [round((output - low) / span, 3) for output in outputs]


@cache
def _shipped() -> list[Message]:
    return [
        {"name": each.name, "title": each.description.partition(":")[0], "known": each.known}
        for each in shipped()
    ]


@cache
def _sources() -> list[str]:
    """Values that have a range of their own, in the order of the contract."""
    paths = [message.path[1:] for message in contract.MESSAGES if message.way is contract.Way.OUT]
    return [path for path in ["strength", *paths] if _can_be_followed(path)]


def _can_be_followed(path: str) -> bool:
    if path.startswith("group/"):
        return False
    row = f'osc = "127.0.0.1:9"\n[[row]]\nfrom = "{path}"\nto = "/x"\nmin = 0\nmax = 1\n'
    try:
        found: Map = parse("", row)
    except UserError:
        return False
    return not found.rows[0].words
