"""Hearts that come and go, and what they play: the panel's side of the playing process."""

import asyncio
import contextlib
from collections.abc import Callable
from itertools import count
from typing import Any

from bridge.errors import BeatbridgeError, UserError
from bridge.panel import setups
from bridge.panel.hearts import Hearts
from bridge.panel.outputs import Outputs
from bridge.panel.receivers import Receivers
from bridge.panel.setups import Setup
from bridge.panel.together import Together

Message = dict[str, Any]

FRAMES_A_SECOND = 30.0
METERS_EVERY, RATE_EVERY = 3, 30
"""Frames: ten times a second for meters, once for what is counted a second."""


class Studio:
    """What the commands of a page do. Everything happens in the loop that plays."""

    def __init__(
        self,
        hearts: Hearts,
        together: Together,
        outputs: Outputs,
        receivers: Receivers,
        tell: Callable[[Message], None],
    ) -> None:
        """Take note of the parts.

        Args:
            hearts: who plays.
            together: what they are as a group.
            outputs: what they play.
            receivers: what they move.
            tell: hands a message to the pages.
        """
        self._hearts = hearts
        self._together = together
        self._outputs = outputs
        self._receivers = receivers
        self._tell = tell
        self._setup_name: str | None = None
        self._saved = False
        self._sent = 0
        self.quit = asyncio.Event()
        self.commands: dict[str, Callable[[Message], Any]] = {
            **hearts.commands,
            "midi": self._midi,
            "sound": self._sound,
            "style": self._style,
            "target.add": self._add_target,
            "target.remove": self._remove_target,
            "receiver.use": self._use_receiver,
            "receiver.remove": self._remove_receiver,
            "row.move": self._move_row,
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
        counted = 0
        for frame in count():
            await asyncio.sleep(1.0 / FRAMES_A_SECOND)
            hearts = self._hearts.playing()
            frames = {heart.number: heart.show.frame() for heart in hearts}
            moved = {str(number): frame for number, frame in frames.items() if frame is not None}
            if any(heart.show.changed for heart in hearts):
                for heart in hearts:
                    heart.show.changed = False
                self._hearts.show()
            if self._hearts.changed:
                self._hearts.changed = False
                self._changed()
            if self._together.changed:
                self._tell(self._together.message())
            sent = sum(heart.performer.osc.sent.total() for heart in hearts)
            left = sent > self._sent and bool(self._outputs.targets)
            self._sent = sent
            if moved or left:  # in one message: each is a write here, and one for each page
                self._tell({"k": "w", "h": moved, "sent": left})
            if frame % METERS_EVERY == 0:
                meters = self._outputs.meters() | self._receivers.meters()
                if frame % RATE_EVERY == 0:
                    meters["osc"] = [None, f"{max(0, sent - counted)} messages a second"]
                    counted = sent
                if meters:
                    self._tell({"k": "meter", "v": meters})

    def show(self) -> None:
        """Tell the pages everything there is to choose."""
        self._hearts.show()
        self._show_outputs()
        self._show_rows()
        self._show_setup()
        self._hearts.show_recording()

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
            await self._try(self._hearts.start, {"name": name, "source": source})
        if setup.midi:
            await self._try(self._midi, {"port": setup.midi})
        if setup.sound:
            await self._try(self._sound, {"on": True})
        await self._try(self._style, {"name": setup.style, "on": setup.style_on})
        for name in set(self._receivers.texts) - set(setup.receivers):
            await self._receivers.remove(name)
        for name, text in setup.receivers.items():
            await self._try(self._use_receiver, {"name": name, "text": text})
        self.show()

    async def _try(self, do: Callable[[Message], Any], message: Message) -> None:
        try:
            result = do(message)
            if asyncio.iscoroutine(result):
                await result
        except BeatbridgeError as error:
            self._tell({"k": "notice", "text": str(error), "warn": True})

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

    async def _use_receiver(self, message: Message) -> None:
        try:
            await self._receivers.use(str(message.get("name", "")), str(message.get("text", "")))
            self._changed()
        finally:
            self._show_rows()

    async def _remove_receiver(self, message: Message) -> None:
        await self._receivers.remove(str(message.get("name", "")))
        self._changed()
        self._show_rows()

    def _move_row(self, message: Message) -> None:
        row = message.get("index")
        self._receivers.move(str(message.get("name", "")), row if isinstance(row, int) else -1)

    def _save(self, message: Message) -> None:
        name = str(message.get("name", ""))
        setups.save(name, self._setup())
        self._setup_name, self._saved = name, True
        self._show_setup()

    async def _load(self, message: Message) -> None:
        name = str(message.get("name", ""))
        setup = setups.load(name)
        self._hearts.end_all()
        while self._hearts.playing():
            await asyncio.sleep(0.02)
        for text in set(self._outputs.names) - set(setup.targets):
            self._outputs.remove_target(text)
        await self.take_up(setup)
        self._setup_name, self._saved = name, True
        self._show_setup()

    def _quit(self, message: Message) -> None:
        self.quit.set()

    def _setup(self) -> Setup:
        return Setup(
            hearts=tuple(
                (heart.name if heart.named else "", heart.source)
                for heart in self._hearts.playing()
            ),
            targets=tuple(self._outputs.names),
            midi=self._outputs.midi,
            sound=self._outputs.sound,
            style=self._outputs.style,
            style_on=self._outputs.style_on,
            receivers=self._receivers.texts,
        )

    def _changed(self) -> None:
        self._saved = False
        self._show_setup()

    def _show_outputs(self) -> None:
        from bridge.sinks.midi.port import output_names

        try:
            ports, none = output_names(), None
        except UserError as error:
            ports, none = [], str(error)
        self._tell(self._outputs.message(self._styles(), ports, none))

    def _show_rows(self) -> None:
        self._tell({"k": "rows", "texts": self._receivers.texts})

    def _styles(self) -> list[Message]:
        from bridge.clips.style_file import load_style, style_names

        return [{"name": name, "promise": load_style(name).description} for name in style_names()]

    def _show_setup(self) -> None:
        names = setups.names()
        self._tell({"k": "profile", "name": self._setup_name, "names": names, "saved": self._saved})
