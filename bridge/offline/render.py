"""The offline driver: files in, clips out. A plain loop, once for the spans and once for the clips.

Spans of a batch must be known before the first clip. Sessions that were read are kept up to a
bound, the others are read again.
"""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bridge.clips.clip import PPQ, Clip
from bridge.clips.grid import declared_metre
from bridge.clips.render import Setting, render, setting_of, tempo_clip
from bridge.clips.scale import Scales
from bridge.clips.session import Session, Spreads, join_spreads, spreads_of
from bridge.clips.smf import encode, source_of
from bridge.clips.style import measures_of
from bridge.errors import UserError
from bridge.offline.atomic import write_atomically
from bridge.offline.files import Job, same_file, slug, told_of
from bridge.offline.load import Loaded, loaded
from bridge.offline.options import FileOutcome, Heard, Options, Shown

if TYPE_CHECKING:
    from bridge.analysis.analyze import Analysis

KEPT_BYTES = 64_000_000
"""Memory for sessions between the two passes, of all workers together."""
_HELD = 1_000_000
"""Numbers in an array that is taken and given back at once, 8 MB: from then on the C library of
Linux keeps what is freed for the next file, where every larger array was new pages before - a
quarter of the time of a small file."""
_IN_STYLE = " in the style "
_FLAT = 1 / 8
"""A measure that moves over less of its lane than this is as good as not there: 16 of 127."""
_HEAD = 8192
"""Bytes within which a file says what it was made from."""


def run(
    jobs: Sequence[Job], options: Options, workers: int = 1
) -> Generator[FileOutcome | Job | Spreads, Spreads, None]:
    """Render some of a batch, as one of so many workers.

    Yields the job of every file that was read, the outcome of every one that could not be, then the
    spreads of all; is sent the spreads of the whole batch; yields the outcome of every other file.
    """
    np.empty(_HELD)
    kept: dict[Job, Loaded] = {}
    room = KEPT_BYTES // workers
    readable, spreads = [], []
    counted = options.style.zones.column if options.style.zones.edges == "quantile" else None
    for job in jobs:
        try:
            own = loaded(job, options)
        except Exception as error:
            yield _refused(job, error)
            continue
        readable.append(job)
        spreads.append(spreads_of(own.session, counted=counted))
        room -= own.nbytes()
        if room > 0:
            kept[job] = own
        yield job
    batch = yield join_spreads(spreads)
    for job, spread in zip(readable, spreads, strict=True):
        try:
            own = kept.pop(job) if job in kept else loaded(job, options)
            yield _render_session(job, own, spread, batch, options, counted)
        except Exception as error:
            yield _refused(job, error)


def _refused(job: Job, error: Exception) -> FileOutcome:
    told = told_of(job, error)
    return FileOutcome(job, error=str(told), failed=not isinstance(told, UserError))


@dataclass(slots=True)
class _Made:
    """What one session gives, while it is being rendered."""

    files: list[Path] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    bars: int = 0
    notes: int = 0
    shown: list[Shown] = field(default_factory=list)


def _render_session(
    job: Job, read: Loaded, own: Spreads, batch: Spreads, options: Options, counted: str | None
) -> FileOutcome:
    session = read.session
    made = _Made(remarks=[*session.remarks, *_flattened(own, batch, options)])
    phases = session.phases()
    spreads = [spreads_of(phase, counted=counted) for phase in phases]
    if options.split and session.markers:
        taken: set[str] = set()
        for phase, phase_spreads in zip(phases, spreads, strict=True):
            part = _free(slug(phase.name), taken)
            scales = _scales(batch, own, ((0.0, phase_spreads),), options)
            target = _with(job.target, f"_{part}")
            if same_file(target) in options.reserved:
                target = _with(target, "-phase")
            try:
                _render_part(job, f"{job.label} {part}", target, phase, scales, options, made)
            except UserError as error:
                made.remarks.append(f"{phase.name}: {error}")
        if not made.files:
            raise UserError("; ".join(made.remarks))
    else:
        if options.split:
            made.remarks.append("no markers to split at")
        starts = [phase.start for phase in phases]
        scales = _scales(batch, own, tuple(zip(starts, spreads, strict=True)), options)
        _render_part(job, job.label, job.target, session, scales, options, made)
    if read.analysis is not None:
        _write_page(job, read.analysis, read.clock_s, options, made)
    return FileOutcome(
        job,
        tuple(made.files),
        session.seconds,
        own["HR"].low,
        own["HR"].high,
        made.bars,
        declared_metre(options.style.grid.cells, options.style.grid.cell_ticks),
        made.notes,
        tuple(dict.fromkeys(made.remarks)),
        heard=tuple(made.heard),
    )


def _scales(
    batch: Spreads, own: Spreads, phases: tuple[tuple[float, Spreads], ...], options: Options
) -> Scales:
    """Given ranges come before all others."""
    given = options.scale or {}
    over = tuple((start, spreads | given) for start, spreads in phases)
    return Scales(batch | given, own | given, over)


