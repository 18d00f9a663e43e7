"""Where a synth's controllers stand when it is switched on, so that we can leave them there."""

_ON = {7: 100, 8: 64, 10: 64, 11: 127, **dict.fromkeys(range(70, 80), 64)}
"""Volume, balance, pan, expression (General MIDI level 1) and the sound controllers (level 2)."""


def resting(controller: int) -> int:
    """The value, 0-127, that a controller has before anybody moves it."""
    return _ON.get(controller, 0)
