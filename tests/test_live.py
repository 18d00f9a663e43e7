"""The live driver: durations, markers, sinks that fail, a source that goes silent."""

import asyncio
import contextlib
import socket

import numpy as np
import pytest
from pythonosc.osc_message import OscMessage

from bridge.errors import BeatbridgeError, UserError
from bridge.events import Beat, Event, Marker, SampleChunk, State, Status
from bridge.live.performer import Performer
from bridge.live.run import LiveRun
from bridge.mapping import profile as profiles
from bridge.osc import contract
from bridge.pipeline import Pipeline
from bridge.simulate.heart import Heart
from bridge.sinks.osc import OscSink
from bridge.sources.sim import SimSource


class Keeper:
    """Keeps what it is given."""

    def __init__(self, fail_at: float = float("inf")) -> None:
        self.events: list[Event] = []
        self.ages: list[float] = []
        self.sample_count = 0
        self.closed = False
        self._fail_at = fail_at

    def samples(self, chunk):
        self.sample_count += len(chunk.values)
        if chunk.t > self._fail_at:
            raise BeatbridgeError("the disk is full")

    def event(self, event, age_s):
        self.events.append(event)
        self.ages.append(age_s)

    def close(self):
        self.closed = True

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


def one(source, sinks, *, name="heart", root=contract.ROOT, targets=(), **options):
    options.setdefault("notice", lambda text: None)
    osc = OscSink(list(targets), root, profiles.load([]))
    return Performer(source, Pipeline("ppg"), osc, sinks, name=name, **options)


def session(
    source, sinks, *, targets=(), notice=lambda text: None, duration=None, listen_port=None
):
    performer = one(source, sinks, targets=targets, notice=notice, duration=duration)
    return LiveRun([performer], notice=notice, listen_port=listen_port)


def test_duration_is_exact_to_the_sample():
    keeper = Keeper()
    source = SimSource(Heart(rate_hz=250.0), speed=0.0)
    (summary,) = asyncio.run(session(source, [keeper], duration=30.1).run())
    assert keeper.sample_count == 7525
    assert summary.seconds == pytest.approx(30.1)
    assert summary.beats == len([beat for beat in keeper.of(Beat) if not beat.late]) > 30
    assert keeper.closed


@pytest.mark.slow
def test_the_same_beats_at_any_speed_as_in_one_piece():
    keeper = Keeper()
    source = SimSource(Heart(rate_hz=100.0), speed=50.0)
    asyncio.run(session(source, [keeper], duration=20.0).run())
    from bridge.simulate.heart import HeartSimulator

    whole = list(Pipeline("ppg").push(HeartSimulator(Heart(rate_hz=100.0)).take(2000)))
    assert keeper.of(Beat)[: len(whole)] == [event for event in whole if isinstance(event, Beat)]


def test_ctrl_c_ends_with_a_last_status_and_a_summary():
    messages = []

    def drain(receiver):
        with contextlib.suppress(BlockingIOError):
            while True:
                messages.append(OscMessage(receiver.recv(2048)))

    async def play(receiver):
        running = asyncio.ensure_future(live.run())
        while len(keeper.of(Beat)) < 6:
            await asyncio.sleep(0.001)
            drain(receiver)
        running.cancel()
        return await running

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.setblocking(False)
        keeper = Keeper()
        source = SimSource(Heart(rate_hz=50.0), speed=50.0)
        live = session(source, [keeper], targets=[receiver.getsockname()])
        (summary,) = asyncio.run(play(receiver))
        drain(receiver)
    assert summary.beats >= 3
    assert keeper.closed
    assert [message.address for message in messages[-2:]] == ["/heart/hello", "/heart/status"]
    assert messages[-1].params == [summary.state.value]