def _flattened(own: Spreads, batch: Spreads, options: Options) -> Iterable[str]:
    """Which measures another file of the batch leaves no room, where all share one span."""
    if options.style.scope != "batch" or options.scale is not None:
        return
    for measure in sorted(measures_of(options.style, options.what) & own.keys()):
        mine, all_ = own[measure], batch[measure]
        if 0 < mine.high - mine.low < _FLAT * (all_.high - all_.low):
            low, high = (round(127 * all_.share(end)) for end in (mine.low, mine.high))
            yield (
                f"{measure} keeps to {low}-{high} of 0-127, because the batch goes from "
                f"{all_.low:.4g} ({all_.low_from}) to {all_.high:.4g} ({all_.high_from}): "
                "--scope file spans each file by itself"
            )


def _render_part(
    job: Job,
    label: str,
    target: Path,
    session: Session,
    scales: Scales,
    options: Options,
    made: _Made,
) -> None:
    """Render all clips of one session or phase. All are made before the first is written."""
    style = options.style
    label = _in_style(label, options)
    setting = setting_of(session, style, tempo_map=options.tempo_map)
    contents: dict[Path, bytes] = {}
    made_clips: dict[str, Clip] = {}
    for what in options.what:
        try:
            clip = render(what, session, style, scales, setting)
        except UserError as error:
            made.remarks.append(f"no {what} clip: {error}")
            continue
        made.notes += sum(len(track.notes) for track in clip.tracks)
        made_clips[what] = clip
        made.shown.append(Shown(what, clip, setting.timeline, session.start))
        contents[_with(target, f"_{what}.mid")] = encode(clip, label, options.ppq)
    if not contents:
        raise UserError("; ".join(made.remarks))
    if options.tempo_map:
        tempo = tempo_clip(session, setting)
        contents[_with(target, "_tempo.mid")] = encode(tempo, label, options.ppq)
    drums = made_clips.get("drums")
    if options.picture and drums is None and "drums" not in options.what:
        drums = render("drums", session, style, scales, setting)
    if options.picture and drums is not None:
        from bridge.clips.picture import draw

        contents[_with(target, f"_clip.{options.picture}")] = draw(
            drums, target.name, label, session, style, scales, setting, options.picture,
            made_clips.get("notes"),
        )  # fmt: skip
    made.bars += setting.bars
    missing = sorted(measures_of(style, options.what) - session.columns.keys())
    if missing:
        made.remarks.append(f"no {', '.join(missing)}: left out")
    sung = [clip for clip in made_clips.values() if any(len(t.notes) for t in clip.tracks)]
    sound = _with(target, "_sound.wav")
    asked = [sound] if options.sound and sung else []
    _refuse_foreign([*contents, *asked], label)
    for path, content in contents.items():
        if not options.dry_run:
            write_atomically(path, content)
        made.files.append(path)
    for path in asked:
        from bridge.offline.hear import write_sound

        if not options.dry_run:
            write_sound(path, [encode(clip) for clip in sung], label)
        made.files.append(path)
        picture = _with(target, f"_clip.{options.picture}")
        if picture in contents:
            made.heard.append(Heard(picture, path, _axis_s(session, setting)))


def _write_page(
    job: Job, analysis: "Analysis", clock_s: float, options: Options, made: _Made
) -> None:
    from bridge.offline.page import session_page

    path, label = _with(job.target, "_page.html"), _in_style(job.label, options)
    _refuse_foreign([path], label)
    shown = [replace(each, start_s=clock_s + each.start_s) for each in made.shown]
    if not options.dry_run:
        write_atomically(path, session_page(analysis, label, shown, options.style))
    made.files.append(path)


def _in_style(label: str, options: Options) -> str:
    """How files in another style than the default are marked."""
    return label if options.style_name == "default" else f"{label}{_IN_STYLE}{options.style_name}"


def _axis_s(session: Session, setting: Setting) -> float:
    """Seconds of music in which a session is over: not its own where a row keeps to a cell."""
    if len(setting.tempo_us) > 1:
        return session.seconds
    ticks = float(setting.timeline.ticks(np.array([session.seconds]))[0])
    return ticks / PPQ * float(setting.tempo_us[0]) / 1e6


def _with(target: Path, ending: str) -> Path:
    return target.with_name(target.name + ending)


def _free(slug: str, taken: set[str]) -> str:
    """The slug, or with the first number behind it that makes it another one; then it is taken."""
    numbered = (f"{slug}-{number}" for number in count(2))
    free = next(each for each in chain([slug], numbered) if each.casefold() not in taken)
    taken.add(free.casefold())  # macOS and Windows take Song and song for the same
    return free


def _refuse_foreign(contents: Iterable[Path], label: str) -> None:
    """Nothing that was made from another session, or by another program, is written over."""
    for path in contents:
        if not path.exists():
            continue
        with path.open("rb") as file:
            source = source_of(file.read(_HEAD))
        if source != label:
            owner = f"is a clip of {source}" if source else "was made by another program"
            if source and source.partition(_IN_STYLE)[0] == label.partition(_IN_STYLE)[0]:
                owner = f"is the clip in the style {source.partition(_IN_STYLE)[2] or 'default'}"
            raise UserError(f"{path} {owner}: it is kept; give another --out")
