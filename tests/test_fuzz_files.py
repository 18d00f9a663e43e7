"""Thousands of damaged files: every one is read, or refused in one line that names it."""

import random
from pathlib import Path

import pytest

from bridge.clips.style_file import STYLES, load_style
from bridge.errors import BeatbridgeError, UserError
from bridge.mapping import profile as profiles
from bridge.recordings.read import read_recording
from bridge.resources import example

pytestmark = pytest.mark.slow

CASES = 3000


def rows(header: str, row: str, count: int = 60) -> bytes:
    return (
        header + "".join(row.format(k=k, t=k / 10, v=60 + k % 7) for k in range(count))
    ).encode()


RECORDINGS = (
    rows("hr;time (ms)\n", "{v};{k}000\n"),
    rows("t,HR,SDNN\n", "{t},{v},50\n"),
    rows("timer,hr\n", "{k}0,5{v}\n", 800),
    rows("beat_time,rr\n", "{t},8{v}\n"),
    rows("time\thr\n", "{k}\t{v}\n"),
    rows("", "8{v}\n"),
    example("pulse.csv").read_bytes()[:12_000].rpartition(b"\n")[0],
    example("arc.csv").read_bytes()[:3000].rpartition(b"\n")[0],
)
SETTINGS = (
    (STYLES / "default.toml").read_bytes(),
    b"description = 'mine'\n[norm]\nbpm = { low = 40, high = 180, curve = 'linear' }\n",
    b"norm = 'learned'\n",
)
CELLS = (
    b"",
    b"nan",
    b"inf",
    b"-1e309",
    b"x",
    b'"',
    b"# hi",
    b"1e400,1",
    b"9" * 5000,
    b"9" * 400,
    b"\xe9",
    b"\0",
)


def damaged(original: bytes, chance: random.Random) -> bytes:
    """A few lines of it cut, doubled, lost, or with something else in them."""
    lines = original.split(b"\n")
    for _ in range(chance.randint(1, 4)):
        # Most readers decide by the first lines.
        at = chance.randrange(len(lines) if chance.random() < 0.6 else min(4, len(lines)))
        line = lines[at]
        match chance.randrange(8):
            case 0:
                lines[at] = line[: chance.randrange(len(line) + 1)]
            case 1:
                middle = len(line) // 2
                lines[at] = line[:middle] + chance.choice(CELLS) + line[middle:]
            case 2 if len(lines) > 1:
                del lines[at]
            case 3:
                lines.insert(at, line)
            case 4:
                lines[at] = chance.choice(CELLS)
            case 5:
                lines[at] = line.replace(b",", b";").replace(b"=", b"==")
            case 6:
                lines[at] += chance.choice((b",1", b";", b" ", b"\r", b"\t3", b"[", b"{"))
            case _:
                del lines[at + 1 :]
    return b"\n".join(lines)


def told(error: BeatbridgeError, path: Path) -> None:
    text = str(error)
    assert path.name in text
    assert "\n" not in text


@pytest.mark.parametrize("original", range(len(RECORDINGS)))
def test_damaged_recordings(tmp_path, original):
    chance = random.Random(original)
    path = tmp_path / "damaged.csv"
    read = 0
    for _ in range(CASES // 4):
        path.write_bytes(damaged(RECORDINGS[original], chance))
        kind = chance.choice(("auto", "auto", "ecg", "ppg", "beats", "table"))
        try:
            read_recording(path, kind=kind, rate_hz=chance.choice((None, None, 100.0, 1.0)))
            read += 1
        except UserError as error:
            told(error, path)
    assert read > 0, "else nothing was near enough to a recording"


@pytest.mark.parametrize("original", range(len(SETTINGS)))
def test_damaged_settings(tmp_path, original):
    chance = random.Random(original)
    path = tmp_path / "damaged.toml"
    for _ in range(CASES // 3):
        path.write_bytes(damaged(SETTINGS[original], chance))
        for load in (lambda: profiles.load([str(path)]), lambda: load_style(str(path))):
            try:
                load()
            except UserError as error:
                told(error, path)
