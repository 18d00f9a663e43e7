"""Ableton Link sessions, with the real library, in a network namespace of their own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bridge.clips.clip import PPQ
from bridge.clips.shared_clock import JUMP, QUANTUM, SharedClock
from tests.integration.link_peer import CHANGED, HELD

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's"),
]
TRIES = 20
ASLEEP_S = JUMP / abs(HELD - CHANGED) * 60
PREPARE = "ip link set lo up; ip link set lo multicast on; ip route add 224.0.0.0/4 dev lo\n"
JOIN = """
"$1" -m tests.integration.link_peer hold 600 >"$2/session" & holder=$!
until [ -s "$2/session" ]; do kill -0 $holder || exit 1; sleep 0.1; done
"$1" -m tests.integration.link_peer join {tries} >&2
joined=$?
kill $holder
exit $joined
"""
FOLLOW = """
"$1" -m tests.integration.link_peer follow 600 >"$2/heard" & follower=$!
"$1" -m tests.integration.link_peer change 10 >"$2/session"
changed=$?
kill $follower
exit $changed
"""
LIVE = """
"$1" -m tests.integration.link_peer hold 600 >"$2/session" & peer=$!
"$1" -m bridge live --source sim --style default --midi ear --link follow --duration 9 \
    --target 127.0.0.1:9
played=$?
kill $peer
exit $played
"""
LEAD = """
"$1" -m bridge live --source "sim?bpm=115" --link lead --target 127.0.0.1:9 & live=$!
"$1" -m tests.integration.link_peer change 28 >"$2/session"
kill $live
wait $live
"""
LOOP = """
"$1" -m tests.integration.link_peer loop 30
"""
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def alone(need_program, tmp_path) -> Run:
    """Runs a script where the only network is its own."""
    pytest.importorskip("aalink")
    unshare = need_program("unshare")
    if subprocess.run([unshare, "-n", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may not make network namespaces")

    def run(script: str) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [unshare, "-n", "bash", "-c", PREPARE + script, "bash", sys.executable, tmp_path],
            capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done

    return run


def test_joining_changes_nobodys_tempo(alone, tmp_path):
    done = alone(JOIN.format(tries=TRIES))
    assert done.stderr.count("Link: 1 others, 128.0 a minute; leading now") == TRIES
    lines = (tmp_path / "session").read_text(encoding="utf-8").splitlines()
    seen = [line.split() for line in lines[:-1]]  # the last may have been cut off
    assert {tempo for tempo, _ in seen} == {"128.000"}
    assert "1" in {peers for _, peers in seen}


def told(file: Path) -> np.ndarray:
    """Moments, beats and tempos, a row each."""
    return np.loadtxt(file)


def test_who_follows_is_where_the_session_is_and_goes_its_tempo(alone, tmp_path):
    done = alone(FOLLOW)
    assert "a minute; following" in done.stderr
    session, heard = told(tmp_path / "session"), told(tmp_path / "heard")
    assert set(session[:, 2]) == {HELD, CHANGED}  # as the peer itself set it, and never otherwise
    # A busy machine may find the session late: until then it has a tempo of its own.
    heard = heard[np.flatnonzero(heard[:, 2] == HELD)[0] :]
    assert set(heard[:, 2]) == {HELD, CHANGED}
    clock = SharedClock()
    off = []
    for t, beat, tempo in heard:
        clock.told(t, beat, tempo)
        nearest = session[np.abs(session[:, 0] - t).argmin()]
        apart = clock.tick(nearest[0]) / PPQ - nearest[1]
        off.append(abs((apart + QUANTUM / 2) % QUANTUM - QUANTUM / 2))
    # Who slept while the tempo changed may find the beat elsewhere, and begin anew.
    assert clock.stretch == 1 or np.diff(heard[:, 0]).max() > ASLEEP_S
    assert clock.start % (QUANTUM * PPQ) == 0
    assert np.median(off) < 0.02  # of a quarter note: 10 ms


def test_live_plays_a_style_by_a_session_and_leaves_its_tempo_alone(alone, listener, tmp_path):
    done = alone(LIVE)
    assert "a minute; following" in done.stdout
    assert any(message[0] & 0xF0 == 0x90 for message in listener.messages)
    assert {line.split()[0] for line in (tmp_path / "session").read_text().splitlines()} == {
        "128.000"
    }


def test_it_does_not_lead_while_the_devices_tempo_follows_the_heart(alone):
    done = alone(LOOP)
    refused, leads = done.stderr.splitlines()
    assert "is a loop" in refused
    assert leads.endswith("leading now")
    tempos = {0.0: set(), 1.0: set()}
    for line in done.stdout.splitlines():
        when, tempo = map(float, line.split())
        tempos[when].add(tempo)
    assert tempos[0.0] == {HELD}
    assert min(tempos[1.0]) < HELD - 1.0


def test_live_leads_slowly_and_yields_to_a_person(alone, tmp_path):
    done = alone(LEAD)
    assert "leading now" in done.stdout
    assert "it is theirs now" in done.stdout
    t, tempo = told(tmp_path / "session")[:, [0, 2]].T
    turned = np.flatnonzero(tempo == CHANGED)[0]
    led = tempo[:turned]
    assert led[0] == HELD
    assert led[-1] < HELD - 1.0
    changes, passed = np.diff(led), np.diff(t[:turned])
    # Less than 1 at a time, four times a second; a busy peer may have missed some.
    assert np.all(np.abs(changes) < 1.0 + 4 * np.where(passed > 0.25, passed, 0.0))
    assert np.count_nonzero(changes) <= 4 * (t[turned] - t[0])
    assert set(tempo[turned:]) == {CHANGED}
