"""beatbridge: a heart plays the Set. Beats and HRV as OSC, MIDI and clips."""

from importlib.metadata import version

__version__ = version("beatbridge")
