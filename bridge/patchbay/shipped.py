"""The shipped receivers together: who shares a port with whom, and the table of the docs."""

from collections import defaultdict

from bridge.patchbay.load import Map, load, names


def shipped() -> list[Map]:
    """All of them, by name."""
    return [load(name) for name in names()]


def clashes(maps: list[Map]) -> dict[str, list[str]]:
    """For each receiver those others whose programs listen on the same port."""
    users: dict[int, list[str]] = defaultdict(list)
    for each in maps:
        if each.osc is not None:
            users[each.osc[1]].append(each.name)
    return {
        each.name: [name for name in users[each.osc[1]] if name != each.name] if each.osc else []
        for each in maps
    }


def markdown_table() -> str:
    """The receivers as ``docs/synths.md`` shows them: a line that works for each."""
    maps = shipped()
    also = clashes(maps)
    lines = ["| what it moves | one line | first, in the program | known |", "|---|---|---|---|"]
    for each in maps:
        command = f"`beatbridge live --source sim --map {each.name}`"
        shared = f" ({', '.join(also[each.name])}: same port)" if also[each.name] else ""
        lines.append(
            f"| {each.description} | {command} | {each.switch_on}{shared} | {each.known} |"
        )
    return "\n".join(lines)
