"""Real pylsl in a network namespace of its own: a heart in, intervals out, at their own times."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("network namespaces are Linux's", allow_module_level=True)
pytest.importorskip("pylsl")

pytestmark = pytest.mark.slow

INSIDE = """
import asyncio, json, sys, threading, time
import pylsl
from bridge.events import Beat, BodyChunk, SampleChunk
from bridge.sources.lsl import LslSource
from bridge.sinks.lsl import LslSink
from tests import sketches

heart = [float(value) for value in sketches.ecg(130.0, 60.0)]

def send():
    if {even}:
        info = pylsl.StreamInfo("strap", "ECG", 2, 130.0, "float32", "x")
        info.set_channel_labels(["gsr", "ecg"])
    else:
        info = pylsl.StreamInfo("strap", "HEART_RATE", 1, 0.0, "float32", "x")
    outlet = pylsl.StreamOutlet(info)
    outlet.wait_for_consumers(60)
    start, number = pylsl.local_clock(), 0
    while True:
        if {even}:
            value = heart[number % len(heart)] if {kept} else float(number)
            outlet.push_sample([1000.0 + number, value], start + number / 130)
            pause = 1 / 130
        else:
            outlet.push_sample([0.5], start + number * 0.5)
            pause = 0.5
        number += 1
        time.sleep(max(0.0, start + number * pause - pylsl.local_clock()))

async def main():
    items, done = [], asyncio.Event()
    def take(item):
        items.append(item)
        samples = sum(len(i.values) for i in items if isinstance(i, SampleChunk))
        if samples > 200 or sum(isinstance(i, Beat) for i in items) > 3:
            done.set()
    running = asyncio.ensure_future(LslSource("strap").run(take))
    await asyncio.wait([running, asyncio.ensure_future(done.wait())], timeout=120,
                       return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
    running.cancel()
    chunks = [i for i in items if isinstance(i, SampleChunk)]
    print(json.dumps({{
        "values": [v for c in chunks for v in c.values.tolist()],
        "gsr": [v for c in items if isinstance(c, BodyChunk) for v in c.values.tolist()],
        "rates": sorted({{c.rate_hz for c in chunks}}),
        "late": max([c.arrival_t - c.end for c in chunks], default=0.0),
        "beats": [b.t for b in items if isinstance(b, Beat)],
    }}))

def out():
    sink = LslSink("alice")
    info = pylsl.resolve_byprop("name", "alice-RR", 1, 60)[0]
    inlet = pylsl.StreamInlet(info)
    inlet.open_stream(60)
    before = pylsl.local_clock()
    sink.event(Beat(5.0, 5.1, ibi_ms=812.5), 1.2)
    after = pylsl.local_clock()
    row, stamp = inlet.pull_sample(60)
    print(json.dumps({{"rr": row[0], "ago": [before - stamp, after - stamp]}}))

def kept():
    import tempfile
    from pathlib import Path
    from tests.integration.sessions import kept_and_replayed, same_beats
    with tempfile.TemporaryDirectory() as folder:
        same_beats(*kept_and_replayed(LslSource("strap"), "ecg", Path(folder)))
    print(json.dumps({{"same": True}}))

def listed():
    import subprocess
    info = pylsl.StreamInfo("strap", "ECG", 1, 130.0, "float32", "x")
    words = pylsl.StreamInfo("notes", "Markers", 1, 0.0, "string", "y")
    outlets = [pylsl.StreamOutlet(each) for each in (info, words)]
    done = subprocess.run([sys.executable, "-m", "bridge", "devices"],
                          capture_output=True, text=True, check=True)
    print(json.dumps({{"shown": done.stdout, "errors": done.stderr, "outlets": len(outlets)}}))

if {listed}:
    listed()
elif {out}:
    out()
elif {kept}:
    threading.Thread(target=send, daemon=True).start()
    kept()
else:
    threading.Thread(target=send, daemon=True).start()
    asyncio.run(main())
"""


def in_namespace(need_program, **what):
    unshare = need_program("unshare")
    script = INSIDE.format(**{"even": False, "out": False, "kept": False, "listed": False, **what})
    shell = 'ip link set lo up 2>/dev/null; exec "$0" -c "$1"'
    done = subprocess.run(
        [unshare, "-rn", "sh", "-c", shell, sys.executable, script],
        capture_output=True, text=True, timeout=300, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_a_stream_with_a_rate_is_a_signal(need_program):
    found = in_namespace(need_program, even=True)
    values = found["values"]
    assert len(values) > 200
    assert values == [values[0] + i for i in range(len(values))]  # not the first channel, gsr
    assert found["gsr"] == [1000.0 + value for value in values[: len(found["gsr"])]]
    assert found["rates"] == [130.0]


def test_a_stream_without_a_rate_is_intervals(need_program):
    beats = in_namespace(need_program)["beats"]
    assert len(beats) > 3
    assert [b - a for a, b in pairwise(beats)] == pytest.approx([0.5] * (len(beats) - 1))


@pytest.mark.parametrize("even", [True, False])
def test_a_stream_is_recorded_and_replayed_to_the_same_beats(need_program, even):
    assert in_namespace(need_program, even=even, kept=True)["same"]


def test_intervals_leave_with_the_beats_own_time(need_program):
    found = in_namespace(need_program, out=True)
    assert found["rr"] == 812.5
    least, most = found["ago"]
    assert least - 0.01 <= 1.2 <= most + 0.01


def test_devices_lists_streams_of_numbers(need_program):
    found = in_namespace(need_program, listed=True)
    assert "  lsl:strap (ECG)" in found["shown"].splitlines()
    assert "notes" not in found["shown"]
    assert found["errors"] == ""
