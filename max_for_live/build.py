"""Build the device: ``python -m max_for_live.build`` writes Beatbridge.amxd and its picture."""

import argparse
import hashlib
from dataclasses import dataclass
from pathlib import Path

from bridge import __version__
from bridge.sinks.liveset import amxd as container
from max_for_live.drawing import Shown, draw
from max_for_live.patch import face, face_more
from max_for_live.patch.device import device
from max_for_live.patch.parts import PARTS, WHOLE
from max_for_live.patch.parts import SCRIPTS as WITH_SCRIPTS
from max_for_live.patch.patcher import Json
from max_for_live.patch.sources import MENU, OTHERS

HERE = Path(__file__).resolve().parent
NAME = "Beatbridge.amxd"
SCRIPTS = ("clips", "examine", "hearts", "mapping")
PICTURES = {"preview": True, "preview-folded": False}
"""Name of a drawing, and whether it shows the device unfolded."""


@dataclass(frozen=True, slots=True)
class Built:
    """A device and the scripts it names."""

    document: Json
    scripts: tuple[container.File, ...]
    name: str = NAME

    def frozen(self) -> bytes:
        """One file with everything in it, for musicians."""
        return container.frozen(self.document, self.name, self.scripts)

    def unfrozen(self) -> bytes:
        """The patcher alone, for work in Max with the scripts beside it."""
        return container.unfrozen(self.document)


def build(part: int = WHOLE) -> Built:
    """Put the device, or the device up to a part, together from the sources in this folder."""
    made = {stem: _script(stem) for stem in SCRIPTS}
    names = {stem: script.name for stem, script in made.items()}
    needed = made.values() if part >= WITH_SCRIPTS else ()
    name = NAME if part == WHOLE else part_name(part)
    return Built(device(names, part), tuple(needed), name)


def part_name(part: int) -> str:
    """The file of a part."""
    return f"Beatbridge {part} {PARTS[part][0]}.amxd"


def source(stem: str) -> bytes:
    """A script's text: its file, or those of its folder in the order of their names.

    Max's js takes one file, and a reader several short ones.
    """
    code = HERE / "code"
    parts = sorted((code / stem).glob("*.js")) or [code / f"{stem}.js"]
    return b"\n".join(part.read_bytes().replace(b"\r\n", b"\n") for part in parts)


def _script(stem: str) -> container.File:
    """A script under a name of its own: Max looks scripts up by name, in all of its folders."""
    data = source(stem)
    return container.File(f"beatbridge-{stem}-{hashlib.sha256(data).hexdigest()[:8]}.js", data)


def picture(built: Built, *, unfolded: bool) -> str:
    """The device as SVG, as it looks with a heart on the line and a few things mapped."""
    boxes = [entry["box"] for entry in built.document["patcher"]["boxes"]]
    by_name = {box["varname"]: box["id"] for box in boxes if "varname" in box}
    dashes = [box["id"] for box in boxes if box.get("text") == "–"]
    meters = [
        box["id"] for box in boxes if box["maxclass"] == "multislider" and box["setstyle"] == 1
    ]
    first = {box["text"]: box["id"] for box in boxes if "text" in box}
    texts = dict(zip(dashes, ("72", "833 ms", "42 ms", "51 ms", "97 %", "72.4"), strict=True))
    texts |= {
        first["Waiting for the bridge"]: "Beating",
        first[face.NO_VERSION]: f"Bridge and device {__version__}",
        first["No clip yet"]: "Heart, slot 3",
        first[face.NO_STYLE]: "Grid: default",
        by_name["Row 1 Target"]: "Filter: Frequency",
        by_name["Row 2 Target"]: "Reverb: Dry/Wet",
        by_name["Row 3 Target"]: "Auto Filter: LFO",
        by_name["Row 4 Target"]: "Heart: Pan",
        by_name["Heart"]: "violin",
        by_name["Other 1"]: "eda",
    }
    texts |= {by_name[f"Other {n}"]: "–" for n in range(2, OTHERS + 1)}
    values = {
        "Row 1 Source": MENU.index("BPM"), "Row 1 Min": 20, "Row 1 Max": 85, "Row 1 Curve": 25,
        "Row 1 CC": 74, "Row 2 Source": MENU.index("RMSSD"), "Row 2 Min": 70, "Row 2 Max": 10,
        "Row 2 Smooth": 4, "Row 2 When Lost": 2, "Row 2 Rest": 30,
        "Row 3 Source": MENU.index("Beat pulse"), "Row 3 Min": 30, "Row 3 Max": 60,
        "Row 4 Source": MENU.index("Beat cosine"), "Row 4 When Lost": 1,
        "Tempo Follow": 1, "Unfold": int(unfolded),
    }  # fmt: skip
    levels = dict(zip(meters, (0.62, 0.38, 0.74, 0.2, 0, 0, 0, 0, 0.7, 0.35), strict=True))
    width = face_more.WIDTH if unfolded else face.FOLDED
    return draw(built.frozen(), width, Shown(texts, levels, values, lamp="#5ccc73", beat=True))


def main() -> None:
    """Write the frozen device and its picture here, or the unfrozen device to a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--unfrozen", type=Path, metavar="DIR", help="for work on it in Max")
    folder: Path | None = parser.parse_args().unfrozen
    built = build()
    if folder is None:
        (HERE / NAME).write_bytes(built.frozen())
        (HERE / "parts").mkdir(exist_ok=True)
        for part in PARTS:
            if part != WHOLE:
                (HERE / "parts" / part_name(part)).write_bytes(build(part).frozen())
        for name, unfolded in PICTURES.items():
            svg = picture(built, unfolded=unfolded)
            (HERE / f"{name}.svg").write_text(svg, encoding="utf-8", newline="\n")
        print(f"wrote {NAME}, its parts and its pictures to {HERE}")
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_bytes(built.unfrozen())
    for script in built.scripts:
        (folder / script.name).write_bytes(script.data)
    print(f"wrote {NAME} and {len(built.scripts)} scripts to {folder}")


if __name__ == "__main__":
    main()
