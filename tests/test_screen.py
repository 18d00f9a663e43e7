"""The screen: what the user named is shown as it is, on a terminal and in a pipe."""

import io

from rich.console import Console

from bridge.cli.screen import Screen


def test_names_and_marks_are_not_markup(capsys):
    with Screen("csv:[live] heart.csv") as screen:
        screen.notice("mark: [/b] :heart:")
    assert capsys.readouterr().out == "mark: [/b] :heart:\n"
    out = io.StringIO()
    Console(file=out, width=80).print(screen.panel())
    assert "csv:[live] heart.csv" in out.getvalue()


def test_a_beat_is_a_line_with_what_belongs_to_it(capsys):
    with Screen("test") as screen:
        screen.beat(1.5, 1)
        screen.beat(2.25, 2)
        screen.value("ibi", 750.0)
        screen.value("bpm", 80.0)
        screen.state("live")
    assert capsys.readouterr().out.splitlines() == [
        "    1.500 s  beat 1    ",
        "    2.250 s  beat 2      750 ms    80.0 bpm",
        "the heart is live",
    ]


def test_the_panel_holds_at_any_width():
    screen = Screen("a long title that is wider than the terminal it is shown on")
    for index in range(300):
        screen.value("wave", index % 10 / 10)
        screen.value("ibi", 800.0 + index % 50)
    screen.value("quality", 0.5)
    for width in (20, 40, 60, 200):
        out = io.StringIO()
        screen.console = Console(file=out, width=width)
        screen.console.print(screen.panel())
        assert max(map(len, out.getvalue().splitlines())) <= width
