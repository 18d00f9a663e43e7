"""What a mapping row can follow: the menu's entries, and the bus that carries them at 0-1."""

from dataclasses import dataclass

from bridge.osc import contract
from max_for_live.patch.patcher import Patch

LANES = (11, 1)
"""Controllers of a dropped clip's lanes: SDNN and RMSSD."""
OTHERS = 4
"""Places for values that this device does not know by name, such as another sensor's."""


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of the Source menu."""

    label: str
    path: str
    """Path in the contract, or ``made NAME``, ``other N``, ``lane N``."""
    low: float = 0.0
    high: float = 1.0
    """The raw value's range, mapped to 0-1."""
    argument: int = 0
    """Which argument of the message."""


_NAMES = {
    "bpm": "BPM",
    "ibi": "Interval",
    "sdnn": "SDNN",
    "rmssd": "RMSSD",
    "sdsd": "SDSD",
    "pnn20": "pNN20",
    "pnn50": "pNN50",
    "vlf": "VLF",
    "lf": "LF",
    "hf": "HF",
    "lf_hf": "LF/HF",
}
_ABSOLUTE = (
    Source("Beat strength", "/beat", argument=1),
    Source("Beat age 0-1000 ms", "/beat", 0, 1000, argument=2),
    Source("BPM 40-180", "/bpm", 40, 180),
    Source("Interval 300-1500 ms", "/ibi", 300, 1500),
    Source("SDNN 0-150 ms", "/hrv/sdnn", 0, 150),
    Source("RMSSD 0-150 ms", "/hrv/rmssd", 0, 150),
    Source("SDSD 0-150 ms", "/hrv/sdsd", 0, 150),
    Source("pNN20 0-1", "/hrv/pnn20"),
    Source("pNN50 0-1", "/hrv/pnn50"),
    Source("VLF 0-3000 ms²", "/hrv/vlf", 0, 3000),
    Source("LF 0-3000 ms²", "/hrv/lf", 0, 3000),
    Source("HF 0-3000 ms²", "/hrv/hf", 0, 3000),
    Source("LF/HF 0-5", "/hrv/lf_hf", 0, 5),
    Source("Coverage 0-1", "/hrv/coverage"),
    Source("Quality 0-1", "/quality"),
    Source("Wave 0-1", "/wave"),
    Source("Group hearts 0-8", "/group/count", 0, 8),
    Source("Group BPM 40-180", "/group/bpm", 40, 180),
    Source("Group spread 0-30 BPM", "/group/spread", 0, 30),
)

_MADE = (
    Source("Beat pulse", "made pulse"),
    Source("Beat ramp", "made ramp"),
    Source("Beat cosine", "made cosine"),
)


def _sources() -> tuple[Source, ...]:
    learned = [Source(label, f"/norm/{name}") for name, label in _NAMES.items()]
    known = {source.path for source in (*learned, *_ABSOLUTE)}
    # A value with bounds needs no range of ours; one without has its entry in _ABSOLUTE.
    bounded = [
        Source(f"{_spelt(m.path)} {m.bounds[0]:g}-{m.bounds[1]:g}", m.path, *m.bounds)
        for m in contract.MESSAGES
        if m.to_device and m.bounds and m.tags == "f" and m.path not in known
    ]
    others = [Source(f"Other {n}", f"other {n}") for n in range(1, OTHERS + 1)]
    lanes = [Source(f"Lane CC {controller}", f"lane {controller}", 0, 127) for controller in LANES]
    return (*learned, *_ABSOLUTE, *bounded, *others, *_MADE, *lanes)


def _spelt(path: str) -> str:
    return path.strip("/").replace("/", " ").capitalize()


SOURCES = _sources()
MENU = ("Off", *(source.label for source in SOURCES))
MADE = (MENU.index(_MADE[0].label), MENU.index(_MADE[-1].label))
"""First and last entry of what the device makes from the beats; these need no smoothing."""
FIRST_LANE = MENU.index(f"Lane CC {LANES[0]}")
"""From here on an entry does not depend on the heart."""


def paths() -> list[str]:
    """The messages the bus listens to, each once, in the order of its inlets."""
    return list(dict.fromkeys(s.path for s in SOURCES if s.path.startswith("/")))


def bus() -> Patch:
    """The subpatcher that scales every source.

    Inlets: one for each of ``paths()``, then pulse, ramp, cosine, the others (number, value) and
    the lanes (controller, value). Outlet: the list ``value entry``, value 0-1, entry as the menu
    counts (0 is Off).
    """
    p = Patch("Every source of the mapping rows at 0-1, as the list: value, entry of the menu.")
    feeds = {path: p.inlet(path).o(0) for path in paths()}
    feeds |= {source.path: p.inlet(source.path).o(0) for source in _MADE}
    for kind, keys in (("other", range(1, OTHERS + 1)), ("lane", LANES)):
        split = p.new("route " + " ".join(map(str, keys)))
        p.cord(p.inlet(f"{kind}: number, value"), split)
        feeds |= {f"{kind} {key}": split.o(index) for index, key in enumerate(keys)}
    out = p.outlet("value, entry of the menu")
    for entry, source in enumerate(SOURCES, start=1):
        where = feeds[source.path]
        if source.path == "/beat":
            unpack = p.new("unpack 0 0. 0.")
            p.cord(where, unpack)
            where = unpack.o(source.argument)
        scaled = p.new(f"scale {float(source.low)} {float(source.high)} 0. 1.")
        p.cord(where, scaled)
        p.chain(scaled, p.new("clip 0. 1."), p.new(f"pack 0. {entry}"), out)
    return p
