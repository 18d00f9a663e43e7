"""The demo is heard: through the speakers, or as a file beside the clip where there are none."""

import numpy as np
import pytest
from typer.testing import CliRunner

from bridge.cli import demo, make_app, overture
from bridge.errors import UnavailableError
from bridge.sound.output import MiniaudioOutput
from tests.hearing import levels


class Ear:
    """miniaudio's device without sound; keeps what it was given."""

    heard: list[np.ndarray]

    def __init__(self):
        self.heard = []
        self._device = MiniaudioOutput(null=True)

    def start(self, render):
        def listen(count):
            self.heard.append(render(count))
            return self.heard[-1]

        self._device.start(listen)

    def close(self):
        self._device.close()


def run(tmp_path):
    done = CliRunner().invoke(
        make_app(["demo"]), ["demo", "--out", str(tmp_path), "--seconds", "6"]
    )
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


@pytest.mark.slow
def test_where_there_is_a_device_the_clip_sounds_and_then_every_beat(tmp_path, monkeypatch):
    ears = []
    monkeypatch.setattr(overture, "MiniaudioOutput", lambda: ears.append(Ear()) or ears[-1])
    monkeypatch.setattr(overture, "SECONDS", 2.0)
    done = run(tmp_path)
    clip, heart = (np.concatenate(ear.heard) for ear in ears)
    assert len(clip) > 2.0 * 48_000
    assert np.abs(clip).max() > 0.2
    level = np.abs(heart).max(axis=1)
    struck = np.flatnonzero((level[480:] > 0.05) & (level[:-480] < 0.01))
    beats = 1 + int((np.diff(struck) > 12_000).sum())
    shown = done.stdout.count(" beat ")
    assert beats == shown >= 3
    assert not list(tmp_path.glob("*.wav"))


@pytest.mark.slow
def test_elsewhere_a_file_beside_the_clip_has_it(tmp_path, monkeypatch):
    def none():
        raise UnavailableError("no sound device answers")

    monkeypatch.setattr(overture, "MiniaudioOutput", none)
    done = run(tmp_path)
    wav = tmp_path / "arc_drums.wav"
    assert str(wav) in done.stdout.replace("\n", "")
    level, rate = levels(wav)
    assert len(level) > overture.SECONDS * rate
    assert level.max() > 0.2
    before = wav.stat().st_mtime_ns
    assert run(tmp_path).exit_code == 0  # a second demo does not stumble over the first
    assert wav.stat().st_mtime_ns == before
    assert done.stdout.rstrip().endswith(demo.NEXT)
