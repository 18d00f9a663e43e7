"""Straps' packets: the Heart Rate Service's and Polar's, as bytes; and any bytes at all."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.sources.ble import pmd
from bridge.sources.ble.heart_rate import Measurement, parse


@pytest.mark.parametrize(
    ("packet", "found"),
    [
        ("063c", Measurement(60, True, ())),
        ("043c", Measurement(60, False, ())),
        ("003c", Measurement(60, None, ())),
        ("103c0004", Measurement(60, None, (1.0,))),
        ("163c00040002", Measurement(60, True, (1.0, 0.5))),
        ("172c010004", Measurement(300, True, (1.0,))),  # a rate of 16 bits
        ("1e3ce8030004", Measurement(60, True, (1.0,))),  # energy before the interval
        ("0e3ce803", Measurement(60, True, ())),
        ("16000000", Measurement(None, True, ())),  # neither is known
        ("163c000401", Measurement(60, True, (1.0,))),  # half an interval at the end
        ("163c", Measurement(60, True, ())),
        ("16", None),
        ("17ff", None),
        ("", None),
    ],
)
def test_flags_are_read_bit_by_bit(packet, found):
    assert parse(bytes.fromhex(packet)) == found


def test_nine_intervals_in_one_packet():
    found = parse(bytes([0x10, 60]) + struct.pack("<9H", *range(800, 809)))
    assert found is not None
    assert found.rr_s == tuple(ticks / 1024 for ticks in range(800, 809))


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(data):
    found = parse(data)
    if found is not None:
        assert all(rr > 0 for rr in found.rr_s)
        assert len(found.rr_s) <= (len(data) - 2) // 2
    pmd.parse_answer(data)
    frame = pmd.parse_data(data)
    if isinstance(frame, pmd.EcgFrame):
        assert np.isfinite(frame.microvolts).all()


def ecg_frame(last_ns, values):
    body = b"".join(value.to_bytes(3, "little", signed=True) for value in values)
    return b"\0" + struct.pack("<Q", last_ns) + b"\0" + body


@given(st.lists(st.integers(-(2**23), 2**23 - 1), min_size=1, max_size=80))
def test_ecg_samples_are_24_bit_microvolts(values):
    frame = pmd.parse_data(ecg_frame(5_000_000_000, values))
    assert isinstance(frame, pmd.EcgFrame)
    assert frame.last_s == 5.0
    assert frame.microvolts.tolist() == values


def test_requests_are_those_of_polars_documents():
    assert pmd.START[pmd.ECG].hex() == "02000001820001010e00"
    assert pmd.STOP[pmd.ECG].hex() == "0300"
    assert pmd.parse_answer(bytes.fromhex("f0020006")) == pmd.Answer(2, 0, pmd.ALREADY)
    assert pmd.parse_answer(b"\x0f\x05\x00") is None


def test_spoilt_pulse_intervals_are_left_out():
    sample = "<BHHB"
    body = struct.pack(sample, 75, 800, 10, 0b110) + struct.pack(sample, 75, 700, 90, 0b111)
    frame = pmd.parse_data(b"\3" + bytes(9) + body)
    assert frame == pmd.PpiFrame(True, (0.8, None))
    off = pmd.parse_data(b"\3" + bytes(9) + struct.pack(sample, 0, 0, 0, 0b100))
    assert off == pmd.PpiFrame(False, (None,))


def placed(stamps_s, lost_s=0.0):
    time = pmd.EcgTime()
    frames = [pmd.EcgFrame(stamp, np.zeros(73)) for stamp in stamps_s]
    return [time.place(frame, lost_s if i else 0.0) for i, frame in enumerate(frames)]


def test_packets_follow_one_another_by_the_straps_clock():
    packet = 73 / 130
    drifting = [100.0 + i * packet * 1.001 for i in range(100)]
    assert placed(drifting) == pytest.approx([i * packet * 1.001 for i in range(100)])


def test_a_lost_packet_is_a_hole_and_a_clock_that_was_set_is_none():
    packet = 73 / 130
    lost = placed([100.0, 100.0 + packet, 100.0 + 4 * packet])
    assert np.diff(lost) == pytest.approx([packet, 3 * packet])
    set_later = placed([100.0, 100.0 + packet, 9e8, 9e8 + packet])
    assert np.diff(set_later) == pytest.approx([packet] * 3)
    set_back = placed([100.0, 100.0 + packet, 5.0, 5.0 + packet])
    assert np.diff(set_back) == pytest.approx([packet] * 3)
    again = placed([100.0, 100.0 + packet], lost_s=0.5)
    assert again[1] == pytest.approx(packet + 0.5)