def test_a_sink_that_fails_is_let_go_and_the_music_goes_on():
    bad, good, said = Keeper(fail_at=5.0), Keeper(), []
    source = SimSource(Heart(), speed=0.0)
    live = session(source, [bad, good], notice=said.append, duration=20.0)
    (summary,) = asyncio.run(live.run())
    assert said[1:] == ["the disk is full"]
    assert summary.notes == ["the disk is full"]
    assert good.of(Beat)[-1].t > 18.0


class Silent:
    """A sensor that plays ten seconds and then says nothing more."""

    realtime = True

    async def run(self, emit):
        from bridge.simulate.heart import HeartSimulator

        emit(HeartSimulator(Heart(rate_hz=100.0)).take(1000))
        await asyncio.Event().wait()

    def summary(self):
        return []


@pytest.mark.slow
def test_a_silent_sensor_is_lost_though_no_sample_says_so():
    keeper = Keeper()

    async def play():
        running = asyncio.ensure_future(session(Silent(), [keeper]).run())
        while State.LOST not in [status.state for status in keeper.of(Status)]:
            await asyncio.sleep(0.01)
        running.cancel()
        return await running

    (summary,) = asyncio.run(asyncio.wait_for(play(), 60.0))
    assert [status.state for status in keeper.of(Status)] == [State.LIVE, State.LOST]
    assert keeper.of(Status)[-1].t < 13.0
    assert summary.state is State.LOST


class Broken:
    """A source that cannot start."""

    realtime = True

    async def run(self, emit):
        raise UserError("serial port COM9: is not there")

    def summary(self):
        return []


def test_a_source_that_fails_closes_the_sinks_first():
    keeper = Keeper()
    with pytest.raises(UserError, match="COM9"):
        asyncio.run(session(Broken(), [keeper]).run())
    assert keeper.closed


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def test_pings_marks_and_relearn_are_heard(monkeypatch):
    keeper, port, said = Keeper(), free_port(), []

    async def play():
        source = SimSource(Heart(rate_hz=100.0), speed=1.0)
        live = session(source, [keeper], notice=said.append, listen_port=port)
        monkeypatch.setattr(Pipeline, "forget", lambda self: said.append("forgotten"))
        running = asyncio.ensure_future(live.run())
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))
            other.setblocking(False)
            while not keeper.sample_count:
                await asyncio.sleep(0.01)
            here = ("127.0.0.1", port)
            other.sendto(b"no osc at all", here)
            other.sendto(b"\xff\xfe\0\0,\0\0\0", here)
            other.sendto(contract.encode("/bridge/mark", ("chorus",)), here)
            other.sendto(contract.encode("/bridge/relearn"), here)
            for spoken in ((1,), (1,), (contract.VERSION,), ()):
                other.sendto(contract.encode("/bridge/ping", spoken), here)
            loop = asyncio.get_running_loop()
            answer = OscMessage(await loop.sock_recv(other, 2048))
        running.cancel()
        await running
        return answer

    answer = asyncio.run(asyncio.wait_for(play(), 60.0))
    assert answer.address == "/heart/hello"
    assert [marker.text for marker in keeper.of(Marker)] == ["chorus"]
    other_contract = (
        f"a device speaks contract 1, this bridge {contract.VERSION}: "
        "run `beatbridge device install` and load the device again"
    )
    assert sorted(said[1:]) == [other_contract, "forgotten", "mark: chorus"]


def test_a_taken_port_is_said_and_does_not_stop_the_music():
    said = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        source = SimSource(Heart(), speed=0.0)
        port = holder.getsockname()[1]
        live = session(source, [], notice=said.append, duration=10.0, listen_port=port)
        (summary,) = asyncio.run(live.run())
    assert f"UDP port {port} is taken" in said[0]
    assert summary.beats > 5


