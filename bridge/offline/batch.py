"""Run a batch in one process or several. Who takes a file never shows in what is written."""

import atexit
import gc
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from bridge.clips.session import Spreads, join_spreads
from bridge.errors import BeatbridgeError
from bridge.offline import owners
from bridge.offline.files import Job, same_file
from bridge.offline.options import FileOutcome, Options
from bridge.offline.render import run

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_START_S = 0.15
"""A worker takes about this long to start and to import."""
_WORTH_S = 0.3
"""It must save more."""
_S_A_BYTE_TABLE, _S_A_BYTE_SIGNAL = 4e-9, 1.5e-7
_S_A_BYTE_KIND = 4e-9
"""Of a table, for each kind of clip."""
_S_A_PICTURE = 0.4
Step: TypeAlias = FileOutcome | Job
Message: TypeAlias = Step | Spreads | str


def render_batch(
    jobs: Sequence[Job],
    options: Options,
    workers: int | None,
    on_progress: Callable[[float], None],
) -> list[FileOutcome]:
    """Render all jobs.

    Args:
        jobs: as of ``plan``.
        options: what is asked for.
        workers: processes; None takes as many as the machine has and the work is worth.
        on_progress: told how many jobs' work was done since it was told last; half of one, often.

    Returns:
        One outcome a job, in the order of the jobs.
    """
    options = replace(options, reserved=frozenset(same_file(job.target) for job in jobs))
    taken = owners.refused(jobs)
    outcomes = {job: FileOutcome(job, error=str(error)) for job, error in taken.items()}
    if taken:
        on_progress(float(len(taken)))
    free = [job for job in jobs if job not in taken]
    count = worth(free, options) if workers is None else workers
    count = max(1, min(count, len(free)))
    read: set[Job] = set()

    def over(step: Step) -> None:
        if isinstance(step, Job):
            read.add(step)
            on_progress(0.5)
        else:
            outcomes[step.job] = step
            on_progress(0.5 if step.job in read else 1.0)

    if count == 1:
        _here(free, options, over)
    else:
        _apart(free, count, options, over)
    if not options.dry_run:
        owners.keep(job for job in free if outcomes[job].error is None)
    return [outcomes[job] for job in jobs]


def worth(jobs: Sequence[Job], options: Options) -> int:
    """How many processes the work is worth on this machine."""
    return processes(len(jobs), sum(_seconds(job, options) for job in jobs))


def processes(count: int, seconds: float) -> int:
    """How many processes so many files are worth that take so long in one."""
    if (cores := os.cpu_count() or 1) == 1 or count == 1:
        return 1
    return max(1, min(cores, int(seconds / _WORTH_S)))


def seconds_of(path: Path, kinds: int) -> float:
    """About how many seconds a file takes: a signal has a detector to go through."""
    try:
        with path.open("rb") as file:
            first = file.readline(200)
        size = path.stat().st_size
    except OSError:
        return 0.0  # it will be refused
    is_table = first.count(b",") >= 3 and b"event" not in first
    table = _S_A_BYTE_TABLE + kinds * _S_A_BYTE_KIND
    return size * (table if is_table else _S_A_BYTE_SIGNAL)


def _shared_out(jobs: Sequence[Job], count: int, options: Options) -> list[list[Job]]:
    """Each job to whoever would be free first: this process, which comes first, works while the
    others start."""
    shares: list[list[Job]] = [[] for _ in range(count)]
    busy_s = [0.0] + [_START_S] * (count - 1)
    for job in jobs:
        first = busy_s.index(min(busy_s))
        shares[first].append(job)
        busy_s[first] += _seconds(job, options)
    return [share for share in shares if share]


def _seconds(job: Job, options: Options) -> float:
    picture = _S_A_PICTURE if options.picture else 0.0
    return seconds_of(job.path, len(options.what)) + picture


def _here(
    jobs: Sequence[Job],
    options: Options,
    over: Callable[[Step], None],
    others: "_Others | None" = None,
) -> None:
    """Work in this process, alone or beside others."""
    work = run(jobs, options, others.count + 1 if others else 1)
    message = next(work)
    while isinstance(message, FileOutcome | Job):
        over(message)
        if others:
            others.hear(wait_s=0.0)
        message = next(work)
    try:
        message = work.send(others.join(message) if others else message)
        while isinstance(message, FileOutcome | Job):
            over(message)
            if others:
                others.hear(wait_s=0.0)
            message = next(work)
    except StopIteration:
        return


class _Others:
    """Processes that take a share each, and keep what they read for their own second pass."""

    def __init__(
        self, shares: Sequence[Sequence[Job]], options: Options, over: Callable[[Step], None]
    ) -> None:
        import multiprocessing  # slow to load, and most batches need one process

        self.count = len(shares)
        self._over = over
        self._spreads: list[Spreads] = []
        context = multiprocessing.get_context("spawn")  # the only way that is safe everywhere
        self._pipes: list[Connection] = []
        self._processes = []
        for share in shares:
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_serve, args=(theirs, share, options, self.count + 1), daemon=True
            )
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)
        self._busy = list(self._pipes)

    def hear(self, wait_s: float | None) -> None:
        """Take what has come, or, without a time, until all have said that their pass is over."""
        from multiprocessing.connection import wait

        while self._busy and (ready := wait(self._busy, wait_s)):
            for each in ready:
                self._take(cast("Connection", each))

    def _take(self, pipe: "Connection") -> None:
        try:
            message: Message = pipe.recv()
        except (EOFError, OSError):
            raise _ended_early() from None
        if isinstance(message, FileOutcome | Job):
            self._over(message)
            return
        self._busy.remove(pipe)
        if not isinstance(message, str):
            self._spreads.append(message)

    def join(self, own: Spreads) -> Spreads:
        """The spreads of the whole batch, once the first pass is over; all begin the second."""
        self.hear(wait_s=None)
        batch = join_spreads([own, *self._spreads])
        try:
            for pipe in self._pipes:
                pipe.send(batch)
        except OSError:
            raise _ended_early() from None
        self._busy = list(self._pipes)
        return batch

    def finish(self) -> None:
        """Until the last has ended."""
        self.hear(wait_s=None)
        for process in self._processes:
            process.join()

    def end(self) -> None:
        """At once."""
        for process in self._processes:
            process.terminate()


def _ended_early() -> BeatbridgeError:
    return BeatbridgeError("a worker process ended early; try --jobs 1")


def _apart(jobs: Sequence[Job], count: int, options: Options, over: Callable[[Step], None]) -> None:
    """In so many processes, of which this is one."""
    own, *rest = _shared_out(jobs, count, options)
    others = _Others(rest, options, over)
    try:
        _here(own, options, over, others)
        others.finish()
    finally:
        others.end()


def prepare_worker() -> None:
    """Ctrl-C is the parent's, which ends its workers; the end is not held up by garbage."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    atexit.register(gc.freeze)


def _serve(pipe: "Connection", jobs: Sequence[Job], options: Options, workers: int) -> None:
    """A worker: hand on what ``run`` yields, and to it the spreads of the whole batch."""
    prepare_worker()
    try:
        work = run(jobs, options, workers)
        message = next(work)
        while isinstance(message, FileOutcome | Job):
            pipe.send(message)
            message = next(work)
        pipe.send(message)
        batch: Spreads = pipe.recv()
        try:
            message = work.send(batch)
            while True:
                pipe.send(message)
                message = next(work)
        except StopIteration:
            pipe.send("over")
    except (EOFError, BrokenPipeError):
        return  # the parent has ended; it says why
