"""The live driver: any number of hearts in one asyncio loop, and one ear for what others tell us.

A heart that fails is told of and ends; the others play on.
"""

import asyncio
import contextlib
import signal
from collections.abc import Callable
from typing import Any

from bridge.errors import BeatbridgeError, UserError
from bridge.live.group import Group
from bridge.live.performer import Performer, Summary
from bridge.osc import contract
from bridge.osc.listen import listen_near
from bridge.printable import printable

HELLO_SECONDS = 2.0

Ended = Callable[[Exception | None], None]


class LiveRun:
    """One run of one or several hearts."""

    def __init__(
        self,
        performers: list[Performer],
        *,
        notice: Callable[[str], None],
        group: Group | None = None,
        listen_port: int | None = contract.LISTEN_PORT,
        lasting: bool = False,
    ) -> None:
        """Put the parts together; nothing is opened before ``run``.

        Args:
            performers: who plays from the start, each with a name of its own.
            notice: shows a line to the user.
            group: tells what the hearts are together; it is closed at the end.
            listen_port: UDP port for pings and marks, the next free one where it is taken, or None
                to hear none.
            lasting: go on while no heart plays; others may join.
        """
        self._performers = performers
        self._notice = notice
        self._group = group
        self._listen_port = listen_port
        self._contracts: set[object] = {contract.VERSION}
        """Contracts that were met: each other one is told once."""
        self._lasting = lasting
        self._listens_on = 0
        self._plays: dict[asyncio.Task[Summary], Performer] = {}
        self._ended: dict[str, Ended] = {}
        self._joined = asyncio.Event()
        self._running = False

    def join(self, performer: Performer, ended: Ended) -> None:
        """Let one more heart play, while the others do.

        Args:
            performer: with a name that no other has.
            ended: told when it has ended, with what it failed with, or None.
        """
        self._performers.append(performer)
        self._ended[performer.name] = ended
        if self._running:
            performer.osc.listens_on = self._listens_on
            performer.osc.hello()
            self._plays[asyncio.ensure_future(performer.run())] = performer
            self._joined.set()

    def end(self, performer: Performer) -> None:
        """Let one heart end, as by Ctrl-C; the others play on."""
        for task, each in self._plays.items():
            if each is performer:
                task.cancel()

    async def run(self) -> list[Summary]:
        """Play until every heart has ended or the task is cancelled (Ctrl-C).

        Returns:
            One a performer, in their order.

        Raises:
            BeatbridgeError: what the source of every heart failed with, the first of them. All
                sinks are closed all the same.
        """
        ear = await self._listen()
        _cancel_on_signals()
        self._hello()
        hello = asyncio.ensure_future(self._say_hello())
        self._running = True
        self._plays = {asyncio.ensure_future(each.run()): each for each in self._performers}
        try:
            errors = await self._wait()
        except asyncio.CancelledError:
            errors = []  # Ctrl-C: end as after the last sample
        finally:
            for task in (hello, *self._plays):
                task.cancel()
            await asyncio.gather(hello, *self._plays, return_exceptions=True)
            if ear is not None:
                ear.close()
            if self._group is not None:
                self._group.close()
        unexpected = [error for error in errors if not isinstance(error, BeatbridgeError)]
        if unexpected or (errors and len(errors) == len(self._performers)):
            raise (unexpected or errors)[0]
        return [each.summary for each in self._performers]

    async def _wait(self) -> list[Exception]:
        """Wait until all have ended; return what those that failed failed with."""
        errors: list[Exception] = []
        while self._plays or self._lasting:
            joined = asyncio.ensure_future(self._joined.wait())
            ended, _ = await asyncio.wait(
                [*self._plays, joined], return_when=asyncio.FIRST_COMPLETED
            )
            joined.cancel()
            self._joined.clear()
            for task in [task for task in self._plays if task in ended]:
                performer = self._plays.pop(task)
                error = None if task.cancelled() else task.exception()
                self._leave(performer, error, errors)
        return errors

    def _leave(
        self, performer: Performer, error: BaseException | None, errors: list[Exception]
    ) -> None:
        if isinstance(error, Exception):
            errors.append(error)
        if ended := self._ended.pop(performer.name, None):
            self._performers.remove(performer)
            ended(error if isinstance(error, Exception) else None)
        elif isinstance(error, Exception):
            self._tell(performer, error)

    def _tell(self, performer: Performer, error: Exception) -> None:
        """Where others play on, say which heart has failed; a single one's error ends the run."""
        if len(self._performers) > 1:
            performer.summary.notes.append(str(error))
            self._notice(f"{performer.name} has ended: {error}")

    async def _listen(self) -> asyncio.DatagramTransport | None:
        if self._listen_port is None:
            return None
        own = {port for each in self._performers for _, port in each.osc.targets}
        handlers = {
            "/bridge/ping": self._answer,
            "/bridge/mark": self._mark,
            "/bridge/relearn": self._relearn,
        }
        try:
            ear, port = await listen_near(
                self._listen_port, handlers, avoid=own, flooded=self._flooded
            )
        except UserError as error:
            self._notice(f"{error}: no pings and marks are heard")
            return None
        self._listens_on = port
        for each in self._performers:
            each.osc.listens_on = port
        if port != self._listen_port:
            self._notice(
                f"UDP port {self._listen_port} is taken, most likely by another beatbridge: "
                f"this one listens on {port}, and says so in its hello"
            )
        return ear

    @property
    def _playing(self) -> list[Performer]:
        return [each for each in self._performers if each.playing]

    def _hello(self, also_to: tuple[str, int] | None = None) -> None:
        for each in self._playing:
            each.osc.hello(also_to)
        if self._group is not None:
            self._group.hello(also_to)

    async def _say_hello(self) -> None:
        while True:
            await asyncio.sleep(HELLO_SECONDS)
            self._hello()

    def _flooded(self, where: str) -> None:
        self._notice(f"more than a person sends came for {where}: some of it is left out")

    def _answer(self, arguments: list[Any], sender: tuple[str, int]) -> None:
        for spoken in arguments[:1]:
            if spoken not in self._contracts:
                self._contracts.add(spoken)
                self._notice(
                    f"a device speaks contract {spoken}, this bridge {contract.VERSION}: "
                    "run `beatbridge device install` and load the device again"
                )
        for each in self._playing:
            each.osc.pings += 1
        self._hello(sender)

    def _mark(self, arguments: list[Any], sender: tuple[str, int]) -> None:
        text, *name = (printable(str(each)) for each in arguments)
        if marked := self._named(name):
            for each in marked:
                each.mark(text)
            self._notice(f"mark: {text}" + "".join(f" ({each})" for each in name[:1]))

    def _relearn(self, arguments: list[Any], sender: tuple[str, int]) -> None:
        for each in self._named([printable(str(name)) for name in arguments]):
            each.forget()

    def _named(self, name: list[str]) -> list[Performer]:
        """The hearts that are meant: the one that is named, or all that play."""
        if not name:
            return self._playing
        found = [each for each in self._playing if each.name == name[0]]
        if not found:
            known = ", ".join(each.name for each in self._playing)
            self._notice(f"somebody asked for the heart {name[0]}: here are {known}")
        return found


def _cancel_on_signals() -> None:
    """End as on Ctrl-C when a process manager asks, or when the terminal's window is closed.

    Windows loops have no such handlers; a console that is closed there ends its programs at once.
    """
    task = asyncio.current_task()
    for name in ("SIGTERM", "SIGHUP"):
        if task is not None and hasattr(signal, name):
            with contextlib.suppress(NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(getattr(signal, name), task.cancel)
