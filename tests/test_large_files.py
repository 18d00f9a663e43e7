"""Large recordings: refused in a line beyond a bound, and read in little more than they hold."""

import os
import subprocess
import sys

import numpy as np
import pytest

from bridge.errors import UserError
from bridge.given import read_given
from bridge.recordings import numbers
from bridge.recordings.numbers import BadCellError, Cells
from bridge.recordings.read import read_recording
from bridge.recordings.sheet import LARGEST_MB
from bridge.simulate.heart import Heart, simulate


def test_what_is_too_large_is_refused_unread(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate((LARGEST_MB + 12) * 1_000_000)  # a file with nothing but a size
    with pytest.raises(UserError) as told:
        read_recording(path)
    assert str(told.value) == (
        f"{path}: {LARGEST_MB + 12} MB, where {LARGEST_MB} MB are the most; split it first"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
def test_a_pipe_is_no_file_and_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, word in ((tmp_path / "pipe", "a pipe or a device"), (tmp_path, "a folder")):
        with pytest.raises(UserError) as told:
            read_given(path, 1)
        assert str(told.value).startswith(f"{path}: is {word}")


@pytest.mark.parametrize("block", [1, 7, 40, 1000])
def test_any_blocks_give_the_same_numbers(monkeypatch, block):
    rows = ["1.5,-2,x", "3,,nan", "1e3,4,", "0.125,-7.25,", *("12.5,13.25,1" for _ in range(50))]
    body = ("\n".join(rows) + "\n").replace("x", "9").encode()
    whole = Cells(body, 3).numbers([2, 0])
    monkeypatch.setattr(numbers, "_BLOCK_BYTES", block)
    np.testing.assert_array_equal(Cells(body, 3).numbers([2, 0]), whole)


@pytest.mark.parametrize(("bad", "why"), [("1,x,2", "'x' is not a number"), ("1,2", "2 cells")])
def test_the_row_of_a_bad_cell_is_counted_through_all_blocks(monkeypatch, bad, why):
    monkeypatch.setattr(numbers, "_BLOCK_BYTES", 30)
    rows = [*("12.5,13.25,1" for _ in range(77)), bad, *("1,2,3" for _ in range(20))]
    with pytest.raises(BadCellError, match=why) as told:
        Cells(("\n".join(rows) + "\n").encode(), 3).numbers([0, 1])
    assert told.value.row == 77


READ = """
import resource, sys
from bridge.recordings.read import read_recording
import bridge.detect
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
recording = read_recording(sys.argv[1], kind="ppg", rate_hz=float(sys.argv[2]) or None)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(sum(len(chunk.values) for chunk in recording.chunks), (after - before) * 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="others count memory in other units")
@pytest.mark.parametrize("timed", [False, True])
def test_memory_is_a_few_times_the_file(tmp_path, timed):
    values = simulate(Heart(rate_hz=250.0), 60.0)[0].values.tolist() * 80
    path = tmp_path / "long.csv"
    if timed:
        text = "".join(f"{k * 4},{value + 512:.2f}\n" for k, value in enumerate(values))
        path.write_text("timer,value\n" + text)
    else:
        path.write_text("".join(f"{value + 512:.2f}\n" for value in values))
    done = subprocess.run(
        [sys.executable, "-c", READ, path, "0" if timed else "250"],
        capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    count, grown = map(int, done.stdout.split())
    assert count == len(values)
    assert grown < 6 * path.stat().st_size
