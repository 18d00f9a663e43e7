"""What a mapping row can follow: the menu's entries, and the bus that carries them at 0-1."""

from dataclasses import dataclass

from max_for_live.patch.patcher import Patch

LANES = (11, 1)
"""Controllers of a dropped clip's lanes: SDNN and RMSSD."""


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of the Source menu."""

    label: str
    path: str
    """Path in the contract, or ``lane N`` for a controller of the playing clip."""
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
    "pnn50": "pNN50",
    "lf": "LF",
    "hf": "HF",
    "lf_hf": "LF/HF",
}

SOURCES: tuple[Source, ...] = (
    *(Source(label, f"/norm/{name}") for name, label in _NAMES.items()),
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
    Source("Beat strength", "/beat", argument=1),
    *(Source(f"Lane CC {controller}", f"lane {controller}", 0, 127) for controller in LANES),
    # Behind the others, because a Set stores the number of an entry.
    Source("SDSD", "/norm/sdsd"),
    Source("pNN20", "/norm/pnn20"),
    Source("VLF", "/norm/vlf"),
)

MENU = ("Off", *(source.label for source in SOURCES))


def paths() -> list[str]:
    """The messages the bus listens to, each once, in the order of its inlets."""
    return list(dict.fromkeys(s.path for s in SOURCES if s.path.startswith("/")))


def bus() -> Patch:
    """The subpatcher that scales every source.

    Inlets: one for each of ``paths()``, then the lanes (controller, value). Outlet: the list
    ``value entry``, value 0-1, entry as the menu counts (0 is Off).
    """
    p = Patch("Every source of the mapping rows at 0-1, as the list: value, entry of the menu.")
    inlets = {path: p.inlet(path) for path in paths()}
    lanes = p.inlet("lanes: controller, value")
    out = p.outlet("value, entry of the menu")
    split = p.new("route " + " ".join(str(controller) for controller in LANES))
    p.cord(lanes, split)
    for entry, source in enumerate(SOURCES, start=1):
        where = (
            inlets[source.path]
            if source.path in inlets
            else split.o(LANES.index(int(source.path.split()[1])))
        )
        if source.argument:
            unpack = p.new("unpack 0 0. 0.")
            p.cord(where, unpack)
            where = unpack.o(source.argument)
        scaled = p.new(f"scale {float(source.low)} {float(source.high)} 0. 1.")
        p.cord(where, scaled)
        p.chain(scaled, p.new("clip 0. 1."), p.new(f"pack 0. {entry}"), out)
    return p
