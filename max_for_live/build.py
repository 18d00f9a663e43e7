"""Build the device: ``python -m max_for_live.build`` writes Beatbridge.amxd and its picture."""

import argparse
import hashlib
from dataclasses import dataclass
from pathlib import Path

from bridge import __version__
from max_for_live import container
from max_for_live.drawing import Shown, draw
from max_for_live.patch import face
from max_for_live.patch.device import device
from max_for_live.patch.patcher import Json

HERE = Path(__file__).resolve().parent
NAME = "Beatbridge.amxd"


@dataclass(frozen=True, slots=True)
class Built:
    """A device and the scripts it names."""

    document: Json
    scripts: tuple[container.File, ...]

    def frozen(self) -> bytes:
        """One file with everything in it, for musicians."""
        return container.frozen(self.document, NAME, self.scripts)

    def unfrozen(self) -> bytes:
        """The patcher alone, for work in Max with the scripts beside it."""
        return container.unfrozen(self.document)


def build() -> Built:
    """Put the device together from the sources in this folder."""
    clips, mapping = _script("clips"), _script("mapping")
    return Built(device(clips.name, mapping.name), (clips, mapping))


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


def picture(built: Built) -> str:
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
        first["Waiting for the bridge"]: "Live",
        first[face.NO_VERSION]: f"Bridge and device {__version__}",
        first["No clip yet"]: "Heart, slot 3",
        by_name["Map 1 Target"]: "Filter: Frequency",
        by_name["Map 2 Target"]: "Reverb: Dry/Wet",
        by_name["Map 3 Target"]: "Heart: Pan",
    }
    values = {
        "Map 1 Source": 1, "Map 1 Min": 20, "Map 1 Max": 85, "Map 1 Curve": 25, "Map 1 CC": 74,
        "Map 2 Source": 4, "Map 2 Min": 70, "Map 2 Max": 10, "Map 2 Smooth": 4,
        "Map 3 Source": 22, "Map 3 Smooth": 0, "Tempo Follow": 1,
    }  # fmt: skip
    levels = dict(zip(meters, (0.62, 0.38, 0.74, 0, 0, 0, 0, 0, 0.7, 0.35), strict=True))
    return draw(built.frozen(), Shown(texts, levels, values, lamp="#5ccc73", beat=True))


def main() -> None:
    """Write the frozen device and its picture here, or the unfrozen device to a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--unfrozen", type=Path, metavar="DIR", help="for work on it in Max")
    folder: Path | None = parser.parse_args().unfrozen
    built = build()
    if folder is None:
        (HERE / NAME).write_bytes(built.frozen())
        (HERE / "preview.svg").write_text(picture(built), encoding="utf-8", newline="\n")
        print(f"wrote {NAME} and preview.svg to {HERE}")
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_bytes(built.unfrozen())
    for script in built.scripts:
        (folder / script.name).write_bytes(script.data)
    print(f"wrote {NAME} and {len(built.scripts)} scripts to {folder}")


if __name__ == "__main__":
    main()
