"""The hearts of the panel: started, stopped, marked and recorded while others play."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.errors import UserError
from bridge.live.group import Group
from bridge.live.performer import Performer
from bridge.live.run import LiveRun
from bridge.mapping import profile as profiles
from bridge.osc import contract
from bridge.panel.outputs import Outputs, Player
from bridge.panel.receivers import Receivers
from bridge.panel.show import ShowSink
from bridge.pipeline import Pipeline
from bridge.sinks import Seat
from bridge.sinks.osc import OscSink
from bridge.sinks.recorder import Recorder
from bridge.sources.hearts import parse_hearts
from bridge.sources.spec import open_source, signal_kind

Message = dict[str, Any]

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
            "predicted": self.show.foretold,
            "recording": self.recorder is not None,
        }  # fmt: skip


class Hearts:
    """Those that play, by number."""

    def __init__(
        self,
        run: LiveRun,
        group: Group,
        outputs: Outputs,
        receivers: Receivers,
        folder: Path,
        tell: Callable[[Message], None],
    ) -> None:
        """Take note of the parts.

        Args:
            run: plays the hearts, and lasts.
            group: tells what they are together.
            outputs: what they play.
            receivers: what they move.
            folder: where recordings go.
            tell: hands a message to the pages.
        """
        self._run = run
        self._group = group
        self._outputs = outputs
        self._receivers = receivers
        self._folder = folder
        self._tell = tell
        self._profile = profiles.load([])
        self._hearts: dict[int, Heart] = {}
        self._recording_since: float | None = None
        self.changed = False
        """Hearts have come or gone since last asked."""
        self.commands: dict[str, Callable[[Message], Any]] = {
            "start": self.start,
            "stop": self._stop,
            "relearn": self._relearn,
            "record": self._record,
            "mark": self._mark,
        }

    def playing(self) -> list[Heart]:
        """In the order of their numbers."""
        return sorted(self._hearts.values(), key=lambda heart: heart.number)

    def end_all(self) -> None:
        """Stop every heart; they are gone a little later."""
        for heart in self.playing():
            self._run.end(heart.performer)

    def show(self) -> None:
        """Tell the pages who plays."""
        self._tell({"k": "hearts", "list": [heart.message() for heart in self.playing()]})

    def show_recording(self) -> None:
        """Tell the pages since when it is recorded."""
        since = self._recording_since
        seconds = 0.0 if since is None else time.monotonic() - since
        self._tell({"k": "recording", "on": since is not None, "seconds": seconds})

    def start(self, message: Message) -> Message:
        """Start a heart.

        Raises:
            UserError: no such source, or a name that cannot be one; eight play already.
        """
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
        player = Player(performer, Seat(name, number, self._profile))
        self._outputs.join(number, player)
        self._receivers.join(number, player)
        performer.add(self._group.member(name))
        if self._recording_since is not None:
            self._record_one(heart)
        self._run.join(performer, lambda error: self._ended(heart, error))
        self.changed = True
        self.show()
        return {"heart": number}

    def _stop(self, message: Message) -> None:
        self._run.end(self._heart(message).performer)

    def _relearn(self, message: Message) -> None:
        self._heart(message).performer.forget()

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
        self.show()
        self.show_recording()

    def _mark(self, message: Message) -> None:
        text = " ".join(str(message.get("text", ""))[:80].split()) or "mark"
        if not self._hearts:
            raise UserError("no heart plays: there is nothing to mark yet")
        for heart in self._hearts.values():
            heart.performer.mark(text)
        times = {str(heart.number): heart.show.t for heart in self._hearts.values()}
        self._tell({"k": "mark", "text": text, "t": times})

    def _ended(self, heart: Heart, error: Exception | None) -> None:
        """A heart has ended by itself, by a failure or because it was asked to."""
        del self._hearts[heart.number]
        self._outputs.leave(heart.number)
        self._receivers.leave(heart.number)
        if error is not None:
            self._tell({"k": "notice", "text": f"{heart.name} has ended: {error}", "warn": True})
        for note in heart.performer.summary.notes:
            self._tell({"k": "notice", "text": f"{heart.name}: {note}"})
        self.changed = True
        self.show()

    def _heart(self, message: Message) -> Heart:
        number = message.get("heart")
        heart = self._hearts.get(number) if type(number) is int else None
        if heart is None:
            raise UserError("this heart plays no longer")
        return heart

    def _record_one(self, heart: Heart) -> None:
        stamp = time.strftime("%Y-%m-%d_%H%M%S")
        heart.recorder = Recorder(self._folder / f"{stamp}_{heart.name}.csv")
        heart.performer.add(heart.recorder)
