"""The recording format: literal rows, nothing overwritten."""

import numpy as np
import pytest

from bridge.errors import UserError
from bridge.events import Beat, HrvSnapshot, Marker, SampleChunk, State, Status
from bridge.sinks.recorder import Recorder


def test_rows(tmp_path):
    path = tmp_path / "session.csv"
    recorder = Recorder(path)
    recorder.samples(SampleChunk(0.0, 4.0, np.array([512.0, 513.5])))
    recorder.event(Beat(0.1234567, 0.2, strength=0.5), age_s=0.0)
    recorder.event(Beat(0.3, 0.9, strength=1.0, late=True), age_s=0.0)
    recorder.event(Marker(0.4, 'second "song",\nloud'), age_s=0.0)
    recorder.event(Status(0.5, State.LIVE), age_s=0.0)
    recorder.event(HrvSnapshot(0.5, 1.0), age_s=0.0)
    recorder.close()
    assert path.read_bytes() == (
        b"t,value,event,detail\n"
        b"0.000000,512.0,,\n"
        b"0.250000,513.5,,\n"
        b"0.123457,,beat,0.500\n"
        b"0.300000,,late beat,1.000\n"
        b'0.400000,,marker,"second ""song"", loud"\n'
        b"0.500000,,status,live\n"
    )


def test_a_session_is_never_overwritten(tmp_path):
    path = tmp_path / "session.csv"
    path.write_text("the only copy", encoding="utf-8")
    with pytest.raises(UserError, match="exists already"):
        Recorder(path)
    assert path.read_text(encoding="utf-8") == "the only copy"


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(UserError, match="there is no folder"):
        Recorder(tmp_path / "nowhere" / "session.csv")
