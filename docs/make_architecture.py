"""Draws ``architecture.svg`` from the code: the rooms of ``bridge`` and who imports whom."""

import ast
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PICTURE = Path(__file__).with_name("architecture.svg")

WIDTH, ROW, HEIGHT, GAP = 1080, 84, 36, 18
LEFT_OUT = ("errors", "events", "steps", "resources", "__main__", "__init__")
"""Rooms that nearly everybody uses, or that hold nothing to understand."""


def rooms() -> dict[str, list[Path]]:
    """Packages and modules directly below ``bridge``, with their files."""
    found: dict[str, list[Path]] = {}
    for path in sorted((ROOT / "bridge").iterdir()):
        if path.is_dir() and (path / "__init__.py").exists():
            found[path.name] = sorted(path.rglob("*.py"))
        elif path.suffix == ".py" and path.stem not in LEFT_OUT:
            found[path.stem] = [path]
    return found


def uses(files: list[Path], names: frozenset[str]) -> set[str]:
    """The rooms that some files import, late imports too."""
    found = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            modules = []
            if isinstance(node, ast.ImportFrom) and node.module:
                modules = [node.module, *(f"{node.module}.{a.name}" for a in node.names)]
            elif isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            for module in modules:
                parts = module.split(".")
                if parts[0] == "bridge" and len(parts) > 1 and parts[1] in names:
                    found.add(parts[1])
    return found


def graph() -> dict[str, set[str]]:
    """Each room and the rooms it uses."""
    files = rooms()
    names = frozenset(files)
    return {room: uses(files[room], names) - {room} for room in files}


def floors(edges: dict[str, set[str]]) -> dict[str, int]:
    """0 for a room that uses none, else one above the highest that it uses.

    Raises:
        ValueError: rooms use each other in a circle.
    """
    level: dict[str, int] = {}
    left = dict(edges)
    while left:
        ready = [room for room, below in left.items() if below <= level.keys()]
        if not ready:
            raise ValueError(f"a circle among {', '.join(sorted(left))}")
        for room in ready:
            level[room] = max((level[other] + 1 for other in edges[room]), default=0)
            del left[room]
    return level


def direct(edges: dict[str, set[str]]) -> dict[str, set[str]]:
    """The arrows that no longer way says already."""

    def reach(room: str) -> set[str]:
        return edges[room].union(*(reach(other) for other in edges[room]))

    return {
        room: {b for b in below if not any(b in reach(other) for other in below - {b})}
        for room, below in edges.items()
    }


def draw() -> str:
    """The picture as SVG: rooms in floors, an arrow from who uses to what is used."""
    files, edges = rooms(), graph()
    level = floors(edges)
    top = max(level.values())
    place: dict[str, tuple[float, float, float]] = {}
    for floor in range(top, -1, -1):
        row = [room for room in files if level[room] == floor]
        row.sort(key=lambda room: _pull(room, edges, place))
        widths = [max(84.0, 9.0 * len(room) + 34.0) for room in row]
        x = (WIDTH - sum(widths) - GAP * (len(row) - 1)) / 2
        for room, width in zip(row, widths, strict=True):
            place[room] = (x, 24.0 + (top - floor) * ROW, width)
            x += width + GAP
    height = 24 + (top + 1) * ROW - (ROW - HEIGHT) + 24
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="Helvetica, Arial, sans-serif">',
        f'<rect width="{WIDTH}" height="{height}" fill="#f6f5f2"/>',
        '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0 8 4 0 8z" fill="#8a8f98"/></marker>',
    ]
    for room, below in sorted(direct(edges).items()):
        for other in sorted(below):
            (x1, y1, w1), (x2, y2, w2) = place[room], place[other]
            a, b, c, d = x1 + w1 / 2, y1 + HEIGHT, x2 + w2 / 2, y2
            bend = min(48.0, (d - b) / 2)
            lines.append(
                f'<path d="M{a:.0f} {b:.0f}C{a:.0f} {b + bend:.0f} {c:.0f} {d - bend:.0f} '
                f'{c:.0f} {d - 2:.0f}" fill="none" stroke="#8a8f98" stroke-width="1.2" '
                'marker-end="url(#tip)"/>'
            )
    for room, (x, y, width) in place.items():
        middle = f"{x + width / 2:.0f}"
        lines += [
            f'<rect x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{HEIGHT}" rx="4" '
            'fill="#ffffff" stroke="#1a1c20"/>',
            f'<text x="{middle}" y="{y + 23:.0f}" text-anchor="middle" font-size="15" '
            f'fill="#1a1c20">{escape(room)}</text>',
        ]
    return "\n".join([*lines, "</svg>"]) + "\n"


def _pull(
    room: str, edges: dict[str, set[str]], place: dict[str, tuple[float, float, float]]
) -> float:
    """Where a room wants to stand: below those that use it."""
    above = [place[other][0] + place[other][2] / 2 for other in place if room in edges[other]]
    return sum(above) / len(above) if above else WIDTH / 2


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8", newline="\n")
