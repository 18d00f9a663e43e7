"""What the hearts of the panel are together, as the page shows it: live, mean rate, spread."""

from typing import Any

from bridge.mapping.values import Said


class Together:
    """The newest of what the group says; told with the frames, however often it changes."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.changed = False
        """Other than when last asked."""
        self._values: dict[str, float | None] = {"count": 0, "bpm": None, "spread": None}

    def heard(self, said: Said) -> None:
        """One message below ``/group``. What too few are live for is unknown."""
        name, value = said.path.rpartition("/")[2], float(said.arguments[0])
        self._values[name] = value
        if name == "count":
            for other, least in (("bpm", 1), ("spread", 2)):
                if value < least:
                    self._values[other] = None
        self.changed = True

    def message(self) -> dict[str, Any]:
        """For the pages."""
        self.changed = False
        return {"k": "group", **self._values}
