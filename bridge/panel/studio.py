"""Hearts that come and go, and what they play: the panel's side of the playing process."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.errors import BeatbridgeError, UserError
from bridge.live.performer import Performer
from bridge.live.run import LiveRun
from bridge.mapping import profile as profiles
from bridge.osc import contract
from bridge.panel import setups
from bridge.panel.outputs import Outputs, Player
from bridge.panel.setups import Setup
from bridge.panel.show import ShowSink
from bridge.pipeline import Pipeline
from bridge.sinks import Seat
from bridge.sinks.osc import OscSink
from bridge.sinks.recorder import Recorder
from bridge.sources.hearts import parse_hearts
from bridge.sources.spec import open_source, signal_kind

Message = dict[str, Any]

FRAMES_A_SECOND = 30.0
MOST_HEARTS = 8
"""More than four share colours and patterns; more than these no screen shows."""


@dataclass(slots=True)
class Heart:
    """One heart that plays."""

    number: int
    name: str
    named: bool
    """By a person; a heart that nobody named plays where one heart alone does."""
    source: str
    performer: Performer
    show: ShowSink
    recorder: Recorder | None = None

    def message(self) -> Message:
        """How the page lists it."""
        return {
            "id": self.number, "name": self.name, "number": self.number, "source": self.source,
            "state": self.show.state.value, "link": self.show.link, "battery": self.show.battery,
            "recording": self.recorder is not None,
        }  # fmt: skip


class Studio:
    """What the commands of a page do. Everything happens in the loop that plays."""

    def __init__(
        self, run: LiveRun, outputs: Outputs, folder: Path, tell: Callable[[Message], None]
    ) -> None:
        """Take note of the parts.

        Args:
            run: plays the hearts, and lasts.
            outputs: what they play.
            folder: where recordings go.
            tell: hands a message to the pages.
        """
        self._run = run
        self._outputs = outputs
        self._folder = folder
        self._tell = tell
        self._hearts: dict[int, Heart] = {}
        self._profile = profiles.load([])
        self._setup_name: str | None = None
        self._saved = False
        self._recording_since: float | None = None
        self._sent = 0
        self.quit = asyncio.Event()
        self.commands: dict[str, Callable[[Message], Any]] = {
            "start": self._start,
            "stop": self._stop,
            "relearn": self._relearn,
            "midi": self._midi,
            "sound": self._sound,
            "style": self._style,
            "target.add": self._add_target,
            "target.remove": self._remove_target,
            "record": self._record,
            "mark": self._mark,
            "profile.save": self._save,
            "profile.load": self._load,
            "quit": self._quit,
        }

    async def command(self, message: Message) -> None:
        """Do what a page asks for, and answer it."""
        answer: Message = {"k": "answer", "re": message.get("id"), "ok": True}
        try:
            do = self.commands.get(str(message.get("do")))
            if do is None:
                raise UserError(f"there is no command {message.get('do')!r}")
            result = do(message)
            if asyncio.iscoroutine(result):
                result = await result
            answer |= result or {}
        except BeatbridgeError as error:
            answer |= {"ok": False, "error": str(error)}
        self._tell(answer)

    async def frames(self) -> None:
        """Tell the pages what moved, thirty times a second, for ever."""
        while True:
            await asyncio.sleep(1.0 / FRAMES_A_SECOND)
            frames = {heart.number: heart.show.frame() for heart in self._hearts.values()}
            moved = {str(number): frame for number, frame in frames.items() if frame is not None}
            if moved:
                self._tell({"k": "w", "h": moved})
            if any(heart.show.changed for heart in self._hearts.values()):
                for heart in self._hearts.values():
                    heart.show.changed = False
                self._show_hearts()
            sent = sum(heart.performer.osc.sent.total() for heart in self._hearts.values())
            if sent > self._sent and self._outputs.targets:
                self._tell({"k": "sent"})
            self._sent = sent

    def show(self) -> None:
        """Tell the pages everything there is to choose."""
        self._show_hearts()
        self._show_outputs()
        self._show_setup()
        self._show_recording()

    def keep_last(self) -> None:
        """Keep what plays, to be taken up at the next start."""
        with contextlib.suppress(BeatbridgeError):
            setups.save(setups.LAST, self._setup())

    async def take_up(self, setup: Setup) -> None:
        """Start what a setup holds; what cannot be had is told, and left out."""
        for text in setup.targets:
            with contextlib.suppress(UserError):
                self._outputs.add_target(text)
        for name, source in setup.hearts:
            await self._try(self._start, {"name": name, "source": source})
        if setup.midi:
            await self._try(self._midi, {"port": setup.midi})
        if setup.sound:
            await self._try(self._sound, {"on": True})
        await self._try(self._style, {"name": setup.style, "on": setup.style_on})
        self.show()

    async def _try(self, do: Callable[[Message], Any], message: Message) -> None:
        try:
            result = do(message)
            if asyncio.iscoroutine(result):
                await result
        except BeatbridgeError as error:
            self._tell({"k": "notice", "text": str(error), "warn": True})

    def _start(self, message: Message) -> Message:
        if len(self._hearts) >= MOST_HEARTS:
            raise UserError(f"{MOST_HEARTS} hearts play already; stop one first")
        source = str(message.get("source", ""))
        number = next(n for n in range(1, MOST_HEARTS + 1) if n not in self._hearts)
        name = str(message.get("name") or "") or f"heart{number}"
        others = [f"{heart.name}=sim" for heart in self._hearts.values()]
        parse_hearts([*others, f"{name}=sim"])  # names are of one kind everywhere
        opened, kind = open_source(source), signal_kind(source)
        named = bool(message.get("name"))
        root = f"{contract.ROOT}/{name}" if named else contract.ROOT
        if root in (heart.performer.osc.root for heart in self._hearts.values()):
            root = f"{contract.ROOT}/{name}"
        osc = OscSink(self._outputs.targets, root, self._profile)
        show = ShowSink(number, self._tell)

        def notice(text: str) -> None:
            self._tell({"k": "notice", "text": f"{name}: {text}"})

        performer = Performer(opened, Pipeline(kind), osc, [show], notice=notice, name=name)
        heart = self._hearts[number] = Heart(number, name, named, source, performer, show)
        self._outputs.join(number, Player(performer, Seat(name, number, self._profile)))
        if self._recording_since is not None:
            self._record_one(heart)
        self._run.join(performer, lambda error: self._ended(heart, error))
        self._changed()
        self._show_hearts()
        return {"heart": number}

    def _stop(self, message: Message) -> None:
        self._run.end(self._heart(message).performer)

    def _ended(self, heart: Heart, error: Exception | None) -> None:
        """A heart has ended by itself, by a failure or because it was asked to."""
        del self._hearts[heart.number]
        self._outputs.leave(heart.number)
        if error is not None:
            self._tell({"k": "notice", "text": f"{heart.name} has ended: {error}", "warn": True})
        for note in heart.performer.summary.notes:
            self._tell({"k": "notice", "text": f"{heart.name}: {note}"})
        self._changed()
        self._show_hearts()

    def _heart(self, message: Message) -> Heart:
        heart = self._hearts.get(message.get("heart", 0))
        if heart is None:
            raise UserError("this heart plays no longer")
        return heart

    def _relearn(self, message: Message) -> None:
        self._heart(message).performer.forget()

    async def _midi(self, message: Message) -> None:
        port = message.get("port")
        try:
            await self._outputs.switch_midi(str(port) if port else None)
        finally:
            self._changed()
            self._show_outputs()

    async def _sound(self, message: Message) -> None:
        try:
            await self._outputs.switch_sound(bool(message.get("on")))
        finally:
            self._changed()
            self._show_outputs()

    def _style(self, message: Message) -> None:
        self._outputs.switch_style(str(message.get("name", "default")), bool(message.get("on")))
        self._changed()
        self._show_outputs()

    def _add_target(self, message: Message) -> None:
        self._outputs.add_target(str(message.get("target", "")))
        self._changed()
        self._show_outputs()

    def _remove_target(self, message: Message) -> None:
        self._outputs.remove_target(str(message.get("target", "")))
        self._changed()
        self._show_outputs()

    def _record(self, message: Message) -> None:
        if message.get("on"):
            if not self._hearts:
                raise UserError("no heart plays: there is nothing to record yet")
            self._folder.mkdir(parents=True, exist_ok=True)
            self._recording_since = time.monotonic()
            for heart in self._hearts.values():
                self._record_one(heart)
        else:
            self._recording_since = None
            for heart in self._hearts.values():
                if heart.recorder is not None:
                    heart.performer.drop(heart.recorder)
                    heart.recorder = None
        self._show_hearts()
        self._show_recording()

    def _record_one(self, heart: Heart) -> None:
        stamp = time.strftime("%Y-%m-%d_%H%M%S")
        heart.recorder = Recorder(self._folder / f"{stamp}_{heart.name}.csv")
        heart.performer.add(heart.recorder)

    def _mark(self, message: Message) -> None:
        text = " ".join(str(message.get("text", ""))[:80].split()) or "mark"
        if not self._hearts:
            raise UserError("no heart plays: there is nothing to mark yet")
        for heart in self._hearts.values():
            heart.performer.mark(text)
        times = {str(heart.number): heart.show.t for heart in self._hearts.values()}
        self._tell({"k": "mark", "text": text, "t": times})

    def _save(self, message: Message) -> None:
        name = str(message.get("name", ""))
        setups.save(name, self._setup())
        self._setup_name, self._saved = name, True
        self._show_setup()

    async def _load(self, message: Message) -> None:
        name = str(message.get("name", ""))
        setup = setups.load(name)
        for heart in list(self._hearts.values()):
            self._run.end(heart.performer)
        while self._hearts:
            await asyncio.sleep(0.02)
        await self.take_up(setup)
        self._setup_name, self._saved = name, True
        self._show_setup()

    def _quit(self, message: Message) -> None:
        self.quit.set()

    def _setup(self) -> Setup:
        return Setup(
            hearts=tuple(
                (heart.name if heart.named else "", heart.source) for heart in self._hearts.values()
            ),
            targets=tuple(self._outputs.names),
            midi=self._outputs.midi,
            sound=self._outputs.sound,
            style=self._outputs.style,
            style_on=self._outputs.style_on,
        )

    def _changed(self) -> None:
        self._saved = False
        self._show_setup()

    def _show_hearts(self) -> None:
        hearts = sorted(self._hearts.values(), key=lambda heart: heart.number)
        self._tell({"k": "hearts", "list": [heart.message() for heart in hearts]})

    def _show_outputs(self) -> None:
        from bridge.sinks.midi.port import output_names

        try:
            ports, none = output_names(), None
        except UserError as error:
            ports, none = [], str(error)
        self._tell(self._outputs.message(self._styles(), ports, none))

    def _styles(self) -> list[Message]:
        from bridge.clips.style_file import load_style, style_names

        return [{"name": name, "promise": load_style(name).description} for name in style_names()]

    def _show_setup(self) -> None:
        names = setups.names()
        self._tell({"k": "profile", "name": self._setup_name, "names": names, "saved": self._saved})

    def _show_recording(self) -> None:
        since = self._recording_since
        seconds = 0.0 if since is None else time.monotonic() - since
        self._tell({"k": "recording", "on": since is not None, "seconds": seconds})
