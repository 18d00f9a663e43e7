"""Which tick of the music it is, and when the next ones are: by a tempo, or by pulses from outside.

No clock is read here: whoever does says what time it is, in seconds of a steady clock.
"""

from math import pi, sqrt
from typing import Protocol

from bridge.clips.clip import PPQ

_POSITION, _PULSE, _START, _CONTINUE, _STOP = 0xF2, 0xF8, 0xFA, 0xFB, 0xFC
"""The MIDI 1.0 Detailed Specification: System Common and Real Time messages."""
SIXTEENTH = PPQ // 4
"""A song position counts sixteenths."""
MIDI_PULSES = 24
"""Pulses of MIDI clock a quarter note."""
BANDWIDTH_HZ = 1.0
"""Of the loop that follows MIDI clock: wider follows a change of tempo sooner and lets more jitter
through. 1 Hz is within 2 ms of a step of 5 % after some 20 pulses, and halves 2 ms of jitter."""
LOCK_PULSES = 8
"""The mean distance of so many pulses starts the loop; two jittery ones would start it wrong."""
MOST = 0.5
"""Of the loop, in radians a pulse: what a heart is followed with, whose pulses are rare."""
CLIP = 0.3
"""An error beyond this share of a pulse counts as so much: a late pulse is not a new tempo."""
DOUBLED = 0.25
"""A pulse so soon after where the last belongs, as a share of one, is the same again."""
TOGETHER_S = 0.004
"""Pulses nearer to each other (625 quarter notes a minute) right after a pause waited somewhere, as
on a machine that stood still: they say where the music is, and nothing of its tempo."""
LEAST_S = 0.001
"""No machine sends faster: 2500 quarter notes a minute."""
COAST_S, COAST_PULSES = 0.25, 2.5
"""Without pulses for the longer of the two, the music waits."""


class Clock(Protocol):
    """What a groove plays by."""

    stretch: int
    """Goes up whenever the music begins anew somewhere."""
    start: int
    """The tick at which it began."""

    def running(self, now: float) -> bool:
        """Whether the music goes on."""

    def moment(self, tick: float) -> float:
        """When a tick is due."""

    def tick(self, now: float) -> float:
        """Which tick it is."""


class OwnClock:
    """A fixed tempo from a moment on. Moments are counted from there, so that nothing adds up."""

    def __init__(self, tempo: float, origin: float) -> None:
        """Begin with tick 0 at ``origin``; ``tempo`` in quarter notes a minute."""
        self.stretch, self.start = 1, 0
        self._origin = origin
        self._ticks_a_second = tempo * PPQ / 60

    def running(self, now: float) -> bool:
        """Always."""
        return True

    def moment(self, tick: float) -> float:
        """When a tick is due."""
        return self._origin + tick / self._ticks_a_second

    def tick(self, now: float) -> float:
        """Which tick it is."""
        return (now - self._origin) * self._ticks_a_second


class Follower:
    """Follows pulses that come at an even, perhaps changing distance, jittered on their way.

    A delay-locked loop of second order (F. Adriaensen, *Using a DLL to filter time*, Linux Audio
    Conference 2005): it knows the time of the last pulse and the distance to the next, and corrects
    both by each pulse's error.
    """

    def __init__(self, pulse_ticks: int, tempo: float, *, counts_missing: bool = False) -> None:
        """Wait for pulses.

        Args:
            pulse_ticks: ticks of music a pulse.
            tempo: quarter notes a minute, until the pulses tell.
            counts_missing: a long distance means pulses that were not heard (a heart), and not
                another tempo (a machine).
        """
        self.stretch = self.start = 0
        self._pulse_ticks = pulse_ticks
        self._counts_missing = counts_missing
        self._period = pulse_ticks / (tempo * PPQ / 60)
        self._t: float | None = None
        """When the last pulse was, as the loop sees it; and as it came:"""
        self._came = 0.0
        self._tick = 0
        """At the last pulse."""
        self._first, self._heard = 0.0, 0
        """The first pulse, and how many came, until the loop begins."""
        self._ahead = 0
        """Pulses of a pause that were counted by its length, and may still come."""
        self._rolls = False
        self._begins_at: int | None = None

    def roll(self, tick: int | None = None) -> None:
        """Begin with the next pulse: at a tick, or where it stopped."""
        self._begins_at = self._tick + self._pulse_ticks if tick is None else tick
        self._rolls = True

    def stop(self) -> None:
        """The music waits; pulses still tell the tempo."""
        self._rolls = False

    def message(self, t: float, message: bytes) -> None:
        """A message of MIDI clock came at ``t`` seconds; others are none of a clock's business."""
        status = message[0]
        if status == _PULSE:
            self.pulse(t)
        elif status == _START:
            self.roll(0)
        elif status == _CONTINUE:
            self.roll()
        elif status == _STOP:
            self.stop()
        elif status == _POSITION and len(message) == 3:
            self._tick = (message[1] | message[2] << 7) * SIXTEENTH - self._pulse_ticks
            if self._rolls:
                self.roll()

    def pulse(self, t: float) -> None:
        """A pulse came at ``t`` seconds."""
        if self._t is not None and self._heard > 1 and t - self._t < DOUBLED * self._period:
            return
        passed = self._follow(t)
        self._came = t
        if not self._rolls:
            return
        if self._begins_at is not None:
            self._tick = self.start = self._begins_at
            self._begins_at = None
            self.stretch += 1
        else:
            self._tick += passed * self._pulse_ticks

    def _follow(self, t: float) -> int:
        """Correct time and period; return how many pulses passed."""
        if self._t is None or t - self._came > self._patience():
            passed = 1 if self._t is None else max(1, round((t - self._t) / self._period))
            self._t = self._first = t
            self._heard, self._ahead = 1, passed - 1
            return passed
        if self._heard == 1 and t - self._came < TOGETHER_S:
            self._t = self._first = t
            counted = min(1, self._ahead)
            self._ahead -= counted
            return 1 - counted
        if self._heard < (2 if self._counts_missing else LOCK_PULSES):
            self._period = max(LEAST_S, (t - self._first) / self._heard)
            self._t = t
            self._heard += 1
            return 1
        passed = max(1, round((t - self._t) / self._period)) if self._counts_missing else 1
        expected = self._t + passed * self._period
        error = max(-CLIP, min(CLIP, (t - expected) / self._period)) * self._period
        gain = min(MOST, 2 * pi * BANDWIDTH_HZ * self._period)
        self._t = expected + sqrt(2) * gain * error
        self._period = max(LEAST_S, self._period + gain * gain * error / passed)
        return passed

    def _patience(self) -> float:
        return max(COAST_S, COAST_PULSES * self._period)

    def running(self, now: float) -> bool:
        """Whether the music goes on: begun, not stopped, and pulses come."""
        alive = self._t is not None and now - self._came <= self._patience()
        return alive and self._rolls and self._begins_at is None

    def moment(self, tick: float) -> float:
        """When a tick is due, by all pulses until now."""
        assert self._t is not None
        return self._t + (tick - self._tick) / self._pulse_ticks * self._period

    def tick(self, now: float) -> float:
        """Which tick it is."""
        assert self._t is not None
        return self._tick + (now - self._t) / self._period * self._pulse_ticks


def midi_follower(tempo: float) -> Follower:
    """A follower of MIDI clock."""
    return Follower(PPQ // MIDI_PULSES, tempo)


def heart_follower(tempo: float) -> Follower:
    """A follower of heartbeats: each is a quarter note."""
    follower = Follower(PPQ, tempo, counts_missing=True)
    follower.roll(0)
    return follower
