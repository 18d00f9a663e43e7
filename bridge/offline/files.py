"""Which files a batch reads, and where what is made of each goes: no two to the same place."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bridge.errors import BeatbridgeError, UserError
from bridge.printable import without_controls
from bridge.recordings import phases
from bridge.recordings.read import SUFFIXES
from bridge.recordings.signals import NeedsRateError

_RESULTS = ("_beats.csv", "_hrv.csv", "_breath.csv")
"""What ``analyze`` writes beside a recording. Alone, the first that is there stands for it."""
_SUMMARY = "_summary.json"
"""What it writes of every recording: beside it, they are results."""


@contextmanager
def naming_options() -> Iterator[None]:
    """What a file lacks is told by the option of the offline commands that can say it."""
    try:
        yield
    except NeedsRateError as error:
        raise UserError(
            f"{error}: say --rate 100 for 100 a second (or --kind beats if these are intervals)"
        ) from None


def told_of(job: "Job", error: Exception) -> BeatbridgeError:
    """What to say of one file's error. None may end a batch, not even a fault of ours."""
    if isinstance(error, BeatbridgeError):
        kind, text = type(error), str(error)
    else:
        kind = BeatbridgeError
        text = f"a fault of beatbridge, please report it: {type(error).__name__}: {error}"
    return kind(text if text.startswith(str(job.path)) else f"{job.path}: {text}")


@dataclass(frozen=True, slots=True)
class Job:
    """One input file and where its clips go."""

    path: Path
    target: Path
    """Folder and stem; ``_drums.mid`` and so on are put behind it."""

    @property
    def label(self) -> str:
        """How files made from it are marked: by folder and name, the same on every machine."""
        path = self.path.absolute()
        return f"{path.parent.name}/{path.name}"


def find_recordings(
    paths: Iterable[Path], missing: Callable[[UserError], None] | None = None
) -> list[Path]:
    """Files as given, and those that lie in folders and below; each once, folders in order of name.

    Left out are hidden files, ``phases.csv``, and what ``analyze`` wrote beside a recording that
    is there. Of results in a folder of their own the beats are taken, or the table where no beats
    are: a session is found once.

    Args:
        paths: files and folders.
        missing: told of each path with nothing in it, so that the others are still found.

    Raises:
        UserError: nothing is there, or nothing to read in a folder, and nobody is to be told.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        try:
            inside = _recordings_in(path)
        except UserError as error:
            if missing is None:
                raise
            missing(error)
            continue
        for each in inside:
            found.setdefault(each.resolve(), each)
    return list(found.values())


def _recordings_in(path: Path) -> list[Path]:
    if path.is_dir():
        inside = sorted(
            each
            for each in path.rglob("*")
            if each.suffix.lower() in SUFFIXES
            and each.name.casefold() != phases.NAME
            and each.is_file()
            and not any(part.startswith(".") for part in each.relative_to(path).parts)
        )
        here = {each.with_suffix("") for each in inside}
        inside = [each for each in inside if not _is_result(each, here)]
        if not inside:
            raise UserError(f"{path}: no recording in this folder ({', '.join(SUFFIXES)})")
        return inside
    if not path.exists():
        raise UserError(f"{path}: there is no such file or folder")
    return [path]


def _is_result(path: Path, stems: set[Path]) -> bool:
    for place, end in enumerate(_RESULTS):
        if not path.name.endswith(end):
            continue
        stem = path.with_name(path.name.removesuffix(end))
        if stem in stems:
            return True
        before = [stem.with_name(stem.name + each) for each in _RESULTS[:place]]
        if stem.with_name(stem.name + _SUMMARY).exists() and any(map(Path.exists, before)):
            return True
    return False


def shown_names(jobs: Sequence[Job]) -> dict[Job, str]:
    """How to name the files of a batch to their user: as briefly as tells them apart."""
    names = [job.path.name for job in jobs]
    if len(set(names)) < len(names):
        names = [job.label for job in jobs]
    if len(set(names)) < len(names):
        names = [str(job.path) for job in jobs]
    return dict(zip(jobs, map(without_controls, names), strict=True))


def plan(paths: Sequence[Path], out: Path | None) -> list[Job]:
    """Give every input file its own target.

    Where stems meet, the suffix is put behind, then the folder before, then both, and so on up.

    Args:
        paths: as of ``find_recordings``.
        out: the folder for everything; by default clips lie beside their session.
    """
    levels = dict.fromkeys(paths, 0)
    while True:
        jobs = [Job(path, _target(path, out, levels[path])) for path in paths]
        groups: dict[str, list[Path]] = {}
        for job in jobs:
            groups.setdefault(same_file(job.target), []).append(job.path)
        meeting = [group for group in groups.values() if len(group) > 1]
        if not meeting:
            return jobs
        for group in meeting:
            longest = max(levels[path] for path in group)
            for path in group:
                levels[path] += levels[path] == longest  # who has the plain name keeps it


def _target(path: Path, out: Path | None, level: int) -> Path:
    parents = path.absolute().parent.parts[1:]
    depth, with_suffix = divmod(level, 2)
    name = "_".join([*parents[len(parents) - min(depth, len(parents)) :], path.stem])
    if with_suffix:
        name += "_" + path.suffix.removeprefix(".")
    if depth > len(parents):
        name += f"-{depth}"  # folders whose names, put together, are the same
    return (path.parent if out is None else out) / name


def same_file(path: Path) -> str:
    """Equal for paths that macOS and Windows take for the same."""
    return str(path.absolute()).casefold()


def slug(text: str) -> str:
    """A marker's text as a part of a file name on any system."""
    kept = "".join(c if c.isalnum() or c in "-." else " " for c in text)
    return "-".join(kept.split()).strip(".")[:60] or "phase"
