"""The next beat: guessed from the intervals, absent where nobody can know."""

import pytest

from bridge.events import Beat, Contact, Link, Next, State, Status
from bridge.intervals.next_beat import NextBeat
from bridge.mapping import profile as profiles
from bridge.mapping.values import Said, Values
from bridge.pipeline import Pipeline
from bridge.sinks.recorder import Recorder


def guesses(ibis_ms):
    guesser, t, found = NextBeat(), 0.0, []
    for ibi_ms in ibis_ms:
        t += (ibi_ms or 3000.0) / 1000.0
        found.append(guesser.push(Beat(t, t, ibi_ms=ibi_ms)))
    return found


def test_the_next_interval_is_the_last_one_unless_that_was_unusual():
    found = guesses([None, 800.0, 800.0, 800.0, 810.0, 500.0, 1100.0, 805.0])
    assert found[:3] == [None, None, None]
    intervals = [round(guess.interval_s * 1000) for guess in found[3:]]
    assert intervals == [800, 810, 800, 800, 805]
    assert found[4].due_t == pytest.approx(found[4].t + 0.810)


def test_the_confidence_is_how_often_the_guesses_came_true():
    steady = guesses([None, *[800.0] * 12])
    assert [guess.confidence for guess in steady[3:6]] == [2 / 8, 3 / 8, 4 / 8]
    assert steady[-1].confidence == 1.0
    wild = guesses([None, *[800.0, 1000.0, 850.0, 700.0] * 6])
    assert wild[-1].confidence <= 0.25


@pytest.mark.parametrize("ibi_ms", [400.0, 1600.0])
@pytest.mark.parametrize(("off", "true"), [(0.09, True), (0.12, False)])
def test_a_guess_came_true_within_a_tenth_of_the_interval(ibi_ms, off, true):
    """Of a fast heart's as of a slow one's: of each, the second is told against the first."""
    *_, last = guesses([None, *[ibi_ms] * 9, ibi_ms / (1 - off)])
    assert last.confidence == (1.0 if true else 7 / 8)


def test_after_a_gap_nothing_is_guessed_at_first():
    found = guesses([None, *[800.0] * 6, None, 800.0, 800.0, 800.0])
    assert found[7:10] == [None, None, None]
    assert found[10] is not None


def test_guesses_come_only_while_live():
    pipeline, events = Pipeline(), []
    for n in range(1, 12):
        events += pipeline.push(Beat(float(n), float(n)))
    assert [event.t for event in events if isinstance(event, Next)] == [
        float(n) for n in range(4, 12)
    ]
    lost = [*pipeline.push(Contact(11.5, Link.NO_CONTACT)), *pipeline.tick(12.0)]
    assert Status(11.5, State.LOST) in lost
    assert not [event for event in lost if isinstance(event, Next)]


@pytest.mark.parametrize(
    ("age_s", "until_ms"), [(0.1, 700.0), (0.9, 700.0), (1.7, 700.0), (2.5, None)]
)
def test_it_counts_from_now_and_is_carried_on_two_intervals_at_most(age_s, until_ms):
    said = list(Values(profiles.load([])).push(Next(5.0, 5.8, 0.8, 0.75), age_s))
    if until_ms is None:
        assert said == []
    else:
        assert said == [Said("/next", (pytest.approx(until_ms), 0.75))]


def test_a_guess_is_no_beat_and_is_not_recorded(tmp_path):
    values = Values(profiles.load([]))
    list(values.push(Next(5.0, 5.8, 0.8, 0.75), 0.0))
    assert values.beats == 0
    recorder = Recorder(tmp_path / "kept.csv")
    recorder.event(Next(5.0, 5.8, 0.8, 0.75), 0.0)
    recorder.close()
    assert not (tmp_path / "kept.csv").exists()
