"""The rules of the house, checked on the sources: the middle does no I/O and reads no clock."""

import ast
import functools
import shutil
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "bridge"

MIDDLE = (
    "events", "gaps", "phases", "pipeline", "status", "wave", "osc.contract", "mapping.values",
    "beats", "body", "patchbay.bay", "patchbay.message", "patchbay.play",
    "recordings.recording", "steps",
    "detect", "intervals", "hrv", "simulate", "analysis.analyze", "analysis.summary",
    "clips.causal", "clips.cells", "clips.clock", "clips.drums", "clips.grid", "clips.groove",
    "clips.scale", "clips.session", "clips.smf", "clips.spans", "clips.table", "clips.tempo",
    "sources.serial.frames", "sources.serial.protocols", "sources.serial.readings",
    "sources.ble.heart_rate", "sources.ble.pmd", "sources.intervals",
    "mapping.curve", "mapping.range", "mapping.stage", "sinks.liveset.transfer",
    "clips.score", "clips.smf_read", "sound.drums", "sound.reel", "sound.room", "sound.tone",
    "sound.voice", "sinks.midi.controllers",
)  # fmt: skip
"""What stands between a source and a sink, and the pure parts of both."""

OUTSIDE = frozenset(
    {
        "asyncio", "datetime", "http", "multiprocessing", "requests", "rtmidi", "sched", "select",
        "selectors", "serial", "signal", "socket", "subprocess", "threading", "time", "urllib",
    }
)  # fmt: skip
"""Clocks, ports and other processes."""


def files_of(module, package=PACKAGE):
    path = package / Path(*module.split("."))
    return sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


@functools.cache
def imports_of(source):
    """All modules that an import may load: ``from a import b`` names ``a`` and perhaps ``a.b``."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return found


def loaded_by(name, package):
    """The files that importing ``bridge.a.b`` runs: each package on the way, then the module."""
    below = package
    for part in name.split(".")[1:]:
        if below != package:
            yield below / "__init__.py"
        below = below / part
    yield below / "__init__.py" if below.is_dir() else below.with_suffix(".py")


def reached_from(path, package=PACKAGE):
    """The file and all of ours that it imports, however late, with those that import them."""
    seen, todo = set(), [path]
    while todo:
        here = todo.pop()
        if here in seen or not here.exists():  # an imported name may be no module
            continue
        seen.add(here)
        for name in imports_of(here.read_text(encoding="utf-8")):
            if name.split(".")[0] == "bridge":
                todo += loaded_by(name, package)
    return seen


def outside_of(module, package=PACKAGE):
    """What a module reaches of the world outside: (file, import) pairs."""
    found = []
    for start in files_of(module, package):
        assert start.exists(), start
        for path in reached_from(start, package):
            if path == package / "__init__.py":
                continue
            names = set(imports_of(path.read_text(encoding="utf-8")))
            names = {name for name in names if not name.startswith("urllib.parse")}  # opens nothing
            found += [(path.name, name) for name in names if name.split(".")[0] in OUTSIDE]
    return found


@pytest.mark.parametrize("module", MIDDLE)
def test_the_middle_reaches_no_port_and_no_clock(module):
    assert outside_of(module) == []


@pytest.mark.parametrize(
    "plant",
    [
        "from bridge.sources import pace",
        "import bridge.sources.pace",
        "from bridge.sources.pace import cut",
        "def late():\n    from bridge.sources import pace",
    ],
)
def test_a_plant_is_seen(tmp_path, plant):
    copy = tmp_path / "bridge"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    ema = copy / "detect" / "ema.py"
    ema.write_text(ema.read_text(encoding="utf-8") + f"\n{plant}\n", encoding="utf-8")
    assert ("pace.py", "asyncio") in outside_of("detect", copy)


def test_nobody_types_an_osc_address_but_the_contract():
    """Below the root, paths may be named; whole addresses stand in the one table only."""
    from bridge.osc.contract import MESSAGES

    heart = [message.address() for message in MESSAGES if message.path != message.address()]
    for path in PACKAGE.rglob("*.py"):
        if path.name == "contract.py":
            continue
        strings = [
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        typed = [text for text in strings if text in heart]
        assert not typed, f"{path}: {typed}"
