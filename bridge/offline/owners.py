"""Which recording the results in a folder are of, kept in a small file there.

Results name their recording by its last folder and its name, so that they are the same bytes on
every machine; ``p1/ecg/s.csv`` and ``p2/ecg/s.csv`` look alike in them. Where results lie beside
their recording nothing need be kept.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from bridge.errors import UserError
from bridge.offline.atomic import write_atomically
from bridge.offline.files import Job

NAME = ".beatbridge.json"
"""Of the file: stems of results, as keys without capitals, and the paths of their recordings."""


def refused(jobs: Iterable[Job]) -> dict[Job, UserError]:
    """Those of the jobs whose results would take the place of another recording's.

    A recording that is no longer there has moved: its results are whoever's comes by its name.
    """
    tables: dict[Path, dict[str, str]] = {}
    found: dict[Job, UserError] = {}
    for job in jobs:
        folder = _folder(job)
        if folder is None:
            continue
        if folder not in tables:
            tables[folder] = _read(folder)
        owner = tables[folder].get(job.target.name.casefold())
        if owner and _is_another(Path(owner), job):
            found[job] = UserError(
                f"{job.path}: {job.target} is of {owner}: it is kept; give another --out"
            )
    return found


def keep(jobs: Iterable[Job]) -> None:
    """Keep whose the results of these jobs are, which were written."""
    by_folder: dict[Path, dict[str, str]] = {}
    for job in jobs:
        if (folder := _folder(job)) is not None:
            own = by_folder.setdefault(folder, {})
            own[job.target.name.casefold()] = str(job.path.resolve())
    for folder, own in by_folder.items():
        before = _read(folder)
        if before | own != before:
            text = json.dumps(before | own, indent=1, sort_keys=True, ensure_ascii=False)
            write_atomically(folder / NAME, (text + "\n").encode())


def _is_another(owner: Path, job: Job) -> bool:
    """Results of recordings with other names say themselves whose they are."""
    alike = Job(owner, job.target).label == job.label
    return alike and owner != job.path.resolve() and owner.exists()


def _folder(job: Job) -> Path | None:
    """Where its results lie, unless beside the recording."""
    folder = job.target.absolute().parent
    return None if folder.resolve() == job.path.resolve().parent else folder


def _read(folder: Path) -> dict[str, str]:
    """What is kept; nothing where the file is missing, mangled or somebody else's."""
    try:
        table = json.loads((folder / NAME).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(table, dict):
        return {}
    return {key: value for key, value in table.items() if isinstance(value, str)}
