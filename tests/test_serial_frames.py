"""The firmware's frames: literal bytes, any chunking, and every kind of damage to the stream."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.sources.serial.frames import (
    CRC_POLYNOMIAL,
    NEAR,
    SEQUENCE_PERIOD,
    FrameParser,
    Greeting,
    Samples,
    crc14,
    encode,
)

GREETING = b"beatbridge pulse_stream 1 frames rate=1000 channels=1 bits=10"
BYTES_IN_20_MS = 20 * 6

cuts = st.lists(st.integers(0, 2000), max_size=12)
seeds = st.integers(0, 2**32)


def greeting(text: bytes = GREETING) -> bytes:
    return b"\r\n%b *%04X\r\n" % (text, crc14(text))


def stream(values: list[int], first: int = 0) -> bytes:
    return b"".join(encode(number, (value,)) for number, value in enumerate(values, first))


def in_pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


def readings(items: list[Greeting | Samples]) -> dict[int, tuple[int, ...]]:
    """Every reading by its index; asserts that none comes twice and that time never goes back."""
    found: dict[int, tuple[int, ...]] = {}
    last = -1
    for item in items:
        if isinstance(item, Samples):
            assert item.index > last
            for index, row in enumerate(item.values.tolist(), item.index):
                found[index] = tuple(row)
                last = index
    return found


def wave(n: int, seed: int = 1) -> list[int]:
    rng = random.Random(seed)
    return [rng.randrange(1024) for _ in range(n)]


def test_the_bytes_of_a_frame_are_these():
    # instant 5, one sensor; reading 512 = 4 * 128; check: low seven bits first, one byte >= 80
    assert encode(5, (512,)).hex(" ")[:11] == "85 00 00 04"
    # two sensors: bit 6 of the second byte; 8191 = 63 * 128 + 127; 1023 = 7 * 128 + 127
    assert encode(8191, (1023, 1)).hex(" ")[:17] == "ff 7f 7f 07 01 00"
    assert len(encode(0, (0, 0))) == 8


def test_the_check_of_the_usual_nine_digits():
    # Worked out bit by bit, on the seven bits of each digit, as the definition says.
    crc = 0x3FFF
    for digit in b"123456789":
        for bit in range(7):
            out = (crc ^ digit >> bit) & 1
            crc = crc >> 1 ^ (0x3A9D if out else 0)
    assert crc14(b"123456789") == crc


def test_the_check_finds_every_error_of_up_to_five_bits():
    """Hamming distance 6 at the length of the longest frame, by meeting in the middle."""
    length = 56
    syndromes = []
    state = 1
    for _ in range(length):
        syndromes.append(state)
        state = state >> 1 ^ (CRC_POLYNOMIAL if state & 1 else 0)
    two = {0} | set(syndromes)
    pairs = [a ^ b for i, a in enumerate(syndromes) for b in syndromes[:i]]
    assert len(two) == length + 1
    assert len(set(pairs)) == len(pairs), "four bits could cancel"
    assert two.isdisjoint(pairs), "three bits could cancel"
    three = {a ^ b for a in pairs for b in syndromes} - set(syndromes)
    assert three.isdisjoint(pairs), "five bits could cancel"


def test_greeting_then_readings():
    parser = FrameParser()
    items = parser.feed(greeting() + stream([500, 501, 502]))
    assert items[0] == Greeting("pulse_stream", 1, "frames", 1000, 1, 10)
    assert isinstance(items[1], Samples)
    assert (items[1].index, items[1].lost, items[1].values.tolist()) == (
        0,
        0,
        [[500], [501], [502]],
    )
    assert (parser.accepted, parser.lost, parser.rejected, parser.stray) == (3, 0, 0, 0)


def test_two_sensors():
    data = b"".join(encode(i, (100 + i, 900 - i)) for i in range(3))
    parser = FrameParser()
    (_, run) = parser.feed(greeting(GREETING.replace(b"channels=1", b"channels=2")) + data)
    assert isinstance(run, Samples)
    assert run.values.tolist() == [[100, 900], [101, 899], [102, 898]]


def test_a_greeting_with_a_wrong_check_is_none():
    parser = FrameParser()
    assert parser.feed(greeting().replace(b"1000", b"1001")) == []
    assert parser.greeting is None


def test_a_loss_is_counted_and_splits_the_run():
    parser = FrameParser()
    data = greeting() + stream([1, 2]) + stream([6, 7], first=5)
    runs = [item for item in parser.feed(data) if isinstance(item, Samples)]
    assert [(run.index, run.lost, run.values[:, 0].tolist()) for run in runs] == [
        (0, 0, [1, 2]),
        (5, 3, [6, 7]),
    ]
    assert parser.lost == 3


def test_numbers_go_on_past_their_period():
    values = wave(SEQUENCE_PERIOD + 100)
    parser = FrameParser()
    found = readings(parser.feed(greeting() + stream(values)))
    assert found == {i: (value,) for i, value in enumerate(values)}


def test_a_frame_that_came_twice_does_not_move_time():
    parser = FrameParser()
    data = greeting() + stream([1, 2]) + encode(1, (2,)) + stream([3, 4], first=2)
    assert readings(parser.feed(data)) == {0: (1,), 1: (2,), 2: (3,), 3: (4,)}
    assert (parser.rejected, parser.lost) == (1, 0)


def test_a_long_loss_counts_once_two_frames_agree():
    parser = FrameParser()
    far = NEAR + 500
    found = readings(parser.feed(greeting() + stream([1, 2]) + stream([3, 4, 5], first=far)))
    assert found == {0: (1,), 1: (2,), far + 1: (4,), far + 2: (5,)}
    assert parser.lost == far - 1  # all between, and the one that had to be confirmed


@pytest.mark.slow
@given(cuts, st.integers(1, 300), seeds)
def test_any_pieces_give_the_same(cuts, n, seed):
    rng = random.Random(seed)
    data = bytearray(greeting() + stream(wave(n, seed)) + greeting() + stream(wave(n, seed + 1)))
    for _ in range(rng.randrange(20)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    whole, pieces = FrameParser(), FrameParser()
    expected = flat(whole.feed(bytes(data)))
    assert (
        flat([i for piece in in_pieces(bytes(data), cuts) for i in pieces.feed(piece)]) == expected
    )
    for total in ("accepted", "lost", "rejected", "stray", "greeting"):
        assert getattr(whole, total) == getattr(pieces, total)


def flat(items: list[Greeting | Samples]) -> list[object]:
    """Runs taken apart into readings: where a chunk ends is no property of the stream."""
    rows: list[object] = []
    for item in items:
        if isinstance(item, Greeting):
            rows.append(item)
        else:
            for k, row in enumerate(item.values.tolist()):
                rows.append((item.index + k, item.lost if k == 0 else 0, tuple(row)))
    return rows


@given(st.binary(max_size=3000))
def test_noise_gives_nothing(data):
    parser = FrameParser()
    assert [item for item in parser.feed(data) if isinstance(item, Greeting)] == []
    assert parser.accepted == 0  # a reading in 200 million bytes is the odds


def damage(kind: str, data: bytes, rng: random.Random) -> bytes:
    """One in a hundred bytes replaced, dropped or doubled."""
    out = bytearray()
    for byte in data:
        hit = rng.random() < 0.01
        if hit and kind == "corrupt":
            out.append(rng.randrange(256))
        elif hit and kind == "flip":
            out.append(byte ^ (1 << rng.randrange(8)))
        elif hit and kind == "double":
            out += bytes((byte, byte))
        elif not (hit and kind == "drop"):
            out.append(byte)
    return bytes(out)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["corrupt", "flip", "drop", "double"])
def test_no_wrong_reading_in_a_minute_of_damage(kind):
    """The odds: 1 in 16,384 of the few frames with two or more bytes hit, far apart."""
    values = wave(60_000)
    parser = FrameParser()
    found = readings(parser.feed(greeting() + damage(kind, stream(values), random.Random(7))))
    assert all(found[index] == (values[index],) for index in found)
    # A hit byte costs its frame, and rarely (a start bit made or lost) the one after.
    assert len(found) > (0.96 if kind == "double" else 0.93) * len(values)
    assert parser.accepted == len(found)
    assert parser.accepted + parser.lost == max(found) + 1


def test_a_dropped_byte_never_passes_and_a_doubled_one_hardly_ever():
    rng = random.Random(11)
    passed = 0
    for number in range(0, SEQUENCE_PERIOD, 16):
        value, follower = rng.randrange(1024), stream([5], first=(number + 1) % SEQUENCE_PERIOD)
        frame = encode(number, (value,))
        for place in range(6):
            parser = FrameParser()
            parser.feed(greeting())
            parser._next = number
            dropped = frame[:place] + frame[place + 1 :]
            found = readings(parser.feed(dropped + follower))
            assert number not in found
            parser = FrameParser()
            parser.feed(greeting())
            parser._next = number
            doubled = frame[: place + 1] + frame[place:]
            found = readings(parser.feed(doubled + follower))
            passed += found.get(number, (value,)) != (value,)
    assert passed == 0


@given(st.binary(max_size=400), st.integers(0, 5), st.integers(1, 60))
def test_back_within_20_ms_of_clean_bytes(garbage, cut, lost):
    """Whatever came before, at the second frame at the latest; 20 ms at 1 kHz are 20 frames."""
    before, after = wave(50, 1), wave(60, 2)
    start = 50 + lost
    clean = stream(after, first=start)
    parser = FrameParser()
    items = parser.feed(greeting() + stream(before) + garbage + clean[cut:][:BYTES_IN_20_MS])
    found = readings(items)
    for k in range(2, BYTES_IN_20_MS // 6 - 1):
        assert found[start + k] == (after[k],)


def test_a_reset_in_mid_stream_starts_the_numbers_again():
    parser = FrameParser()
    ready = greeting(GREETING.replace(b"frames", b"ready"))
    data = greeting() + stream([1, 2, 3])[:-3] + ready + greeting() + stream([7, 8])
    items = parser.feed(data)
    assert [type(item) for item in items] == [Greeting, Samples, Greeting, Greeting, Samples]
    assert parser.greeting is not None
    assert isinstance(items[-1], Samples)
    assert (items[-1].index, items[-1].values[:, 0].tolist()) == (0, [7, 8])
    assert parser.lost == 0
