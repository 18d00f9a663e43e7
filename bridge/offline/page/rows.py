"""The rows of a page, from what was recorded down to what is played."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from bridge.analysis.analyze import Analysis
from bridge.analysis.plot.look import BEAT, FAINT, INK, LATE, MARKED, MEASURES, SIGNAL
from bridge.clips.clip import Track
from bridge.clips.drums import drum_rows
from bridge.clips.kit import note_name
from bridge.clips.style import Style
from bridge.events import Label
from bridge.offline.options import Shown
from bridge.offline.page.pack import Floats, line, packed, run_of, times_of

Row = dict[str, Any]
_SHAPES = {"D": "diamond", "^": "triangle-up", "v": "triangle-down", "s": "square"}
"""matplotlib's marks by plotly's names."""
_COLOURS = ("#0077b6", "#e07a00", "#2a9d8f", "#7b2cbf", "#6c757d", "#c1121f", "#3d5a80")
_MEASURES: tuple[tuple[str, float, tuple[str, ...], str], ...] = (
    ("heart rate", 1.0, ("HR",), "bpm"),
    ("variability", 1.0, ("SDNN", "RMSSD"), "ms"),
    ("bands", 1.0, ("VLF", "LF", "HF"), "ms²"),
    ("balance", 0.7, ("LF_HF",), ""),
)


def recorded_rows(analysis: Analysis, begin: float) -> list[Row]:
    """Signal, intervals, measures, and the other columns of the sensor; ``begin`` as below."""
    rows = []
    if analysis.recording.chunks:
        rows.append(_signal(analysis, begin))
    if analysis.intervals:
        rows.append(_intervals(analysis, begin))
    table = analysis.table
    for name, height, columns, unit in _MEASURES:
        known = [c for c in columns if np.isfinite(table.get(c, np.nan)).any()]
        if not known:
            continue
        lines = [
            line(MEASURES[c][1], MEASURES[c][0], [run_of(table["t"], table[c], begin)])
            for c in known
        ]
        # A table says nothing of its units, and not every program's powers are ms^2.
        told = "" if unit == "ms²" and analysis.kind == "table" else unit
        positive = all(np.nanmin(table[c]) > 0.0 for c in known)
        rows.append(
            _row(name, height, told, lines=lines, log=len(known) == 3 and positive)
            | {"slider": columns == ("HR",)}
        )
    for name, column in analysis.recording.body.items():
        if len(column) > 1:
            lines = [line(name, INK, [run_of(column[:, 0], column[:, 1], begin)])]
            rows.append(_row(name, 0.8, "", lines=lines))
    return rows


def clip_rows(shown: Sequence[Shown], style: Style | None, begin: float) -> list[Row]:
    """Each kind of clip: its notes, and its lanes below; the phases of a session in one.

    Args:
        shown: the clips.
        style: theirs.
        begin: which moment of the recording's clock notes are counted from, s.
    """
    rows: list[Row] = []
    for what in dict.fromkeys(each.what for each in shown):
        parts = [each for each in shown if each.what == what]
        tracks = {track.name: track for each in parts for track in each.clip.tracks}
        rolls = [
            _roll(parts, track, _COLOURS[number] if what != "drums" else INK, begin)
            for number, track in enumerate(tracks.values())
        ]
        if used := sorted({pitch for roll in rolls for pitch in roll["pitches"]}):
            order = list(drum_rows(style)) if style and what == "drums" else used
            names = {p: _pitch_name(p, next(iter(tracks.values()))) for p in order}
            rows.append(_row(what, 2.0, "", rolls=rolls) | {"pitches": order, "pitch_names": names})
        named = {lane.controller: lane.column for lane in style.drums.lanes} if style else {}
        lanes: list[Row] = []
        for track in tracks.values():
            for controller in dict.fromkeys(lane.controller for lane in track.lanes):
                column = track.name.rsplit("_", 1)[0]  # LF_HF_CC1, LF_Notes
                says = named.get(controller) if what == "drums" else column
                label = f"{says or ''} CC {controller}".strip()
                runs = _lane_runs(parts, track.name, controller, begin)
                lanes.append(line(label, _COLOURS[len(lanes) % 7], runs, stepped=True))
        if lanes:
            rows.append(_row(f"{what}, lanes", 0.9, "", lines=lanes) | {"range": [-4, 131]})
    return rows


def _row(name: str, height: float, unit: str, **more: Any) -> Row:
    return {"name": name, "height": height, "unit": unit, **more}


def _signal(analysis: Analysis, begin: float) -> Row:
    chunks = analysis.recording.chunks
    runs = [
        run_of(chunk.t + np.arange(len(chunk.values)) / chunk.rate_hz, chunk.values, begin)
        for chunk in chunks
    ]
    t = np.array([beat.t for beat in analysis.beats])
    height = np.full(len(t), np.nan)
    for chunk in chunks:
        here = (t >= chunk.t) & (t < chunk.end)
        place = (t[here] - chunk.t) * chunk.rate_hz
        height[here] = np.interp(place, np.arange(len(chunk.values)), chunk.values)
    label = {each.t: each.label for each in analysis.intervals}
    labels = np.array([label.get(at, Label.NORMAL).value for at in t.tolist()])
    late = np.array([beat.late for beat in analysis.beats], bool)
    plain = labels == Label.NORMAL.value
    marks = [
        _marks("beat", BEAT, "circle", t, height, plain & ~late),
        _marks("found later", LATE, "circle-open", t, height, plain & late),
        *(
            _marks(each.value, colour, _SHAPES[shape], t, height, labels == each.value)
            for each, (colour, shape) in MARKED.items()
        ),
    ]
    kind = analysis.kind.upper() if analysis.kind in ("ecg", "ppg") else "signal"
    lines = [line(kind, SIGNAL, runs)]
    return _row("signal", 1.8, "", lines=lines, marks=_some(marks), follow=True)


def _intervals(analysis: Analysis, begin: float) -> Row:
    t = np.array([each.t for each in analysis.intervals])
    ibi_ms = np.array([each.ibi_ms for each in analysis.intervals])
    nn_ms = np.array([np.nan if e.nn_ms is None else e.nn_ms for e in analysis.intervals])
    labels = np.array([each.label.value for each in analysis.intervals])
    nn_ms[[each.after_gap for each in analysis.intervals]] = np.nan  # the line is broken there
    marks = [
        _marks("interval", INK, "circle", t, ibi_ms, labels == Label.NORMAL.value),
        *(
            _marks(each.value, colour, _SHAPES[shape], t, ibi_ms, labels == each.value)
            for each, (colour, shape) in MARKED.items()
        ),
    ]
    lines = [line("normal-to-normal", FAINT, [run_of(t, nn_ms, begin)], ends=True)]
    return _row("intervals", 1.3, "ms", lines=lines, marks=_some(marks))


def _marks(name: str, colour: str, shape: str, t: Floats, y: Floats, chosen: Any) -> dict[str, Any]:
    here = chosen & np.isfinite(y)
    times, heights = np.round(t[here], 6).tolist(), np.round(y[here], 3).tolist()
    return {"name": name, "colour": colour, "shape": shape, "t": times, "y": heights}


def _some(marks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in marks if each["t"]]


def _of(part: Shown, name: str) -> Track | None:
    return next((track for track in part.clip.tracks if track.name == name), None)


def _roll(parts: Sequence[Shown], track: Track, colour: str, begin: float) -> dict[str, Any]:
    """The notes of one track: beginnings and ends, s, pitches and velocities."""
    begins, ends, pitches, velocities = [], [], [], []
    for part in parts:
        own = _of(part, track.name)
        if own is None:
            continue
        notes = own.notes
        begins.append(part.start_s + part.timeline.seconds(notes.tick))
        ends.append(part.start_s + part.timeline.seconds(notes.tick + notes.length))
        pitches.append(notes.pitch)
        velocities.append(notes.velocity)
    pitch = np.concatenate(pitches)
    return {
        "name": track.name.replace("_", " "),
        "colour": colour,
        **times_of(np.concatenate(begins), begin, "begins"),
        **times_of(np.concatenate(ends), begin, "ends"),
        "keys": packed(pitch, "|u1"),
        "velocities": packed(np.concatenate(velocities), "|u1"),
        "pitches": np.unique(pitch).tolist(),
    }


def _pitch_name(pitch: int, track: Track) -> str:
    return f"{pitch} {note_name(pitch, track.channel)}"


def _lane_runs(
    parts: Sequence[Shown], name: str, controller: int, begin: float
) -> list[dict[str, Any]]:
    runs = []
    for part in parts:
        track = _of(part, name)
        for lane in track.lanes if track is not None else ():
            if lane.controller == controller:
                ticks = np.append(lane.tick, part.clip.length)  # it holds to the end
                values = np.append(lane.value, lane.value[-1]).astype(np.float64)
                times = part.start_s + part.timeline.seconds(ticks)
                runs.append(run_of(times, values, begin))
    return runs
