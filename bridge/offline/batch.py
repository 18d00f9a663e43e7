"""Run a batch in one process or several. Who takes a file never shows in what is written."""

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

_WORTH_S = 0.3
"""A worker takes about this long to start and to import: it must save more."""
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
        _apart([free[k::count] for k in range(count)], options, over)
    if not options.dry_run:
        owners.keep(job for job in free if outcomes[job].error is None)
    return [outcomes[job] for job in jobs]


def worth(jobs: Sequence[Job], options: Options) -> int:
    """How many processes the work is worth on this machine."""
    seconds = sum(seconds_of(job.path, len(options.what)) for job in jobs)
    if options.picture:
        seconds += len(jobs) * _S_A_PICTURE
    return processes(len(jobs), seconds)


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


def _here(jobs: Sequence[Job], options: Options, over: Callable[[Step], None]) -> None:
    work = run(jobs, options)
    message = next(work)
    while isinstance(message, FileOutcome | Job):
        over(message)
        message = next(work)
    try:
        message = work.send(message)
        while isinstance(message, FileOutcome | Job):
            over(message)
            message = next(work)
    except StopIteration:
        return


def _apart(shards: Sequence[Sequence[Job]], options: Options, over: Callable[[Step], None]) -> None:
    """One process a shard. Each keeps what it read for its own second pass."""
    import multiprocessing  # slow to load, and most batches need one process

    context = multiprocessing.get_context("spawn")  # the only way that is safe everywhere
    pipes: list[Connection] = []
    processes = []
    try:
        for shard in shards:
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_serve, args=(theirs, shard, options, len(shards)), daemon=True
            )
            process.start()
            theirs.close()
            pipes.append(ours)
            processes.append(process)
        spreads = _collect(pipes, over)
        batch = join_spreads(spreads)
        for pipe in pipes:
            pipe.send(batch)
        _collect(pipes, over)
        for process in processes:
            process.join()
    finally:
        for process in processes:
            process.terminate()


def _collect(pipes: "Sequence[Connection]", over: Callable[[Step], None]) -> list[Spreads]:
    """Take outcomes until every worker has said that its pass is over."""
    spreads: list[Spreads] = []
    from multiprocessing.connection import wait

    busy = list(pipes)
    while busy:
        for ready in wait(busy):
            pipe = cast("Connection", ready)
            try:
                message: Message = pipe.recv()
            except EOFError:
                raise BeatbridgeError("a worker process ended early; try --jobs 1") from None
            if isinstance(message, FileOutcome | Job):
                over(message)
                continue
            busy.remove(pipe)
            if not isinstance(message, str):
                spreads.append(message)
    return spreads


def _serve(pipe: "Connection", jobs: Sequence[Job], options: Options, workers: int) -> None:
    """A worker: hand on what ``run`` yields, and to it the spreads of the whole batch."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends its workers
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
