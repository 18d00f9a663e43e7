"""What rendering costs event by event: the baseline of ``bench_render``, a process of its own.

The scripts that the seed's author published may not be copied, so this is a re-statement of where
their time goes, written for this comparison: a loop over cells that interpolates the heart rate for
each, one object an event, every controller value at every tick, and pretty_midi to write it all. It
reads with numpy instead of pandas, whose import alone would cost it another 0.4 s.

    python tests/benchmarks/event_by_event.py drums|notes|cc FOLDER OUT
"""

import sys
from pathlib import Path

import numpy as np
import pretty_midi

CELL_S = 0.1
ORDER = (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15)
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 10, 11)
BANDS = (("VLF", 36, 0.8), ("LF", 48, 0.4), ("HF", 60, 0.2))
Table = dict[str, np.ndarray]
Spans = dict[str, tuple[float, float]]


def read(path: Path) -> Table:
    with path.open(encoding="utf-8") as file:
        names = file.readline().strip().split(",")
    return dict(zip(names, np.loadtxt(path, delimiter=",", skiprows=1).T, strict=True))


def control(instrument, number: int, spans: Spans, table: Table, column: str) -> None:
    low, high = spans[column]
    for k, value in enumerate(table[column]):
        share = min(max((value - low) / (high - low), 0.0), 1.0)
        instrument.control_changes.append(
            pretty_midi.ControlChange(number, round(share * 127), k * CELL_S)
        )


def drums(midi, table: Table, spans: Spans) -> None:
    low, high = spans["HR"]
    borders = np.linspace(low, high, 17)[1:]
    track = pretty_midi.Instrument(0, is_drum=True, name="HR_Drums")
    control(track, 11, spans, table, "SDNN")
    control(track, 1, spans, table, "RMSSD")
    for cell in range(len(table["t"])):
        rate = float(np.interp(cell * CELL_S, table["t"], table["HR"]))
        zone = next((k for k, border in enumerate(borders) if rate <= border), 15)
        for layer in range(zone + 1):
            if ORDER[layer] == cell % 16:
                start = cell * CELL_S
                note = pretty_midi.Note(min(round(rate), 127), 36 + layer, start, start + CELL_S)
                track.notes.append(note)
    midi.instruments.append(track)


def notes(midi, table: Table, spans: Spans) -> None:
    for column, root, cell_s in BANDS:
        low, high = spans[column]
        track = pretty_midi.Instrument(0, name=f"{column}_Notes")
        for k in range(round(len(table["t"]) * CELL_S / cell_s)):
            start = k * cell_s
            share = (np.interp(start, table["t"], table[column]) - low) / (high - low)
            ratio = np.interp(start, table["t"], table["LF_HF"])
            scale = MAJOR if ratio > 2 else MINOR
            pitch = root + scale[min(int(share * 7), 6)]
            velocity = round(80 + 40 * share)
            track.notes.append(pretty_midi.Note(velocity, pitch, start, start + cell_s))
            for number, value in ((1, share), (11, min(ratio / 10, 1.0))):
                track.control_changes.append(
                    pretty_midi.ControlChange(number, round(float(value) * 127), start)
                )
        midi.instruments.append(track)


def cc(midi, table: Table, spans: Spans) -> None:
    for column in ("HR", "SDNN", "RMSSD", "VLF", "LF", "HF", "LF_HF"):
        track = pretty_midi.Instrument(0, name=f"{column}_CC1")
        control(track, 1, spans, table, column)
        midi.instruments.append(track)


def main() -> None:
    make = {"drums": drums, "notes": notes, "cc": cc}[sys.argv[1]]
    folder, out = Path(sys.argv[2]), Path(sys.argv[3])
    out.mkdir(exist_ok=True)
    tables = {path: read(path) for path in sorted(folder.glob("*.csv"))}
    spans = {
        name: (
            min(float(table[name].min()) for table in tables.values()),
            max(float(table[name].max()) for table in tables.values()),
        )
        for name in next(iter(tables.values()))
    }
    for path, table in tables.items():
        midi = pretty_midi.PrettyMIDI(resolution=480, initial_tempo=75)
        make(midi, table, spans)
        midi.write(str(out / f"{path.stem}_{sys.argv[1]}.mid"))


if __name__ == "__main__":
    main()
