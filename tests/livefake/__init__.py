"""The device's JavaScript under Duktape (ES5), in a Max and a Live as strict as the real ones."""

import json
from pathlib import Path
from typing import Any

import dukpy

from max_for_live.build import source

HERE = Path(__file__).parent

Said = tuple[int, list[Any]]
"""An outlet and the atoms that left it."""


class Script:
    """One script in a Set of 8 scenes: a track that carries the device, and an audio track."""

    def __init__(
        self,
        name: str,
        *,
        arguments: tuple[Any, ...] = (),
        refuse: str = "throw",
        track: str = "midi",
        dictionaries: dict[str, Any] | None = None,
        code: bytes | None = None,
    ) -> None:
        """``code``: another text than the one in ``max_for_live/code``."""
        self._engine = dukpy.JSInterpreter()
        self.asked = 0
        """How often code was run so far: by others, a task may wait since."""
        for fake in ("max.js", "live.js"):
            self.js((HERE / fake).read_text(encoding="utf-8"))
        self.js(f"""
            __refuse = {json.dumps(refuse)};
            __newTrack(__song, "Heart", {json.dumps(track == "midi")}, 8);
            __newTrack(__song, "Voice", false, 8);
            __song.scenes = [1, 2, 3, 4, 5, 6, 7, 8];
            __device = __newDevice("MidiEffectDevice", "Beatbridge", __song.tracks[0], ["Note"]);
            __synth = __newDevice("PluginDevice", "Analog", __song.tracks[0],
                ["Filter 1 Frequency", "Volume"]);
            jsarguments = {json.dumps([name])};
        """)
        self._arguments = arguments
        for key, value in (dictionaries or {}).items():
            self.js(f"__dictionaries[{json.dumps(key)}] = {json.dumps(value)};")
        # The semicolon keeps "use strict" from closing the scope: dukpy evaluates what Max runs
        # as a program.
        self.js(";" + (code or source(name)).decode("utf-8"))
        self._globals = self._names()

    def js(self, code: str) -> Any:
        """Run code in the script's world; returns the value where it is an expression."""
        self.asked += 1
        statements = code.rstrip().endswith((";", "}"))
        return self._engine.evaljs(code + "\n;null" if statements else code)

    def ready(self) -> list[Said]:
        """live.thisdevice has fired; ``ready`` brings the arguments."""
        self.js("__live()")
        return self.send("ready", *self._arguments)

    def put(self, name: str, content: dict[str, Any]) -> None:
        """Let a named dictionary hold this; one that the script has already made is filled anew."""
        self.js(f"__fill({json.dumps(name)}, {json.dumps(content)});")

    def dictionary(self, name: str) -> dict[str, Any] | None:
        """What a dictionary holds that the script has made a Dict of."""
        found: dict[str, Any] | None = self.js(f"__held({json.dumps(name)})")
        return found

    def send(self, selector: str, *atoms: Any) -> list[Said]:
        """Send a message to the inlet; returns what left the outlets meanwhile."""
        said = self.js(f"__send({json.dumps(selector)}, {json.dumps(list(atoms))})")
        return [(outlet, atoms) for outlet, atoms in said]

    def advance(self, ms: float) -> list[tuple[float, int, list[Any]]]:
        """Let time pass; returns (ms, outlet, atoms) of what left the outlets."""
        return [tuple(entry) for entry in self.js(f"__advance({ms})")]

    def clips(self, track: int = 0) -> list[Any]:
        """What the slots of a track hold."""
        found: list[Any] = self.js(f"__clips({track})")
        return found

    def _names(self) -> set[str]:
        return set(self.js("Object.keys(this)"))

    @property
    def leaked(self) -> set[str]:
        """Globals that came after loading: names assigned without a declaration."""
        return self._names() - self._globals

    @property
    def refused(self) -> list[str]:
        """What Live refused so far."""
        return list(self.js("__refused"))

    @property
    def posted(self) -> list[str]:
        """What the script wrote to the console."""
        return list(self.js("__posted"))
