"""What notes are called: the drums of the drum channel, and pitches as Live writes them."""

DRUM_CHANNEL = 9
DRUMS = {
    35: "deep kick", 36: "kick", 37: "side stick", 38: "snare", 39: "clap", 40: "tight snare",
    41: "low floor tom", 42: "closed hat", 43: "high floor tom", 44: "pedal hat", 45: "low tom",
    46: "open hat", 47: "low mid tom", 48: "high mid tom", 49: "crash", 50: "high tom", 51: "ride",
    52: "crash", 53: "ride bell", 54: "tambourine", 55: "crash", 56: "cowbell", 57: "crash",
    58: "guiro", 59: "ride", 60: "high bongo", 61: "low bongo", 62: "muted conga", 63: "high conga",
    64: "low conga", 65: "high timbale", 66: "low timbale", 67: "high agogo", 68: "low agogo",
    69: "cabasa", 70: "maracas", 71: "shaker", 72: "shaker", 73: "guiro", 74: "guiro", 75: "clave",
    76: "high wood block", 77: "low wood block", 78: "muted conga", 79: "low conga",
    80: "muted triangle", 81: "triangle",
}  # fmt: skip
"""General MIDI's kit, with a near sound for a few; pads 36-51 are the rack of the default style."""
_KEYS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def note_name(pitch: int, channel: int = 0) -> str:
    """A drum on the drum channel, a key elsewhere: 36 is ``kick``, or ``C1`` as in Live."""
    if channel == DRUM_CHANNEL and pitch in DRUMS:
        return DRUMS[pitch]
    return f"{_KEYS[pitch % 12]}{pitch // 12 - 2}"
