"""Play a MIDI file: through a port in real time, or through fluidsynth to a sound file."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeAlias

from bridge.errors import BeatbridgeError, UserError

Timed: TypeAlias = tuple[float, bytes]
_NOTE_OFF, _NOTE_ON, _CONTROL, _SYSTEM = 0x80, 0x90, 0xB0, 0xF0
_SUSTAIN, _ALL_NOTES_OFF = 64, 123
_NAP_S = 0.1
"""Longest sleep, so that progress is shown and Ctrl-C is heard at once on every system."""
SOUNDFONTS = (
    "/usr/share/sounds/sf2/*.sf2",
    "/usr/share/soundfonts/*.sf2",
    "/opt/homebrew/share/soundfonts/*.sf2",
    "/usr/local/share/soundfonts/*.sf2",
    "/opt/homebrew/Cellar/fluid-synth/*/share/fluid-synth/sf2/*.sf2",
)


class Out(Protocol):
    """Where messages go."""

    def send(self, message: bytes) -> None:
        """Send one message now."""


def read_events(path: Path) -> list[Timed]:
    """The channel messages of a MIDI file and when each is due, in seconds; tempo is followed.

    Raises:
        UserError: it cannot be read, or is no MIDI file.
    """
    from bridge.clips.read import load_midi

    file = load_midi(path)
    if file.type == 2:
        raise UserError(f"{path}: tracks of a type 2 file do not play together")
    now, events = 0.0, []
    for message in file:
        now += message.time
        if not message.is_meta and message.bytes()[0] < _SYSTEM:
            events.append((now, bytes(message.bytes())))
    return events


def play(
    events: list[Timed],
    out: Out,
    on_time: Callable[[float], None] = lambda _: None,
    clock: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Send every message when it is due. However it ends, no note is left hanging.

    Args:
        events: as of ``read_events``.
        out: an open port.
        on_time: told how far it is, a few times a second.
        clock: seconds, of any origin.
        sleep: waits for at most so many seconds.
    """
    sounding: set[tuple[int, int]] = set()
    channels = sorted({message[0] & 0x0F for _, message in events})
    start = clock()
    try:
        for due, message in events:
            while (wait := start + due - clock()) > 0:
                on_time(due - wait)
                sleep(min(wait, _NAP_S))
            # Ctrl-C may come at any point: a note counts from before it starts to after it ends.
            note = (message[0] & 0x0F, message[1])
            if message[0] & 0xF0 == _NOTE_ON and message[2]:
                sounding.add(note)
                out.send(message)
            else:
                out.send(message)
                if message[0] & 0xF0 in (_NOTE_OFF, _NOTE_ON):
                    sounding.discard(note)
    finally:
        for message in _silence(sounding, channels):
            out.send(message)


def _silence(sounding: set[tuple[int, int]], channels: list[int]) -> Iterator[bytes]:
    """Note by note, as not every synth knows "all notes off"; then that, too."""
    for channel, pitch in sorted(sounding):
        yield bytes((_NOTE_OFF | channel, pitch, 0))
    for channel in channels:
        yield bytes((_CONTROL | channel, _SUSTAIN, 0))
        yield bytes((_CONTROL | channel, _ALL_NOTES_OFF, 0))


def write_wav(path: Path, wav: Path, soundfont: Path | None = None) -> Path:
    """Render a MIDI file to sound with fluidsynth.

    Returns:
        The sound font that was used.

    Raises:
        UserError: fluidsynth or a sound font is missing, or the sound cannot go there.
        BeatbridgeError: fluidsynth failed.
    """
    program = shutil.which("fluidsynth")
    if program is None:
        raise UserError(
            "--wav needs fluidsynth: apt install fluidsynth, brew install fluid-synth, "
            "or choco install fluidsynth"
        )
    _check_wav(wav)
    font = soundfont or _find_soundfont()
    _check_soundfont(font)
    part = wav.with_name(f".{wav.name}.part")
    command = [program, "-q", "-n", "-i", "-F", str(part), "-T", "wav", "-O", "s16"]
    command += ["-r", "44100", "-g", "1.0", str(font), str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not part.is_file():
            reason = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no reason given"]
            raise BeatbridgeError(f"fluidsynth: {reason[0]}")
        part.replace(wav)
    except OSError as error:
        raise BeatbridgeError(f"{wav}: {error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)
    return font


def _check_wav(wav: Path) -> None:
    if wav.suffix.lower() != ".wav":
        raise UserError(f"--wav {wav}: name a file that ends in .wav")
    if wav.exists():
        raise UserError(f"--wav {wav}: it is there already and is kept; name a new file")
    if not wav.parent.is_dir():
        what = "is a file, not a folder" if wav.parent.exists() else "is no folder"
        raise UserError(f"--wav {wav}: {wav.parent} {what}")


def _check_soundfont(font: Path) -> None:
    """A sound font is a RIFF file of the form sfbk (SoundFont 2.04, section 4)."""
    try:
        with font.open("rb") as file:
            head = file.read(12)
    except OSError as error:
        raise UserError(f"--soundfont {font}: {error.strerror or error}") from None
    if head[:4] != b"RIFF" or head[8:] != b"sfbk":
        raise UserError(f"--soundfont {font}: it is no sound font (.sf2 or .sf3)")


def _find_soundfont() -> Path:
    for pattern in SOUNDFONTS:
        anchor = Path(pattern).anchor
        found = sorted(Path(anchor).glob(pattern.removeprefix(anchor))) if anchor else []
        if found:
            return found[0]
    raise UserError("no sound font found: name one with --soundfont FILE.sf2")
