"""Drops clips through AbletonOSC, for Live without Max for Live.

AbletonOSC (a control surface script) hears commands on port 11000, works on them every 100 ms and
answers to port 11001. Most commands have no answer, so each is followed by a question that shows
what it did. It cannot write controllers, nor a clip's time signature.
"""

import asyncio
import contextlib
import math
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from pythonosc.osc_message import OscMessage, ParseError
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.clips.read import SlotClip, SlotNote
from bridge.errors import BeatbridgeError, UserError
from bridge.osc import contract
from bridge.sinks.liveset.device import ClipOutcome, Progress

COMMAND_PORT = 11000
ANSWER_PORT = 11001
NOTES_A_MESSAGE = 100
"""2.6 kB out and at most 7 kB back; macOS sends no datagram above 9216 bytes."""
TICK_S = 0.1
ASK_AGAIN_S = 1.0
ANSWER_S = 5.0
TRIES = 4
BEAT_TOLERANCE = 1e-3
"""Beats travel as 32-bit floats, exact to 1.2e-4 at beat 2000."""
COLOR = 0xFF3A5E


class LiveRefusedError(BeatbridgeError):
    """AbletonOSC reported an error (``/live/error``)."""


class AbletonOsc(asyncio.DatagramProtocol):
    """Questions and commands to AbletonOSC."""

    def __init__(self, command_port: int, answer_s: float) -> None:
        self._target = (contract.TARGET_HOST, command_port)
        self._answer_s = answer_s
        self._transport: asyncio.DatagramTransport | None = None
        self._waiting: dict[tuple[Any, ...], asyncio.Future[Sequence[Any]]] = {}
        self._complaint = ""

    async def open(self, answer_port: int) -> None:
        """Take the port that AbletonOSC answers to; it cannot be another."""
        try:
            loop = asyncio.get_running_loop()
            self._transport, _ = await loop.create_datagram_endpoint(
                lambda: self, local_addr=(contract.TARGET_HOST, answer_port)
            )
        except OSError:
            raise BeatbridgeError(
                f"port {answer_port} is taken, and AbletonOSC answers nowhere else: "
                "close the other program that talks to AbletonOSC"
            ) from None

    def close(self) -> None:
        """Give the port back."""
        if self._transport:
            self._transport.close()

    def error_received(self, exc: Exception) -> None:
        """Nobody listens (Windows says so): the missing answer tells it already."""

    def tell(self, address: str, *arguments: int | float | str | bool) -> None:
        """Send a command."""
        assert self._transport is not None
        builder = OscMessageBuilder(address)
        for value in arguments:
            builder.add_arg(value)
        self._transport.sendto(builder.build().dgram, self._target)

    async def ask(self, address: str, *arguments: int | float) -> Sequence[Any]:
        """Return the answer to a question, without the track and slot it repeats.

        Raises:
            LiveRefusedError: ``/live/error`` came instead.
            TimeoutError: nothing came.
        """
        repeated = tuple(arguments[:2]) if address.startswith("/live/clip") else tuple(arguments)
        key = (address, *repeated)
        future: asyncio.Future[Sequence[Any]] = asyncio.get_running_loop().create_future()
        self._waiting[key] = future
        try:
            async with asyncio.timeout(self._answer_s):
                while True:
                    if self._complaint:
                        complaint, self._complaint = self._complaint, ""
                        raise LiveRefusedError(f"AbletonOSC reports: {complaint}")
                    self.tell(address, *arguments)
                    with contextlib.suppress(TimeoutError):
                        return await asyncio.wait_for(asyncio.shield(future), ASK_AGAIN_S)
        finally:
            del self._waiting[key]

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Give an answer to the question it belongs to; called by asyncio."""
        try:
            message = OscMessage(data)
        except ParseError:
            return
        address, params = message.address, message.params
        if address == "/live/error":
            self._complaint = str(params[0]) if params else "an error"
            error = LiveRefusedError(f"AbletonOSC reports: {self._complaint}")
            for future in self._waiting.values():
                if not future.done():
                    self._complaint = ""
                    future.set_exception(error)
            return
        for key, future in self._waiting.items():
            repeated = key[1:]
            if (
                key[0] == address
                and tuple(params[: len(repeated)]) == repeated
                and not future.done()
            ):
                future.set_result(params[len(repeated) :])


async def drop(
    clips: Sequence[SlotClip],
    progress: Progress,
    *,
    track: int | None = None,
    slot: int | None = None,
    command_port: int = COMMAND_PORT,
    answer_port: int = ANSWER_PORT,
    answer_s: float = ANSWER_S,
) -> AsyncGenerator[ClipOutcome, None]:
    """Drop the clips' notes one after the other; yield what became of each.

    Args:
        clips: what to drop; lanes stay behind.
        progress: told of the notes that Live holds.
        track: 1 and up as Live counts; None: the track that is selected in Live.
        slot: slot of the first clip, 1 and up, the others below it; None: the next empty ones.
        command_port: where AbletonOSC hears.
        answer_port: where AbletonOSC answers.
        answer_s: how long to wait for one answer.

    Raises:
        UserError: there is no such track, or it takes no MIDI.
        BeatbridgeError: AbletonOSC does not answer, or its port for answers is taken.
    """
    live = AbletonOsc(command_port, answer_s)
    await live.open(answer_port)
    try:
        try:
            index = await _track(live, track, command_port)
            name = str((await live.ask("/live/track/get/name", index))[0])
        except TimeoutError:
            raise BeatbridgeError("AbletonOSC fell silent") from None
        for n, clip in enumerate(clips):
            if not clip.notes:
                yield ClipOutcome(clip, error="only controllers, which AbletonOSC cannot write")
                continue
            try:
                place = await _slot(live, index, None if slot is None else slot - 1 + n)
                await _write(live, index, place, clip, progress)
                yield ClipOutcome(clip, place=f"{name}, slot {place + 1}")
            except TimeoutError:
                yield ClipOutcome(clip, error="AbletonOSC fell silent", hopeless=True)
                return
            except BeatbridgeError as error:
                yield ClipOutcome(clip, error=str(error))
    finally:
        live.close()


async def _track(live: AbletonOsc, wanted: int | None, port: int) -> int:
    try:
        await live.ask("/live/test")
    except TimeoutError:
        raise BeatbridgeError(
            f"AbletonOSC does not answer on {contract.TARGET_HOST}:{port}: is Live running, with "
            "AbletonOSC chosen as a control surface (Settings, Link, Tempo & MIDI)?"
        ) from None
    (count,) = await live.ask("/live/song/get/num_tracks")
    if wanted is None:
        try:
            (index,) = await live.ask("/live/view/get/selected_track")
        except LiveRefusedError:
            raise UserError("the selected track takes no clips: select a MIDI track") from None
    else:
        index = wanted - 1
    if not 0 <= index < count:
        raise UserError(f"--track {wanted}: the Set has tracks 1 to {count}")
    if not (await live.ask("/live/track/get/has_midi_input", index))[0]:
        raise UserError(f"track {index + 1} is not a MIDI track: choose another with --track")
    return int(index)


async def _slot(live: AbletonOsc, track: int, wanted: int | None) -> int:
    """An empty slot: the wanted one, or the first; where all are taken, that of a new scene."""
    (count,) = await live.ask("/live/song/get/num_scenes")
    if wanted is not None:
        if wanted > count:
            raise BeatbridgeError(f"there is no slot {wanted + 1}: the Set has {count} scenes")
        if wanted < count and await _has_clip(live, track, wanted):
            raise BeatbridgeError(f"slot {wanted + 1} is occupied: choose another with --slot")
        place = wanted
    else:
        taken = await asyncio.gather(*(_has_clip(live, track, i) for i in range(count)))
        place = taken.index(False) if False in taken else count
    if place == count:
        live.tell("/live/song/create_scene", -1)
        if (await live.ask("/live/song/get/num_scenes"))[0] <= count:
            raise BeatbridgeError("Live made no new scene")
    return int(place)


async def _has_clip(live: AbletonOsc, track: int, slot: int) -> bool:
    return bool((await live.ask("/live/clip_slot/get/has_clip", track, slot))[0])


async def _write(
    live: AbletonOsc, track: int, slot: int, clip: SlotClip, progress: Progress
) -> None:
    live.tell("/live/clip_slot/create_clip", track, slot, float(clip.beats))
    for attempt in range(TRIES):
        await asyncio.sleep(attempt * TICK_S)
        if await _has_clip(live, track, slot):
            break
    else:
        raise BeatbridgeError(f"Live made no clip in slot {slot + 1}")
    # From here on the clip is ours to take back.
    try:
        live.tell("/live/clip/set/name", track, slot, clip.name)
        live.tell("/live/clip/set/color", track, slot, COLOR)
        for start in range(0, len(clip.notes), NOTES_A_MESSAGE):
            end = min(start + NOTES_A_MESSAGE, len(clip.notes))
            await _add(live, track, slot, clip.notes[:end], clip.notes[start:end])
            progress(clip, end, len(clip.notes))
        (name,) = await live.ask("/live/clip/get/name", track, slot)
        if name != clip.name:
            raise BeatbridgeError(f"Live calls the clip {name!r}")
    except (BeatbridgeError, TimeoutError) as error:
        reason = str(error) or "AbletonOSC fell silent"
        raise BeatbridgeError(f"{reason}; {await _take_back(live, track, slot)}") from None
    except BaseException:  # Ctrl-C: there is no time to ask
        live.tell("/live/clip_slot/delete_clip", track, slot)
        raise


async def _take_back(live: AbletonOsc, track: int, slot: int) -> str:
    """Delete a clip that could not be finished; say what is left of it."""
    live.tell("/live/clip_slot/delete_clip", track, slot)
    try:
        if not await _has_clip(live, track, slot):
            return "nothing is left of it"
    except (BeatbridgeError, TimeoutError):
        return f"slot {slot + 1} may hold an incomplete clip"
    return f"slot {slot + 1} holds an incomplete clip"


async def _add(
    live: AbletonOsc, track: int, slot: int, so_far: Sequence[SlotNote], chunk: Sequence[SlotNote]
) -> None:
    """Add some notes and read the stretch they lie in back; once more where they are not there."""
    flat = [v for n in chunk for v in (n.pitch, n.start, n.length, n.velocity, False)]
    first = chunk[0].start - BEAT_TOLERANCE
    span = chunk[-1].start + BEAT_TOLERANCE - first
    expected = [note for note in so_far if note.start >= first]
    for attempt in range(TRIES):
        await asyncio.sleep(attempt * TICK_S)  # answers to questions asked twice run dry
        live.tell("/live/clip/add/notes", track, slot, *flat)
        # All 128 pitches by name: the default range of AbletonOSC leaves out note 127.
        reply = await live.ask("/live/clip/get/notes", track, slot, 0, 128, first, span)
        held = [
            SlotNote(pitch, start, length, velocity)
            for pitch, start, length, velocity in zip(
                reply[0::5], reply[1::5], reply[2::5], reply[3::5], strict=True
            )
        ]
        if _same(held, expected):
            return
    raise BeatbridgeError(
        f"Live does not hold the {len(chunk)} notes from beat {chunk[0].start:g} as they were sent"
    )


def _same(held: Sequence[SlotNote], expected: Sequence[SlotNote]) -> bool:
    def ordered(notes: Sequence[SlotNote]) -> list[SlotNote]:
        return sorted(notes, key=lambda note: (note.pitch, note.start))

    return len(held) == len(expected) and all(
        a.pitch == b.pitch
        and round(a.velocity) == b.velocity
        and math.isclose(a.start, b.start, abs_tol=BEAT_TOLERANCE)
        and math.isclose(a.length, b.length, abs_tol=BEAT_TOLERANCE)
        for a, b in zip(ordered(held), ordered(expected), strict=False)
    )
