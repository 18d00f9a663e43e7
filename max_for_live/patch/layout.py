"""Where the boxes of a patcher lie when it is opened in Max: in rows, along the cords.

Inlets are on top and outlets at the bottom, in order from the left, as Max counts them. Every other
box lies below all that feed it; cords that close a loop do not count.
"""

from collections.abc import Mapping, Sequence

Cords = Sequence[tuple[str, str]]
"""(source, target) by id."""
Size = tuple[int, int]
Place = tuple[int, int, int, int]

ROW_HEIGHT = 44
GAP = 18
_SWEEPS = 6


def arrange(
    sizes: Mapping[str, Size],
    cords: Cords,
    inlets: Sequence[str],
    outlets: Sequence[str],
    top: int = 20,
) -> dict[str, Place]:
    """Left, top, width and height of every box of ``sizes``."""
    rows = _rows(list(sizes), cords, inlets, outlets)
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for source, target in cords:
        before.setdefault(target, []).append(source)
        after.setdefault(source, []).append(target)
    places: dict[str, Place] = {}
    for number, row in enumerate(rows):
        _put(row, number, top, sizes, places, {})
    fixed = (set(inlets), set(outlets))
    for sweep in range(_SWEEPS):
        downwards = sweep % 2 == 0
        for number in range(len(rows)) if downwards else reversed(range(len(rows))):
            row = rows[number]
            wanted = {
                box: _middle(box, (before if downwards else after).get(box, ()), places)
                for box in row
            }
            if set(row) not in fixed:
                row.sort(key=wanted.__getitem__)
            _put(row, number, top, sizes, places, wanted)
    left = min((x for x, *_ in places.values()), default=20) - 20
    return {box: (x - left, y, w, h) for box, (x, y, w, h) in places.items()}


def _rows(
    boxes: Sequence[str], cords: Cords, inlets: Sequence[str], outlets: Sequence[str]
) -> list[list[str]]:
    targets: dict[str, list[str]] = {box: [] for box in boxes}
    for source, target in cords:
        targets[source].append(target)
    order: list[str] = []
    state: dict[str, int] = {}
    for start in [*inlets, *boxes]:
        _finish(start, targets, state, order)
    rank = {box: number for number, box in enumerate(reversed(order))}
    depth = dict.fromkeys(boxes, 0 if not inlets else 1)
    depth |= dict.fromkeys(inlets, 0)
    for box in sorted(boxes, key=rank.__getitem__):
        for target in targets[box]:
            if rank[target] > rank[box]:
                depth[target] = max(depth[target], depth[box] + 1)
    last = max((depth[box] for box in boxes if box not in outlets), default=0) + 1
    depth |= dict.fromkeys(outlets, last)
    # A box that only feeds things far below comes down to just above them.
    for box in sorted(boxes, key=rank.__getitem__, reverse=True):
        below = [depth[t] for t in targets[box] if rank[t] > rank[box]]
        if below and box not in inlets and box not in outlets:
            depth[box] = max(depth[box], min(below) - 1)
    rows: list[list[str]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for box in [*inlets, *outlets, *boxes]:
        if box not in rows[depth[box]]:
            rows[depth[box]].append(box)
    return [row for row in rows if row]


def _finish(
    start: str, targets: Mapping[str, list[str]], state: dict[str, int], order: list[str]
) -> None:
    """Depth first, so that ``order`` reversed has every box before what it feeds."""
    stack = [(start, iter(targets[start]))] if start not in state else []
    state.setdefault(start, 1)
    while stack:
        box, rest = stack[-1]
        step = next((t for t in rest if t not in state), None)
        if step is None:
            order.append(box)
            stack.pop()
        else:
            state[step] = 1
            stack.append((step, iter(targets[step])))


def _middle(box: str, others: Sequence[str], places: Mapping[str, Place]) -> float:
    x, _, w, _ = places[box]
    if not others:
        return x + w / 2
    return sum(places[other][0] + places[other][2] / 2 for other in others) / len(others)


def _put(
    row: Sequence[str],
    number: int,
    top: int,
    sizes: Mapping[str, Size],
    places: dict[str, Place],
    wanted: Mapping[str, float],
) -> None:
    """Put a row's boxes where they want to be, or as far right of it as their order demands."""
    x = 20
    for box in row:
        w, h = sizes[box]
        if box in wanted:
            x = max(x, round(wanted[box] - w / 2))
        places[box] = (x, top + number * ROW_HEIGHT, w, h)
        x += w + GAP
