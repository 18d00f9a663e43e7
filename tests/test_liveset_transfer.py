"""The transfer of one clip as a state machine: time is an argument, the device a few lines here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage

from bridge.clips.read import SlotClip, SlotLane, SlotNote
from bridge.osc import contract
from bridge.sinks.liveset.transfer import MAX_TRIES, WINDOW, ClipTransfer, Stage, parts_of


def clip_of(notes: int = 0, points: int = 0) -> SlotClip:
    lane = SlotLane(11, tuple((n / 4, n % 128) for n in range(points)))
    return SlotClip(
        "Heart",
        64.0,
        75.0,
        (2, 4),
        tuple(SlotNote(36, n / 8, 0.125, 100) for n in range(notes)),
        (lane,) if points else (),
    )


def decode(datagram: bytes) -> tuple[str, list]:
    message = OscMessage(datagram)
    return message.address, list(message.params)


def sent(transfer: ClipTransfer, now: float) -> list[tuple[str, list]]:
    return [decode(datagram) for datagram in transfer.due(now)]


def test_a_clip_in_literal_messages():
    clip = SlotClip(
        "Heart", 4.0, 75.0, (2, 4), (SlotNote(36, 0.5, 0.25, 90),), (SlotLane(1, ((0.0, 64),)),)
    )
    transfer = ClipTransfer(7, clip, scene=3, answer_port=7772)
    assert sent(transfer, 0.0) == [("/clip/open", [7, "Heart", 4.0, 75.0, 1, 2, 4, 3, 7772])]
    transfer.hear("/clip/ready", [7], 0.0)
    assert sent(transfer, 0.0) == [
        ("/clip/notes", [7, 0, 36, 0.5, 0.25, 90]),
        ("/clip/lane", [7, 1, 1, 0.0, 64]),
    ]
    transfer.hear("/clip/got", [7, 0], 0.0)
    transfer.hear("/clip/got", [7, 1], 0.0)
    assert sent(transfer, 0.0) == [("/clip/close", [7, 2])]
    transfer.hear("/clip/done", [7, "Drums, slot 1"], 0.0)
    assert (transfer.stage, transfer.answer) == (Stage.DONE, "Drums, slot 1")
    assert (sent(transfer, 9.0), transfer.wake()) == ([], None)


def test_parts_are_full_and_numbered_through_notes_and_lanes():
    parts = [decode(part) for part in parts_of(5, clip_of(notes=70, points=130))]
    assert [(path, params[1], len(params)) for path, params in parts] == [
        ("/clip/notes", 0, 2 + 4 * 32),
        ("/clip/notes", 1, 2 + 4 * 32),
        ("/clip/notes", 2, 2 + 4 * 6),
        ("/clip/lane", 3, 3 + 2 * 64),
        ("/clip/lane", 4, 3 + 2 * 64),
        ("/clip/lane", 5, 3 + 2 * 2),
    ]
    assert max(len(part) for part in parts_of(5, clip_of(notes=32))) < 1500


def test_an_empty_clip_is_opened_and_closed():
    transfer = ClipTransfer(5, clip_of())
    transfer.due(0.0)
    transfer.hear("/clip/ready", [5], 0.0)
    assert sent(transfer, 0.0) == [("/clip/close", [5, 0])]


def test_what_is_not_answered_is_sent_again_ever_more_slowly():
    transfer = ClipTransfer(5, clip_of(1), retry_s=0.2)
    times = []
    now = 0.0
    while now < 3.0:
        if transfer.due(now):
            times.append(now)
        now = transfer.wake()
    assert times == pytest.approx([0, 0.2, 0.5, 0.95, 1.625, 2.625])


def test_no_more_than_a_window_is_under_way():
    transfer = ClipTransfer(5, clip_of(32 * 20))
    transfer.due(0.0)
    transfer.hear("/clip/ready", [5], 0.0)
    assert [params[1] for _, params in sent(transfer, 0.0)] == list(range(WINDOW))
    transfer.hear("/clip/got", [5, 3], 0.0)
    assert [params[1] for _, params in sent(transfer, 0.0)] == [WINDOW]
    transfer.hear("/clip/got", [5, 3], 0.0)
    assert sent(transfer, 0.0) == []
    assert (transfer.parts_got, transfer.parts) == (1, 20)


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("/clip/ready", [6]),
        ("/clip/error", [6, "no"]),
        ("/clip/done", [5, "before anything was sent"]),
        ("/clip/got", [5, 0]),
        ("/clip/got", [5]),
        ("/clip/done", [5]),
        ("/clip/ready", []),
        ("/heart/beat", [5, 1.0]),
    ],
)
def test_foreign_early_and_crippled_answers_change_nothing(path, arguments):
    transfer = ClipTransfer(5, clip_of(1))
    transfer.due(0.0)
    transfer.hear(path, arguments, 0.0)
    assert (transfer.stage, transfer.parts_got) == (Stage.OPENING, 0)


@pytest.mark.parametrize("stage", ["opening", "sending", "writing"])
def test_an_error_ends_it_with_the_devices_reason(stage):
    transfer = ClipTransfer(5, clip_of(1))
    transfer.due(0.0)
    if stage != "opening":
        transfer.hear("/clip/ready", [5], 0.0)
    if stage == "writing":
        transfer.hear("/clip/got", [5, 0], 0.0)
    assert transfer.stage == stage
    transfer.hear("/clip/error", [5, "slot 1 is occupied"], 0.0)
    assert (transfer.stage, transfer.answer) == (Stage.FAILED, "slot 1 is occupied")
    assert not transfer.silent
    transfer.hear("/clip/done", [5, "too late"], 0.0)
    assert transfer.stage is Stage.FAILED


def run_until_over(transfer: ClipTransfer, answer=lambda path, params: [], limit_s=1000.0) -> float:
    """Answer each datagram at once; returns when the transfer was over."""
    now = 0.0
    while not transfer.over and now < limit_s:
        for datagram in transfer.due(now):
            for path, params in answer(*decode(datagram)):
                transfer.hear(path, params, now)
        wake = transfer.wake()
        now = now if wake is None else max(now + 1e-6, wake)
    return now


def test_a_device_that_never_answers_is_given_up():
    transfer = ClipTransfer(5, clip_of(1), silence_s=6.0)
    assert run_until_over(transfer) == pytest.approx(6.0, abs=1.0)
    assert transfer.silent
    assert transfer.answer == "the device does not answer"


def test_silence_says_how_far_it_was():
    def ready_only(path, params):
        return [("/clip/ready", params[:1])] if path == "/clip/open" else []

    transfer = ClipTransfer(5, clip_of(40))
    run_until_over(transfer, ready_only)
    assert transfer.answer == "the device fell silent after 0 of 2 parts; nothing was written"

    def all_but_done(path, params):
        if path == "/clip/notes":
            return [("/clip/got", params[:2])]
        return ready_only(path, params)

    transfer = ClipTransfer(5, clip_of(40))
    run_until_over(transfer, all_but_done)
    assert transfer.answer.endswith("the clip in the Set may be incomplete")


def test_signs_of_life_keep_a_long_writing_alive():
    closes = []

    def slow(path, params):
        if path == "/clip/open":
            return [("/clip/ready", [5])]
        if path == "/clip/notes":
            return [("/clip/got", params[:2])]
        closes.append(path)
        return [("/clip/done", [5, "there"])] if len(closes) == 40 else [("/clip/ready", [5])]

    transfer = ClipTransfer(5, clip_of(40), silence_s=6.0)
    assert run_until_over(transfer, slow) > 30.0
    assert (transfer.stage, transfer.answer) == (Stage.DONE, "there")


def test_one_part_that_is_never_taken_ends_it_too():
    def picky(path, params):
        if path == "/clip/open":
            return [("/clip/ready", [5])]
        return [("/clip/ready", [5])] if params[1] == 1 else [("/clip/got", params[:2])]

    transfer = ClipTransfer(5, clip_of(40))
    assert run_until_over(transfer, picky) == pytest.approx(MAX_TRIES, rel=0.05)
    assert transfer.stage is Stage.FAILED


@pytest.mark.slow
@given(
    notes=st.integers(0, 400),
    points=st.integers(0, 200),
    fates=st.lists(st.sampled_from(["lost", "late", "once", "twice"]), min_size=1, max_size=60),
)
def test_any_loss_doubling_and_order_delivers_every_part_once_and_the_close_last(
    notes, points, fates
):
    fates = [*fates, "once"]  # a line that loses everything delivers nothing
    transfer = ClipTransfer(5, clip_of(notes, points), silence_s=1e6)
    taken: dict[int, list] = {}
    closed: list[int] = []
    air: list[tuple[str, list]] = []
    turn, now = 0, 0.0

    def fate() -> str:
        nonlocal turn
        turn += 1
        return fates[turn % len(fates)]

    def answers(path, params):
        if path == "/clip/open":
            return [("/clip/ready", [5])]
        if path == "/clip/close":
            closed.append(params[1])
            return [("/clip/done", [5, "there"])]
        assert not closed, "a part after the close"
        assert taken.setdefault(params[1], params) == params
        return [("/clip/got", params[:2])]

    while not transfer.over and now < 5000:
        out = [decode(datagram) for datagram in transfer.due(now)]
        back = []
        for message in out:
            how = fate()
            if how != "lost":
                back += answers(*message) * (2 if how == "twice" else 1)
        for message in air + back[::-1]:
            if fate() == "late":
                air = [message]
            elif fate() != "lost":
                transfer.hear(*message, now)
        wake = transfer.wake()
        now = now if wake is None else max(now + 1e-6, wake)
    if transfer.stage is not Stage.DONE:  # a schedule may starve one part; it must say so
        assert transfer.stage is Stage.FAILED
        assert not closed or closed == [transfer.parts] * len(closed)
        return
    assert sorted(taken) == list(range(transfer.parts))
    assert set(closed) == {transfer.parts}


def test_ids_travel_as_32_bit_ints():
    assert contract.encode("/clip/got", [2**30 + 99, 3])