def test_a_beat_says_how_old_it_is():
    keeper = Keeper()
    source = SimSource(Heart(rate_hz=250.0), speed=0.0)
    asyncio.run(session(source, [keeper], duration=20.0).run())
    told = [
        (event, age)
        for event, age in zip(keeper.events, keeper.ages, strict=True)
        if isinstance(event, Beat) and not event.late
    ]
    assert len(told) > 10
    # Chunks are of a second here: no beat can be told of before its chunk has come.
    for beat, age in told:
        chunk_end = np.ceil(beat.sure_t + 1e-9)
        assert age == pytest.approx(chunk_end - 1 / 250.0 - beat.t, abs=0.5)
        assert age >= beat.sure_t - beat.t - 1e-9


@pytest.mark.parametrize("error", [BrokenPipeError, ValueError])
def test_whatever_a_source_raises_the_sinks_are_closed(error):
    class Failing(Broken):
        async def run(self, emit):
            emit(Beat(1.0, 1.0))
            raise error("gone")

    keeper = Keeper()
    with pytest.raises(error):
        asyncio.run(session(Failing(), [keeper]).run())
    assert keeper.closed


@pytest.mark.slow
def test_duration_counts_signal_not_the_wait_for_it():
    class Booting(Broken):
        async def run(self, emit):
            await asyncio.sleep(1.6)
            for start in range(30):
                emit(SampleChunk(start / 10, 100.0, np.zeros(10)))
                await asyncio.sleep(0.01)

    keeper = Keeper()
    (summary,) = asyncio.run(session(Booting(), [keeper], duration=1.0).run())
    assert summary.seconds == 1.0
    assert keeper.sample_count == 100


@pytest.mark.slow
def test_the_end_of_a_duration_may_come_late():
    class Late(Broken):
        async def run(self, emit):
            emit(SampleChunk(0.0, 100.0, np.zeros(90)))
            await asyncio.sleep(0.6)
            emit(SampleChunk(0.9, 100.0, np.zeros(90)))

    keeper = Keeper()
    (summary,) = asyncio.run(session(Late(), [keeper], duration=1.0).run())
    assert (summary.seconds, keeper.sample_count) == (1.0, 100)


def test_duration_ends_inside_a_gap():
    class Gappy(Broken):
        async def run(self, emit):
            emit(SampleChunk(0.0, 100.0, np.zeros(500)))
            emit(SampleChunk(60.0, 100.0, np.zeros(500)))

    keeper = Keeper()
    (summary,) = asyncio.run(session(Gappy(), [keeper], duration=10.0).run())
    assert (summary.seconds, keeper.sample_count) == (10.0, 500)


@pytest.mark.slow
def test_a_heart_may_join_and_end_while_another_plays(capsys):
    """Joined before the run or during it, each plays once; one that ends leaves the others."""
    ended = []

    async def play():
        run = LiveRun([], notice=lambda text: None, listen_port=None, lasting=True)
        hearts = {name: simulated(name) for name in ("early", "late")}
        run.join(hearts["early"], lambda error: ended.append(("early", error)))
        task = asyncio.ensure_future(run.run())
        await heard(hearts["early"])
        run.join(hearts["late"], lambda error: ended.append(("late", error)))
        await heard(hearts["late"])
        run.end(hearts["early"])
        while not ended:
            await asyncio.sleep(0.01)
        assert ended == [("early", None)]
        assert not hearts["early"].playing
        assert hearts["late"].playing
        early = hearts["early"].summary.seconds
        await heard(hearts["late"])
        assert hearts["early"].summary.seconds == early
        task.cancel()
        await task
        return hearts

    async def heard(heart):
        seconds = heart.summary.seconds
        while heart.summary.seconds < seconds + 0.1:
            await asyncio.sleep(0.01)

    hearts = asyncio.run(asyncio.wait_for(play(), 60.0))
    assert not hearts["late"].playing


def simulated(name):
    osc = OscSink([], f"/heart/{name}", profiles.load([]))
    source = SimSource(Heart(rate_hz=100.0), 1.0)
    return Performer(source, Pipeline("ppg"), osc, [], notice=lambda text: None, name=name)
