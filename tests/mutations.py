"""Breaks the code on purpose, one small fault at a time, and lists the faults that no test sees.

``python -m tests.mutations intervals --most 30`` copies the project, changes an operator, a number
or a condition of that group's modules, runs the group's quick tests, and prints what passes all the
same. Survivors are for a person to judge: some change nothing that matters.
"""

import argparse
import ast
import copy
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GROUPS: dict[str, tuple[str, str]] = {
    "intervals": ("bridge/intervals/*.py", "tests/test_intervals_*.py tests/test_next_beat.py "
                  "tests/test_gaps.py tests/test_pipeline.py"),
    "hrv": ("bridge/hrv/*.py", "tests/test_hrv_*.py tests/test_analysis.py"),
    "offline": ("bridge/offline/*.py", "tests/test_offline.py tests/test_render_cli.py "
                "tests/test_careless_hands.py tests/test_first_evening.py"),
    "sources": ("bridge/sources/*.py bridge/sources/*/*.py", "tests/test_serial_*.py "
                "tests/test_ble_packets.py tests/test_osc_source.py "
                "tests/test_intervals_in_packets.py tests/test_spec.py "
                "tests/test_live_late.py"),
    "recordings": ("bridge/recordings/*.py", "tests/test_recordings*.py tests/test_phases.py "
                   "tests/test_large_files.py tests/test_first_evening.py"),
}  # fmt: skip
"""Modules, and the tests that should see a fault in them."""
TIMEOUT_S = 180
COMPARED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
COUNTED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
CALLED = {"min": "max", "max": "min", "any": "all", "all": "any", "floor": "ceil"}


@dataclass(frozen=True)
class Fault:
    """One change of one file."""

    path: Path
    line: int
    what: str
    source: str


def changed(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What a node may become, with a word on it."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARED:
        new = copy.deepcopy(node)
        new.ops[0] = COMPARED[type(node.ops[0])]()
        yield "compares otherwise", new
    elif isinstance(node, ast.BinOp) and type(node.op) in COUNTED:
        new = copy.deepcopy(node)
        new.op = COUNTED[type(node.op)]()
        yield "counts otherwise", new
    elif isinstance(node, ast.BoolOp):
        new = copy.deepcopy(node)
        new.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "and for or", new
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not left out", node.operand
    elif isinstance(node, ast.IfExp):
        yield "the other branch", ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLED:
        new = copy.deepcopy(node)
        new.func = ast.Name(CALLED[node.func.id], ast.Load())
        yield f"{CALLED[node.func.id]} for {node.func.id}", new
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield "another number", ast.Constant(node.value * 1.5 if node.value else 1)


def faults_in(path: Path) -> Iterator[Fault]:
    """Every fault that can be made in a file."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            if field in ("annotation", "returns", "decorator_list"):
                continue
            for at, child in enumerate(value if isinstance(value, list) else [value]):
                for what, new in changed(child) if isinstance(child, ast.AST) else ():
                    if isinstance(value, list):
                        value[at] = new
                    else:
                        setattr(node, field, new)
                    before, after = ast.unparse(child), ast.unparse(new)
                    says = f"{what}: {before[:60]} -> {after[:60]}"
                    yield Fault(
                        path, child.lineno, says, ast.unparse(ast.fix_missing_locations(tree))
                    )
                    if isinstance(value, list):
                        value[at] = child
                    else:
                        setattr(node, field, child)


def survives(fault: Fault, copied: Path, tests: list[str]) -> bool:
    """Whether all tests pass on the broken project."""
    target = copied / fault.path.relative_to(ROOT)
    whole = target.read_text(encoding="utf-8")
    target.write_text(fault.source, encoding="utf-8")
    command = ["-m", "pytest", "-q", "-x", "-m", "not slow", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=copied,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        return done.returncode == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        target.write_text(whole, encoding="utf-8")


def main() -> None:
    """Make some faults of a group, at random by the seed, and print the survivors."""
    parser = argparse.ArgumentParser()
    parser.add_argument("group", choices=GROUPS)
    parser.add_argument("--most", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="files whose name contains this")
    parser.add_argument("--list", action="store_true", help="print the faults, and try none")
    options = parser.parse_args()
    modules, names = GROUPS[options.group]
    paths = [path for pattern in modules.split() for path in sorted(ROOT.glob(pattern))]
    found = [fault for path in paths if options.only in path.name for fault in faults_in(path)]
    chosen = random.Random(options.seed).sample(found, min(options.most, len(found)))
    if options.list:
        for fault in chosen:
            print(f"{fault.path.relative_to(ROOT)}:{fault.line}  {fault.what}")
        return
    tests = [str(p.relative_to(ROOT)) for n in names.split() for p in sorted(ROOT.glob(n))]
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "project"
        leave = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache")
        shutil.copytree(ROOT, copied, ignore=leave)
        (copied.parent / "shared").symlink_to(ROOT.parent / "shared")
        for fault in chosen:
            if survives(fault, copied, tests):
                survivors += 1
                print(
                    f"SURVIVES {fault.path.relative_to(ROOT)}:{fault.line}  {fault.what}",
                    flush=True,
                )
    print(f"{survivors} of {len(chosen)} survive ({len(found)} can be made)")


if __name__ == "__main__":
    main()
