"""A score as sound by fluidsynth and a sound font: the other voice, where it is installed."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from bridge.clips.score import Score
from bridge.errors import BeatbridgeError, UserError
from bridge.sound.drums import RATE_HZ
from bridge.sound.wav import check_wav

SOUNDFONTS = (
    "/usr/share/sounds/sf2/*.sf2",
    "/usr/share/soundfonts/*.sf2",
    "/opt/homebrew/share/soundfonts/*.sf2",
    "/usr/local/share/soundfonts/*.sf2",
    "/opt/homebrew/Cellar/fluid-synth/*/share/fluid-synth/sf2/*.sf2",
)
ANY = "auto"
_GAIN = "1.0"
_TICKS_A_SECOND = 10_000


def write_wav(score: Score, wav: Path, wanted: str = ANY) -> Path:
    """Render a score to sound.

    Args:
        score: what is played.
        wav: a file that is not there yet.
        wanted: a sound font, or ``auto`` for the first that is installed.

    Returns:
        The sound font that was used.

    Raises:
        UserError: fluidsynth or a sound font is missing, or the sound cannot go there.
        BeatbridgeError: fluidsynth failed.
    """
    program = shutil.which("fluidsynth")
    if program is None:
        raise UserError(
            "--sound-font needs fluidsynth: apt install fluidsynth, brew install fluid-synth, "
            "or choco install fluidsynth"
        )
    check_wav(wav)
    font = _find_soundfont() if wanted == ANY else Path(wanted)
    _check_soundfont(font)
    part = wav.with_name(f".{wav.name}.part")
    with tempfile.TemporaryDirectory() as scratch:
        clip = Path(scratch) / "score.mid"
        _save(score, clip)
        command = [program, "-q", "-n", "-i", "-F", str(part.absolute()), "-T", "wav", "-O", "s16"]
        command += ["-r", str(RATE_HZ), "-g", _GAIN, str(font.absolute()), str(clip)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode or not part.is_file():
                said = (done.stderr or done.stdout).strip().splitlines()[-1:]
                raise BeatbridgeError(f"fluidsynth: {(said or ['no reason given'])[0]}")
            part.replace(wav)
        except OSError as error:
            raise BeatbridgeError(f"{wav}: {error.strerror or error}") from None
        finally:
            part.unlink(missing_ok=True)
    return font


def _save(score: Score, path: Path) -> None:
    """As a file of one track whose ticks are tenths of a millisecond."""
    import mido

    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=1_000_000)])
    now = 0
    for due, message in score:
        tick = round(due * _TICKS_A_SECOND)
        track.append(mido.Message.from_bytes(message, time=tick - now))
        now = tick
    end = max(round(score.end_s * _TICKS_A_SECOND) - now, 0)
    track.append(mido.MetaMessage("end_of_track", time=end))
    mido.MidiFile(type=0, ticks_per_beat=_TICKS_A_SECOND, tracks=[track]).save(path)


def _check_soundfont(font: Path) -> None:
    """A sound font is a RIFF file of the form sfbk (SoundFont 2.04, section 4)."""
    try:
        with font.open("rb") as file:
            head = file.read(12)
    except OSError as error:
        raise UserError(f"--sound-font {font}: {error.strerror or error}") from None
    if head[:4] != b"RIFF" or head[8:] != b"sfbk":
        raise UserError(f"--sound-font {font}: it is no sound font (.sf2 or .sf3)")


def _find_soundfont() -> Path:
    for pattern in SOUNDFONTS:
        anchor = Path(pattern).anchor
        found = sorted(Path(anchor).glob(pattern.removeprefix(anchor))) if anchor else []
        if found:
            return found[0]
    raise UserError("no sound font found: name one with --sound-font FILE.sf2")
