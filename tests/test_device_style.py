"""A style as a table: what it says is what the live stage plays, and the command that sends it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bridge.cli import device as device_command
from bridge.clips.session import Spread
from bridge.clips.spans import Spans, spans_of
from bridge.clips.style import Style
from bridge.clips.style_file import load_style
from bridge.clips.table import HEAD, ROW, left_out, table_of
from bridge.errors import BeatbridgeError, UserError
from bridge.mapping import profile as profiles
from tests.maxpatch.rig import free_port
from tests.test_device_drop import running
from tests.test_device_grid import AUTHOR, BUNDLED, Hits, grid_rig


def table_hits(style: Style, spans: Spans, value: float, cells: int) -> Hits:
    """What a table says, read as the contract describes it."""
    numbers = table_of(style, spans)
    offset, slope, least, most = numbers[7:11]
    found: Hits = {}
    for at in range(HEAD, len(numbers), ROW):
        cell, note, above, up_to, share = numbers[at : at + ROW]
        if above < value <= up_to:
            velocity = min(max(offset + slope * value, least), most) * share
            for place in range(int(cell), cells, style.grid.cells):
                found[place, int(note)] = max(1, min(127, round(velocity)))
    return found


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(st.sampled_from(["default", "euclid", "ambient"]), st.floats(30, 220))
def test_the_table_says_what_the_live_stage_plays(name: str, value: float) -> None:
    from bridge.clips.causal import CellStage, Note

    style = load_style(name)
    counts = {int(rate * 100): 1 for rate in range(50, 150)}
    spans = Spans({m: Spread(40.0, 180.0, counts) for m in ("HR", "SDNN", "RMSSD")})
    stage = CellStage(style, ("drums",), spans)
    heart = dict.fromkeys(("HR", "SDNN", "RMSSD"), value)
    said = {
        (cell, note.pitch): note.velocity
        for cell in range(32)
        for note in stage.cell(cell, cell * 0.1, heart)
        if isinstance(note, Note)
    }
    assert table_hits(style, spans, value, 32) == said


def test_what_a_table_cannot_hold_is_refused_in_words() -> None:
    profile = profiles.load([])
    heartbeat, euclid = load_style("heartbeat"), load_style("euclid")
    with pytest.raises(UserError, match="mode Beat"):
        table_of(heartbeat, spans_of(heartbeat, ("drums",), profile))
    with pytest.raises(UserError, match="--scale-from"):
        table_of(euclid, spans_of(euclid, ("drums",), profile))
    with pytest.raises(UserError, match="--scale-from"):
        table_of(AUTHOR, spans_of(AUTHOR, ("drums",), profiles.load(["learned"])))
    long = load_style("default", {"grid.signature": "92/16", "drums.order": "even"})
    assert len(table_of(long, spans_of(long, ("drums",), profile))) == HEAD + 92 * ROW
    assert left_out(AUTHOR) == []
    assert len(left_out(euclid)) == 2


# The command


def _command(*arguments: str) -> tuple[str, str]:
    result = CliRunner().invoke(device_command.device, ["style", *arguments])
    assert isinstance(result.exception, BeatbridgeError | None)
    return result.output, str(result.exception or "")


def test_the_command_gives_the_running_device_a_style() -> None:
    with grid_rig() as device:
        with running(device):
            output, error = _command(
                "euclid", "--port", str(device.port), "--scale-from", str(BUNDLED / "arc.csv")
            )
        assert error == ""
        *left, last = output.splitlines()
        assert len(left) == 2
        assert last == "in its mode Grid the device plays euclid; the Set keeps it"
        assert device.max.line("Grid: –") == "Grid: euclid"


def test_the_command_says_what_it_needs() -> None:
    assert "--scale-from" in _command("euclid")[1]
    _, error = _command("default", "--port", str(free_port()), "--wait", "0.2")
    assert error.startswith("no device answers")
