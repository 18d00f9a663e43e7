"""A row at work: values and beats in, messages out. Pure: time is an argument.

The same values at the same times give the same messages.
"""

from dataclasses import dataclass
from math import inf

from bridge.patchbay.message import MidiForm, OscForm
from bridge.patchbay.row import Row

_SAME = 1e-4
"""Share of the output range by which a value must differ to be sent anew: finer than any knob."""
_STEP = 2e-3
"""While it glides, steps of this share do: finer than the 128 of MIDI, and a tenth of the work."""


@dataclass(slots=True)
class Meter:
    """What has left a row so far."""

    count: int = 0
    """Messages; what ends a note is not counted."""
    value: float = 0.0
    """The last of them, as it left."""
    level: float = 0.0
    """Where in the row's output range it lies, 0 at its min and 1 at its max."""


class RowPlay:
    """One row of one run."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.meter = Meter()
        self._stage = row.stage()
        self._held: float | None = None
        """The last value that was let through."""
        self._word = ""
        self._due = False
        """Whether the held value has not been told yet, as the last message was just sent."""
        self._sent: float | str | None = None
        self._sent_t = -inf
        self._glide: tuple[float, float] | None = None
        """Since when it glides, and from which output."""
        self._sounding: int | None = None
        """The note, or 0 where OSC sounds."""
        self._off_t = inf
        self._live = False
        self._quality = 1.0
        self._by_level = 0.0
        self._ibi_s: float | None = None

    @property
    def waits(self) -> bool:
        """Whether time alone may make it send something."""
        return self._due or self._glide is not None or self._off_t < inf

    def status(self, now: float, live: bool) -> list[bytes]:
        """The heart became live, or is so no longer."""
        lost, self._live = self._live and not live, live
        if not lost:
            return []
        found = self.release()
        if self.row.on_lost is not None and self._sent is not None and not self.row.is_beat:
            self._held, self._due = None, False
            self._glide = (now, float(self._sent))
            found += self.tick(now)
        return found

    @property
    def held(self) -> float | None:
        """The last value that it was told and let through."""
        return self._held

    def quality(self, value: float) -> None:
        """The signal's quality, 0-1."""
        self._quality = value

    def interval(self, seconds: float) -> None:
        """The last interval between beats."""
        self._ibi_s = seconds

    def chosen_by(self, level: float) -> None:
        """The value that chooses notes of the scale, 0-1."""
        self._by_level = min(1.0, max(0.0, level))

    def value(self, now: float, value: float | str) -> list[bytes]:
        """The value that the row follows is known anew."""
        if not self._passes():
            return []
        if isinstance(value, str):
            return self._say(now, value)
        self._glide = None
        self._held = value
        return self.tick(now)

    def beat(self, now: float, strength: float) -> list[bytes]:
        """A beat sounds."""
        if not self._passes():
            return []
        row, found = self.row, self.release()
        level = row.output(self._stage.push(now, strength))
        if row.sounds:
            share = row.length_share
            length = row.length_s if share is None or self._ibi_s is None else share * self._ibi_s
            self._off_t = now + length
        return found + self._on(level, self._by_level)

    def tick(self, now: float) -> list[bytes]:
        """It is ``now``: go on smoothing or gliding, end what has sounded long enough."""
        found = self.release() if now >= self._off_t else []
        if self._glide is not None:
            return found + self._gliding(now)
        if self._held is not None and not self.row.is_beat:
            if now < self._sent_t + 1.0 / self.row.most_per_s:
                self._due = True
                return found
            level = self._stage.push(now, self._held)
            self._due = (
                self.row.smoothing_s > 0.0 and abs(level - self._stage.goal(self._held)) > _SAME
            )
            if self.row.scale is not None:
                return found + self._step(level)
            return found + self._send(now, self.row.output(level))
        return found

    def lend(self, now: float, level: float) -> list[bytes]:
        """Send what a level of 0-1 gives, whatever the heart does: so the other side can learn it.

        Until the next value; a row that acts at beats strikes once.
        """
        self._held, self._glide, self._due = None, None, False
        if self.row.words:
            return self._say(now, "live" if level >= 0.5 else "lost")
        if self.row.is_beat:
            self._off_t = now + self.row.length_s
            return self._on(self.row.output(level), level)
        return self._step(level) if self.row.scale else self._send(now, self.row.output(level))

    def forget(self) -> None:
        """Learn the range anew."""
        self._stage.forget()

    def release(self) -> list[bytes]:
        """Switch off what was switched on."""
        note, self._sounding, self._off_t = self._sounding, None, inf
        if note is None:
            return []
        form = self.row.form
        if isinstance(form, MidiForm):
            return [form.note_off(note)]
        if self.row.off_when_lost:
            self._sent, self._held, self._due = None, None, False  # the next value is news
        return [self.row.off.build(0.0)] if self.row.off is not None else []

    def end(self) -> list[bytes]:
        """The heart has ended: leave the receiver as ``on_lost`` says, and nothing on."""
        found = self.release()
        if self.row.on_lost is not None and self._sent is not None and not self.row.is_beat:
            found.append(self.row.form.build(self.row.fit(self.row.on_lost.to)))
        return found

    def _passes(self) -> bool:
        return (self._live or not self.row.when_live) and self._quality >= self.row.quality_above

    def _gliding(self, now: float) -> list[bytes]:
        assert self._glide is not None
        assert self.row.on_lost is not None
        since, start = self._glide
        goal = self.row.on_lost
        done = 1.0 if goal.seconds <= 0.0 else min(1.0, (now - since) / goal.seconds)
        if done < 1.0 and now < self._sent_t + 1.0 / self.row.most_per_s:
            return []
        if done >= 1.0:
            self._glide = None
        return self._send(now, self.row.fit(start + (goal.to - start) * done))

    def _send(self, now: float, value: float) -> list[bytes]:
        share = _STEP if self._due or self._glide is not None else _SAME
        least = 0.0 if self.row.form.whole else share * abs(self.row.max - self.row.min)
        if isinstance(self._sent, float) and abs(value - self._sent) <= least:
            return []
        self._sent, self._sent_t = value, now
        if self.row.off_when_lost:
            self._sounding = 0
        self._leaves(value)
        return [self.row.form.build(value)]

    def _leaves(self, value: float) -> None:
        span = self.row.max - self.row.min
        self.meter.count += 1
        self.meter.value = value
        self.meter.level = (value - self.row.min) / span if span else 1.0

    def _say(self, now: float, word: str) -> list[bytes]:
        """A row whose value is a word, such as the status."""
        if word == self._word:
            return []
        self._word, self._sent_t = word, now
        self._leaves(self.row.max if word == "live" else self.row.min)
        return [self.row.form.build(word)]

    def _on(self, level: float, by: float) -> list[bytes]:
        form = self.row.form
        self._leaves(level)
        if isinstance(form, OscForm):
            self._sounding = 0 if self.row.off is not None else None
            return [form.build(level)]
        if form.kind != "note":
            return [form.build(level)]
        note = form.number if self.row.scale is None else self.row.scale.note(by)
        self._sounding = note
        return [form.note_on(note, round(level))]

    def _step(self, level: float) -> list[bytes]:
        """A value that plays a scale: a new step is a new note."""
        assert self.row.scale is not None
        note = self.row.scale.note(level)
        if note == self._sounding or not isinstance(self.row.form, MidiForm):
            return []
        found = self.release()
        self._sounding = note
        self._leaves(self.row.output(level))
        return [*found, self.row.form.note_on(note, round(self.row.velocity))]
