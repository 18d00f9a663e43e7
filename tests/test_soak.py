"""An hour of signal at full speed: no memory, no note and no sample goes astray.

The whole day, and ten minutes in real time, are ``python -m tests.benchmarks.bench_soak``.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="others count memory in other units")
def test_an_hour_loses_nothing_and_takes_no_memory():
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.bench_soak", "--hours", "1"],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["true"] > 3000
    assert found["found_share"] > 0.998
    # Each of six times the sensor comes back, a beat at the edge may be counted on either side.
    assert abs(found["too_many"]) <= 12
    assert found["announced"] + found["late"] == found["true"] + found["too_many"]
    assert found["note_ons"] == found["announced"]
    assert (found["hanging"], found["most_at_once"]) == (0, 1)
    assert found["samples_recorded"] == (3600 - 6 * 8) * 100
    assert found["peak_mb"] - found["peak_mb_first"] < 10.0
