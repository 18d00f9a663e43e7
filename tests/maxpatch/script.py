"""js: the bundled scripts, run as ES5 by the fakes of tests/livefake."""

from typing import Any

from tests.livefake import Script
from tests.maxpatch.runtime import Atom, MaxError, Obj

TICK_MS = 10.0


class Js(Obj):
    """One script, as it is in the device; its outlets must be those the patch has."""

    name = "js"

    def setup(self) -> None:
        bundled = next((f for f in self.max.device.files if f.name == self.args[0]), None)
        if bundled is None:
            raise MaxError(f"{self} is not in the device")
        stem = str(self.args[0]).split("-")[1]
        if self.args[1:]:
            raise MaxError(f"{self}: no real device gives js an argument with ---")
        self.script = Script(stem, code=bundled.data)
        for port in ("inlets", "outlets"):
            if self.script.js(port) != self.node.box[f"num{port}"]:
                raise MaxError(f"{self} declares other {port}")
        self.told: list[list[Atom]] = []
        self.keeps = b"new Dict" in bundled.data
        self.at = 0.0
        self.due: float | None = None
        self.seen = 0
        if b"new Task" in bundled.data:
            self.max.after(TICK_MS, self._tick)

    def ready(self) -> None:
        """The Live API is there."""
        self.script.js("__live()")

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if not atoms or not isinstance(atoms[0], str):
            raise self.wrong(inlet, atoms)
        self.told.append(atoms)
        if self.keeps:
            for name, content in self.max.dictionaries.items():
                self.script.put(name, content)
        if self.max.audio:
            self._catch_up()
        said = self.script.send(atoms[0], *atoms[1:])
        self._fetch()
        self._say(said)

    def _fetch(self) -> None:
        """What the script has written into dictionaries is there for the patch as well."""
        for name, content in self.max.dictionaries.items() if self.keeps else ():
            held = self.script.dictionary(name)
            if held is not None and held != content:
                content.clear()
                content.update(held)

    def _tick(self) -> None:
        """Run the tasks that are due, where any can be: asking costs more than all the rest."""
        if self.script.asked != self.seen or (self.due is not None and self.max.now >= self.due):
            self._catch_up()
            wait = self.script.js("__wait()")
            self.due = None if wait is None else self.max.now + wait
            self.seen = self.script.asked
        self.max.after(TICK_MS, self._tick)

    def _catch_up(self) -> None:
        """Let the script's clock come to where the patch's is."""
        said = [(outlet, atoms) for _, outlet, atoms in self.script.advance(self.max.now - self.at)]
        self.at = self.max.now
        self._fetch()
        self._say(said)

    def _say(self, said: list[tuple[int, list[Any]]]) -> None:
        for outlet, atoms in said:
            whole = [int(a) if isinstance(a, float) and a == int(a) else a for a in atoms]
            self.out(outlet, *whole)
