"""Build the device: ``python -m max_for_live.build`` writes Beatbridge.amxd and its picture."""

import argparse
import hashlib
from dataclasses import dataclass
from pathlib import Path

from max_for_live import container
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


def _script(stem: str) -> container.File:
    """A script under a name of its own: Max looks scripts up by name, in all of its folders."""
    data = (HERE / "code" / f"{stem}.js").read_bytes().replace(b"\r\n", b"\n")
    return container.File(f"beatbridge-{stem}-{hashlib.sha256(data).hexdigest()[:8]}.js", data)


def main() -> None:
    """Write the frozen device here, or the unfrozen one with its scripts to a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--unfrozen", type=Path, metavar="DIR", help="for work on it in Max")
    folder: Path | None = parser.parse_args().unfrozen
    built = build()
    if folder is None:
        (HERE / NAME).write_bytes(built.frozen())
        print(f"wrote {HERE / NAME}")
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_bytes(built.unfrozen())
    for script in built.scripts:
        (folder / script.name).write_bytes(script.data)
    print(f"wrote {NAME} and {len(built.scripts)} scripts to {folder}")


if __name__ == "__main__":
    main()
