"""Where the bundled example sessions are: in a checkout, or inside an installed wheel."""

from pathlib import Path

from bridge.errors import BeatbridgeError

_PLACES = (
    Path(__file__).parent / "_examples" / "sessions",  # put there when the wheel is built
    Path(__file__).parent.parent / "examples" / "sessions",
)


def example(name: str) -> Path:
    """The path of a bundled session, such as ``arc.csv``.

    Raises:
        BeatbridgeError: it is not there; the installation is not whole.
    """
    for place in _PLACES:
        if (place / name).is_file():
            return place / name
    raise BeatbridgeError(f"the bundled session {name} is missing: install beatbridge again")
