"""How far off ``/heart/next`` is: on the reference beats of the recordings beside the checkout.

Prints median and 95th percentile of the error in ms, beside the plain last interval and the mean of
four. Only recordings of at least a minute; the reference beats, so that no detector takes part.
"""

from pathlib import Path

import numpy as np

from bridge.events import Beat
from bridge.intervals.next_beat import NextBeat
from bridge.intervals.online import Rhythm

DATA = Path(__file__).parents[2].parent / "shared" / "data"
LEAST_BEATS = 50


def beats_of(path: Path) -> list[float]:
    """The times in a file of reference beats, s."""
    first = [line.split(",")[0] for line in path.read_text(encoding="utf-8").splitlines()]
    return sorted({float(each) for each in first if each.replace(".", "", 1).isdecimal()})


def errors_ms(times: list[float]) -> dict[str, list[float]]:
    """How far each way of guessing was off, ms, on the same beats."""
    found: dict[str, list[float]] = {"next": [], "last": [], "mean of 4": []}
    rhythm, guesser, ibis, guess = Rhythm(), NextBeat(), list[float](), None
    for t in times:
        beat = rhythm.push(Beat(t, t))[0]
        assert isinstance(beat, Beat)
        if beat.ibi_ms is None:
            ibis, guess = [], None
        elif guess is not None and len(ibis) >= 4:
            found["next"].append(abs(t - guess.due_t) * 1000.0)
            found["last"].append(abs(beat.ibi_ms - ibis[-1]))
            found["mean of 4"].append(abs(beat.ibi_ms - sum(ibis[-4:]) / 4))
        guess = guesser.push(beat)
        if beat.ibi_ms is not None:
            ibis.append(beat.ibi_ms)
    return found


def main() -> None:
    """Print the table."""
    print("| record | beats | next, ms | last interval, ms | mean of 4, ms |")
    print("|---|---|---|---|---|")
    for path in sorted(DATA.rglob("*.beats.csv")):
        times = beats_of(path)
        if len(times) < LEAST_BEATS:
            continue
        found = errors_ms(times)
        cells = [
            f"{np.median(errors):.0f} / {np.percentile(errors, 95):.0f}"
            for errors in found.values()
        ]
        print(f"| {path.name.removesuffix('.beats.csv')} | {len(times)} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
