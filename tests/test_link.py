"""Leading a shared tempo: from where it is, seldom, and never against a person."""

import os
import subprocess
import sys
from itertools import pairwise

import pytest

from bridge.mapping.lead import Lead


def leads(session, bpm, seconds, meddle=None):
    """Lead a session for a while; returns the tempo after each change."""
    lead, found = Lead(), []
    for n in range(int(seconds * 20)):
        t = n / 20
        if n % 16 == 0:
            lead.rate(t, bpm)
        if meddle is not None and t == meddle[0]:
            session = meddle[1]
        tempo = lead.step(t, session)
        if tempo is not None:
            found.append((t, tempo))
            session = tempo
    return lead, found


def test_it_goes_from_the_sessions_tempo_to_the_hearts_at_most_four_times_a_second():
    _, found = leads(120.0, 90.0, 60.0)
    times = [t for t, _ in found]
    assert min(b - a for a, b in pairwise(times)) >= 0.25 - 1e-9
    tempos = [tempo for _, tempo in found]
    assert tempos == sorted(tempos, reverse=True)
    assert 119.7 <= tempos[0] < 120.0
    assert tempos[-1] == pytest.approx(90.0, abs=0.06)


def test_a_steady_heart_that_has_arrived_says_nothing():
    _, found = leads(80.0, 80.02, 30.0)
    assert found == []


def test_it_yields_to_whoever_changes_the_tempo():
    lead, found = leads(120.0, 90.0, 30.0, meddle=(10.0, 128.0))
    assert lead.yielded
    assert found[-1][0] < 10.0


def test_without_a_heart_it_leaves_the_session_alone():
    assert Lead().step(5.0, 120.0) is None


@pytest.mark.slow
@pytest.mark.parametrize("what", [["lead"], ["follow", "--style", "default", "--midi", "virtual"]])
def test_without_the_extra_it_is_said_how_to_get_it(tmp_path, what):
    (tmp_path / "aalink.py").write_text("raise ImportError", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "live", "--source", "sim", "--link", *what],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 2
    assert "uv sync --extra link" in done.stderr
