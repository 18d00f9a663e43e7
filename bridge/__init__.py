"""beatbridge: a heart plays the Set. Beats and HRV as OSC, MIDI and clips."""

__version__: str


def __getattr__(name: str) -> str:
    """Look the version up when it is asked for: importlib.metadata takes 30 ms to import."""
    if name == "__version__":
        from importlib.metadata import version

        return version("beatbridge")
    raise AttributeError(name)
