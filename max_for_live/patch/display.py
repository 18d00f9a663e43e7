"""What the eye gets: at most a few times a second, and never from the scheduler's thread."""

from max_for_live.patch.patcher import Patch

READOUTS = (
    ("rate, BPM", "%.0f"),
    ("interval, ms", "%.0f ms"),
    ("RMSSD, ms", "%.0f ms"),
    ("SDNN, ms", "%.0f ms"),
    ("quality, 0-1", "%.0f %%"),
)


def display() -> Patch:
    """The subpatcher between the values and the face.

    Inlets: wave, beat, one for each of ``READOUTS``, quiet. Outlets: wave, beat, the texts.
    """
    p = Patch("For the eye: rate-limited, and off the scheduler thread. A dash is not known.")
    wave, beat = p.inlet("wave 0-1"), p.inlet("beat")
    values = [p.inlet(name) for name, _ in READOUTS]
    quiet = p.inlet("quiet")
    scope, flash = p.outlet("wave"), p.outlet("beat")
    texts = [p.outlet(name) for name, _ in READOUTS]
    p.chain(wave, p.new("qlim 33"), scope)
    p.chain(beat, p.new("qlim 50"), flash)
    unknown = p.message("set –")
    p.cord(quiet, unknown)
    for (name, form), value, text in zip(READOUTS, values, texts, strict=True):
        limit = p.new("qlim 100")
        if name.startswith("quality"):
            percent = p.new("* 100.")
            p.cord(value, percent)
            value = percent
        p.chain(value, p.new(f"sprintf symout {form}"), p.new("prepend set"), limit, text)
        p.cord(unknown, limit)
    return p
