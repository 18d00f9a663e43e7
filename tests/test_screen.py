"""The screen: what the user named is shown as it is, on a terminal and in a pipe."""

import io

from rich.console import Console

from bridge.cli.heart_view import HeartViewSink
from bridge.cli.screen import Screen
from bridge.events import Foretold, Link


def test_names_and_marks_are_not_markup(capsys):
    with Screen("csv:[live] heart.csv") as screen:
        screen.heart()
        screen.notice("mark: [/b] :heart:")
    assert capsys.readouterr().out == "mark: [/b] :heart:\n"
    out = io.StringIO()
    Console(file=out, width=80).print(screen.panel())
    assert "csv:[live] heart.csv" in out.getvalue()


def test_a_beat_is_a_line_with_what_belongs_to_it(capsys):
    with Screen("test") as screen:
        heart = screen.heart()
        heart.beat(1.5, 1)
        heart.beat(2.25, 2)
        heart.value("ibi", 750.0)
        heart.value("bpm", 80.0)
        heart.state("live")
    assert capsys.readouterr().out.splitlines() == [
        "    1.500 s  beat 1    ",
        "    2.250 s  beat 2      750 ms    80.0 bpm",
        "the heart is live",
    ]


def test_the_panel_holds_at_any_width():
    screen = Screen("a long title that is wider than the terminal it is shown on")
    heart = screen.heart()
    for index in range(300):
        heart.value("wave", index % 10 / 10)
        heart.value("ibi", 800.0 + index % 50)
    heart.value("quality", 0.5)
    for width in (20, 40, 60, 200):
        out = io.StringIO()
        screen.console = Console(file=out, width=width)
        screen.console.print(screen.panel())
        assert max(map(len, out.getvalue().splitlines())) <= width


def test_predicted_beats_are_called_so():
    screen = Screen("test")
    heart = screen.heart()
    sink = HeartViewSink(heart)
    sink.event(Foretold(0.0), 0.0)
    out = io.StringIO()
    screen.console = Console(file=out, width=80)
    screen.console.print(screen.panel())
    assert "beats predicted" in out.getvalue()


def test_several_hearts_share_the_screen_and_the_pipe(capsys):
    with Screen("two") as screen:
        violin, cello = screen.heart("violin"), screen.heart("cello")
        violin.beat(1.5, 1)
        cello.beat(1.6, 1)
        violin.state("live")
        cello.link(Link.NO_CONTACT)
        cello.battery(15)
        cello.battery(14)
        out = io.StringIO()
        screen.console = Console(file=out, width=100)
        screen.console.print(screen.panel())
        screen.console = Console()
    shown = out.getvalue()
    assert any("violin" in line and "live" in line for line in shown.splitlines())
    assert any("cello" in line and "no-contact battery 14 %" in line for line in shown.splitlines())
    assert capsys.readouterr().out.splitlines() == [
        "    1.500 s  violin  beat 1    ",
        "    1.600 s  cello  beat 1    ",
        "violin is live",
        "cello: the sensor is connected, but touches no skin",
        "cello: the sensor's battery is at 15 %",
    ]
