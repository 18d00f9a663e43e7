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

HELLO_SECONDS = 2.0


class LiveRun:
    """One run of one or several hearts."""

    def __init__(
        self,
        performers: list[Performer],
        *,
        notice: Callable[[str], None],
        group: Group | None = None,
        listen_port: int | None = contract.LISTEN_PORT,
    ) -> None:
        """Put the parts together; nothing is opened before ``run``.

        Args:
            performers: at least one, each with a name of its own.
            notice: shows a line to the user.
            group: tells what the hearts are together; it is closed at the end.
            listen_port: UDP port for pings and marks, the next free one where it is taken, or None
                to hear none.
        """
        self._performers = performers
        self._notice = notice
        self._group = group
        self._listen_port = listen_port
        self._contracts: set[object] = {contract.VERSION}
        """Contracts that were met: each other one is told once."""

    async def run(self) -> list[Summary]:
        """Play until every heart has ended or the task is cancelled (Ctrl-C).

        Returns:
            One a performer, in their order.

        Raises:
            BeatbridgeError: what the source of every heart failed with, the first of them. All
                sinks are closed all the same.
        """
        ear = await self._listen()
        _cancel_on_sigterm()
        self._hello()
        hello = asyncio.ensure_future(self._say_hello())
        plays = {asyncio.ensure_future(each.run()): each for each in self._performers}
        try:
            errors = await self._wait(plays)
        except asyncio.CancelledError:
            errors = []  # Ctrl-C: end as after the last sample
        finally:
            for task in (hello, *plays):
                task.cancel()
            await asyncio.gather(hello, *plays, return_exceptions=True)
            if ear is not None:
                ear.close()
            if self._group is not None:
                self._group.close()
        unexpected = [error for error in errors if not isinstance(error, BeatbridgeError)]
        if unexpected or len(errors) == len(self._performers):
            raise (unexpected or errors)[0]
        return [each.summary for each in self._performers]

    async def _wait(self, plays: dict[asyncio.Task[Summary], Performer]) -> list[Exception]:
        """Wait until all have ended; return what those that failed failed with.

        Raises:
            BrokenPipeError: the reader of our output has gone; nobody is left to play for.
        """
        errors: list[Exception] = []
        pending = set(plays)
        while pending:
            ended, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                error = task.exception()
                if isinstance(error, BrokenPipeError):
                    raise error
                if isinstance(error, Exception):
                    errors.append(error)
                    self._tell(plays[task], error)
        return errors

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
            ear, port = await listen_near(self._listen_port, handlers, avoid=own)
        except UserError as error:
            self._notice(f"{error}: no pings and marks are heard")
            return None
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

    def _answer(self, arguments: list[Any], sender: tuple[str, int]) -> None:
        for spoken in arguments[:1]:
            if spoken not in self._contracts:
                self._contracts.add(spoken)
                self._notice(
                    f"a device speaks contract {spoken}, this bridge {contract.VERSION}: "
                    "run `beatbridge device install` and load the device again"
                )
        self._hello(sender)

    def _mark(self, arguments: list[Any], sender: tuple[str, int]) -> None:
        text, *name = map(str, arguments)
        if marked := self._named(name):
            for each in marked:
                each.mark(text)
            self._notice(f"mark: {text}" + "".join(f" ({each})" for each in name[:1]))

    def _relearn(self, arguments: list[Any], sender: tuple[str, int]) -> None:
        for each in self._named(list(map(str, arguments))):
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


def _cancel_on_sigterm() -> None:
    """End as on Ctrl-C when a process manager asks; Windows loops have no such handlers."""
    task = asyncio.current_task()
    if task is not None:
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
