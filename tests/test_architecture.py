"""The rules of the house, checked on the sources: the middle does no I/O and reads no clock."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "bridge"

MIDDLE = (
    "events", "contract", "recording", "pipeline", "rhythm", "rhythm_offline", "hrv", "hrv_live",
    "hrv_spectrum", "hrv_table", "status", "wave", "simulate", "analysis", "detect",
    "clips.drums", "clips.grid", "clips.scale", "clips.session", "clips.smf", "clips.tempo",
    "sources.frames", "sources.protocols", "sources.sampling", "sinks.clip_transfer",
)  # fmt: skip
"""What stands between a source and a sink, and the pure parts of both."""

OUTSIDE = frozenset(
    {
        "asyncio", "datetime", "http", "multiprocessing", "requests", "rtmidi", "sched", "select",
        "selectors", "serial", "signal", "socket", "subprocess", "threading", "time", "urllib",
    }
)  # fmt: skip
"""Clocks, ports and other processes."""


def files_of(module):
    path = PACKAGE / Path(*module.split("."))
    return sorted(path.glob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


def imports_of(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


def reached_from(path, seen):
    """The file and all of ours that it imports, however late."""
    if path in seen or not path.exists():
        return seen
    seen.add(path)
    for name in imports_of(ast.parse(path.read_text(encoding="utf-8"))):
        if name.split(".")[0] == "bridge":
            inner = name.split(".")[1:]
            below = PACKAGE.joinpath(*inner)
            reached_from(
                below / "__init__.py" if below.is_dir() else below.with_suffix(".py"), seen
            )
    return seen


@pytest.mark.parametrize("module", MIDDLE)
def test_the_middle_reaches_no_port_and_no_clock(module):
    for start in files_of(module):
        assert start.exists(), start
        for path in reached_from(start, set()):
            if path == PACKAGE / "__init__.py":
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            names = set(imports_of(tree)) - {"urllib.parse"}  # quotes text, opens nothing
            outside = {name.split(".")[0] for name in names} & OUTSIDE
            assert not outside, f"{path.name}, reached from {module}, imports {sorted(outside)}"


def test_nobody_types_an_osc_address_but_the_contract():
    """Below the root, paths may be named; whole addresses stand in the one table only."""
    from bridge.contract import MESSAGES

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
