"""What a map costs: 64 rows on four targets, of which half glide and an eighth follow the wave.

A simulated minute goes through the rows, tick by tick, and out over real sockets; what is printed
is processor time a second of heart. Beside it, the heart itself: pipeline and plain OSC.
"""

import sys
import time

from bridge.events import Event, SampleChunk
from bridge.mapping import profile as profiles
from bridge.mapping.values import Values
from bridge.osc import contract
from bridge.osc.send import Sender
from bridge.patchbay.bay import Bay
from bridge.patchbay.load import parse
from bridge.pipeline import Pipeline
from bridge.simulate.heart import Heart, HeartSimulator
from bridge.sinks.maps.sink import TICK_SECONDS
from bridge.sinks.osc import OscSink

ROWS, TARGETS, SECONDS, RATE_HZ, RUNS = 64, 4, 60, 250.0, 3
SOURCES = ("wave", "norm/bpm", "norm/rmssd", "quality", "beat", "norm/ibi", "bpm", "norm/sdnn")


def rows() -> str:
    """The map."""
    text = ""
    for n in range(ROWS):
        text += (
            f'[[row]]\nname = "{n}"\nfrom = "{SOURCES[n % len(SOURCES)]}"\nto = "/x/{n}"\n'
            f'min = 0.0\nmax = 1.0\nosc = "127.0.0.1:{9900 + n % TARGETS}"\n'
            f"smoothing_s = {0.5 * (n % 2)}\n"
        )
    return text


def heart() -> list[tuple[float, Event]]:
    """What a simulated heart says, and when."""
    pipeline, signal = Pipeline("ppg"), HeartSimulator(Heart(rate_hz=RATE_HZ))
    found: list[tuple[float, Event]] = []
    for n in range(SECONDS * 50):
        chunk = signal.take(round(RATE_HZ / 50))
        assert isinstance(chunk, SampleChunk)
        found += [((n + 1) / 50, event) for event in pipeline.push(chunk)]
    return found


def of_heart() -> float:
    """Processor seconds of the heart and its plain OSC."""
    osc, started = (
        OscSink([("127.0.0.1", 9900)], contract.ROOT, profiles.load([])),
        time.process_time(),
    )
    for _, event in heart():
        osc.event(event, 0.0)
    spent = time.process_time() - started
    osc.close()
    return spent


def of_map(events: list[tuple[float, Event]]) -> tuple[float, int]:
    """Processor seconds of the map, and how many messages it sent."""
    bay, values, sender = (
        Bay(parse("64", rows()).rows, ["heart"]),
        Values(profiles.load([])),
        Sender([]),
    )
    sent, ticked, started = 0, 0.0, time.process_time()
    for now, event in events:
        outs = []
        while ticked + TICK_SECONDS <= now:
            ticked += TICK_SECONDS
            outs += bay.tick(ticked)
        for said in values.push(event, 0.0):
            outs += bay.said("heart", said, now)
        for out in outs:
            assert out.row.osc is not None
            sender.send_to(out.data, out.row.osc)
        sent += len(outs)
    spent = time.process_time() - started
    sender.close()
    return spent, sent


def main() -> None:
    """Print both, the best of three."""
    events = heart()
    plain = min(of_heart() for _ in range(RUNS))
    mapped, sent = min(of_map(events) for _ in range(RUNS))
    print(f"heart and plain OSC: {100 * plain / SECONDS:.1f} % of a core")
    print(
        f"{ROWS} rows on {TARGETS} targets: {100 * mapped / SECONDS:.1f} %, "
        f"{sent / SECONDS:.0f} messages a second"
    )


if __name__ == "__main__":
    sys.exit(main())
