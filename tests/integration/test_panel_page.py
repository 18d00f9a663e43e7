"""The panel in a real Chromium, against the real program: what a person does, and what plays."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from itertools import count

import pytest
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.resources import example
from bridge.simulate.heart import Heart, HeartSimulator
from tests import panel_page
from tests.integration.conftest import listen_for_errors

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="ends the program by a signal"),
]


PATIENCE_MS = 120_000
"""Of the browser's side, on a machine that is busy."""


class Ear(threading.Thread):
    """A UDP port that collects the OSC which the hearts send."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.heard = []
        self.start()

    def run(self):
        while datagram := self.socket.recv(65536):  # an empty one ends it
            message = OscMessage(datagram)
            self.heard.append((time.monotonic(), message.address, message.params))

    def close(self):
        self.socket.sendto(b"", ("127.0.0.1", self.port))
        self.join(5)
        self.socket.close()

    def all_heard(self):
        """Wait until whatever has been sent so far is among what was heard."""
        mark = OscMessageBuilder(f"/mark/{len(self.heard)}").build()
        self.socket.sendto(mark.dgram, ("127.0.0.1", self.port))
        wait(lambda: any(found == mark.address for _, found, _ in list(self.heard)))

    def beats(self, root="/heart"):
        return [t for t, address, _ in list(self.heard) if address == f"{root}/beat"]

    def values(self, address):
        return [params[-1] for _, found, params in list(self.heard) if found == address]

    def wait_for_beats(self, count, root="/heart", seconds=120.0):
        wait(lambda: len(self.beats(root)) >= count, seconds)


def wait(what, seconds=120.0):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


class Playing:
    """``beatbridge panel``, running."""

    def __init__(self, folder, *more):
        self.ear = Ear()
        self.folder = folder / "sessions"
        env = os.environ | panel_page.settings(folder)
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "bridge", "panel", "--port", "0", "--no-open",
                "--folder", str(self.folder), "--target", f"127.0.0.1:{self.ear.port}", *more,
            ],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env,
        )  # fmt: skip
        self.address = re.search(r"http://\S+", self.process.stdout.readline())[0]
        self.port = int(re.search(r":(\d+)/", self.address)[1])

    def server(self):
        """The process id of the page's server."""
        found = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=True
        )
        return int(found.stdout.split()[0])

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        with self.process:
            said = self.process.stdout.read()
            self.process.wait(60)
        self.ear.close()
        assert "Traceback" not in said, said
        return self.process.returncode


@pytest.fixture
def playing(tmp_path):
    playing = Playing(tmp_path)
    yield playing
    assert playing.end() == 0


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    wrong = listen_for_errors(page)
    yield page
    context.close()
    assert wrong == []


def open_page(page, address):
    page.goto(address)
    page.locator("body[data-connected]").wait_for()
    close = page.get_by_role("button", name="I know my way")
    if close.is_visible():
        close.click()


def start(page, title="Start A simulated heart", name=""):
    page.get_by_role("button", name="Add a heart").click()
    page.get_by_label("Its name").fill(name)
    cards = page.locator("#cards .card").count()
    page.get_by_role("button", name=title).click()
    wait(lambda: page.locator("#cards .card").count() > cards)
    page.locator("#reach").wait_for(state="hidden")


def test_the_first_visit_plays_after_two_clicks(playing, page):
    page.goto(playing.address)
    page.get_by_role("button", name="Start a simulated heart").click()
    page.get_by_role("button", name="Hear it here").click()
    playing.ear.wait_for_beats(1)
    page.get_by_role("button", name="Now yours").click()
    page.get_by_label("Its name").wait_for()
    assert "#k=" not in page.url


def test_every_beat_that_leaves_is_shown(playing, page):
    open_page(page, playing.address)
    start(page)
    playing.ear.wait_for_beats(8)
    page.locator("#lamp-out.on").wait_for()
    page.get_by_role("button", name="Stop heart1").click()
    page.get_by_text("No heart plays yet").wait_for()
    playing.ear.all_heard()
    wait(lambda: page.evaluate("panel.beats") == len(playing.ear.beats()))


class Sensor:
    """A pulse sensor on a pseudo-terminal: a hundred numbers a second, as they fall due."""

    def __init__(self, path):
        import pty
        import tty

        self._master, slave = pty.openpty()
        tty.setraw(slave)
        path.symlink_to(os.ttyname(slave))
        self.source = f"serial:{path}?rate=100&kind=ppg"
        self.beats = threading.Event()
        """Set: the finger is on it. Clear: a flat line."""
        self.sends = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._thread.start()

    def _send(self):
        heart = HeartSimulator(Heart(rate_hz=100.0, bpm=80.0, amplitude=200.0, offset=450.0))
        self.sends.wait()
        begun = time.monotonic()
        for number in count():
            (value,) = heart.take(1).values
            level = round(value) if self.beats.is_set() else 450
            os.write(self._master, f"{level}\n".encode())
            if self._over.wait(max(0.0, begun + number / 100.0 - time.monotonic())):
                return

    def close(self):
        self._over.set()
        self.sends.set()
        self._thread.join(10)
        os.close(self._master)


@pytest.fixture
def sensor(tmp_path):
    sensor = Sensor(tmp_path / "board")
    yield sensor
    sensor.close()


def is_drawn(page, selector):
    return page.evaluate(
        """selector => {
            const canvas = document.querySelector(selector);
            const { width, height } = canvas;
            const copy = new OffscreenCanvas(width, height);
            const context = copy.getContext("2d", { willReadFrequently: true });
            context.drawImage(canvas, 0, 0);
            return context.getImageData(0, 0, width, height).data.some((value) => value > 0);
        }""",
        selector,
    )


def test_nothing_is_drawn_before_data_nor_after_loss(playing, page, sensor):
    open_page(page, playing.address)
    page.get_by_role("button", name="Add a heart").click()
    page.get_by_label("Another source").fill(sensor.source)
    page.locator("#reach").get_by_role("button", name="Start", exact=True).last.click()
    card = page.get_by_role("article", name="heart1")
    card.wait_for()
    shown = page.evaluate("panel.frames")
    wait(lambda: page.evaluate("panel.frames") > shown + 20)
    assert not is_drawn(page, ".scope")
    sensor.beats.set()
    sensor.sends.set()
    playing.ear.wait_for_beats(5)
    wait(lambda: is_drawn(page, ".scope"))
    card.get_by_text("live", exact=True).wait_for()
    sensor.beats.clear()
    card.get_by_text("lost: last beat").wait_for()
    wait(lambda: not is_drawn(page, ".scope"))
    assert "stale" in card.get_attribute("class")
    playing.ear.all_heard()
    counted = len(playing.ear.beats())
    wait(lambda: page.evaluate("panel.beats") == counted)
    sensor.beats.set()
    card.get_by_text("live", exact=True).wait_for(timeout=PATIENCE_MS)
    wait(lambda: is_drawn(page, ".scope"))
    assert page.evaluate("panel.beats") > counted


def test_a_strap_is_in_the_list_and_says_its_battery(strap, tmp_path, page):
    strap("steady")
    playing = Playing(tmp_path)
    try:
        open_page(page, playing.address)
        page.get_by_role("button", name="Add a heart").click()
        page.get_by_text("Looking for straps").wait_for()
        found = page.get_by_role("listitem").filter(has_text="a strap;")
        found.get_by_role("button").click(timeout=PATIENCE_MS)
        playing.ear.wait_for_beats(3, seconds=60.0)
        page.get_by_text("battery 80 %").wait_for()
        page.goto("about:blank")
    finally:
        assert playing.end() == 0


DROP = """([name, text]) => {
    const files = new DataTransfer();
    files.items.add(new File([text], name));
    document.querySelector("h1").dispatchEvent(
        new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: files }));
}"""


def test_a_file_dropped_anywhere_on_the_page_is_a_heart(playing, page):
    open_page(page, playing.address)
    page.evaluate(DROP, ["my take.csv", "".join(f"{800 + n % 3}\n" for n in range(60))])
    page.get_by_role("article", name="my-take", exact=True).wait_for()
    playing.ear.wait_for_beats(2, "/heart/my-take")
    assert (playing.folder / "my-take.csv").exists()


def test_a_wrong_file_is_refused_with_a_word(playing, page):
    open_page(page, playing.address)
    page.evaluate(DROP, ["holiday.csv", "no recording,\nonly words\n"])
    page.get_by_text("holiday.csv is no recording that can be played").wait_for()
    assert page.locator("#cards .card").count() == 0
    assert not list(playing.folder.glob("*.csv"))


def test_stage_view_shows_four_hearts_and_nothing_else(playing, page):
    open_page(page, playing.address)
    for name in ("violin", "viola", "cello", "bass"):
        start(page, name=name)
    page.get_by_role("button", name="Add a heart").click()
    page.locator("#reach").wait_for()
    page.get_by_role("button", name="Stage view").click()
    page.get_by_role("button", name="Leave stage view").wait_for()
    assert not page.locator("#reach").is_visible()
    bottoms = (
        "() => [...document.querySelectorAll('.card')].map((c) => c.getBoundingClientRect().bottom)"
    )
    found = page.evaluate(bottoms)
    assert len(found) == 4
    assert max(found) <= 800


def test_two_hearts_have_a_name_each_and_end_each_for_itself(playing, page):
    open_page(page, playing.address)
    start(page, name="violin")
    start(page, "Start A simulated ECG", "cello")
    playing.ear.wait_for_beats(2, "/heart/violin")
    playing.ear.wait_for_beats(2, "/heart/cello")
    page.get_by_role("button", name="Stop violin").click()
    wait(lambda: page.get_by_role("article", name="violin").count() == 0)
    before = len(playing.ear.beats("/heart/cello"))
    playing.ear.wait_for_beats(before + 3, "/heart/cello")
    assert page.get_by_role("article", name="cello").count() == 1


def test_two_hearts_are_shown_together_and_a_row_follows_them(playing, page):
    open_page(page, playing.address)
    start(page, name="violin")
    together = page.get_by_label("All hearts together")
    assert not together.is_visible()
    start(page, "Start A simulated ECG", "cello")
    together.get_by_text("2of 2").wait_for()
    wait(lambda: "–" not in together.text_content())
    add_receiver(page, playing)
    row = page.locator(".row").first
    row.get_by_text("Change").click()
    row.get_by_label("Heart").select_option("all together")
    row.get_by_text("group/bpm →").wait_for()
    wait(lambda: playing.ear.values(CUTOFF))
    row.get_by_label("Value").select_option("count")
    row.get_by_text("group/count →").wait_for()
    assert row.get_by_label("Takes, to").input_value() == "8"
    quarter = 200.0 * 30.0**0.25  # two of eight, in equal ratios from 200 to 6000 Hz
    wait(lambda: abs(playing.ear.values(CUTOFF)[-1] - quarter) < 5.0)
    row.get_by_label("Heart").select_option("the first heart")
    row.get_by_text(re.compile("^bpm →")).wait_for()
    page.get_by_role("button", name="Stop cello").click()
    together.wait_for(state="hidden")


def test_record_mark_and_play_again(playing, page):
    open_page(page, playing.address)
    start(page)
    playing.ear.wait_for_beats(2)
    page.get_by_role("button", name="Record").click()
    page.get_by_text("● recording").wait_for()
    page.locator("body").press("m")
    page.get_by_text("marked:").wait_for()
    begun = len(playing.ear.beats())
    playing.ear.wait_for_beats(begun + 4)
    page.get_by_role("button", name="Recording").click()
    wait(lambda: page.get_by_text("● recording").count() == 0)
    (kept,) = playing.folder.glob("*.csv")
    text = kept.read_text(encoding="utf-8")
    assert re.search(r",,marker,mark \d\d:\d\d:\d\d\n", text)
    assert len(re.findall(r",,beat,", text)) >= 4
    page.get_by_role("button", name="Add a heart").click()
    session = page.get_by_role("article", name=kept.name)
    session.get_by_role("button", name="Play again").click()
    wait(lambda: page.locator("#cards .card").count() == 2)


def add_receiver(page, playing, name="zyn"):
    page.get_by_label("Move another program").select_option(name)
    where = page.get_by_label("Where it listens")
    where.fill(f"127.0.0.1:{playing.ear.port}")
    where.press("Tab")
    wait(lambda: where.input_value() == f"127.0.0.1:{playing.ear.port}")


CUTOFF = "/part0/kit0/adpars/GlobalPar/GlobalFilter/basefreq"


def test_a_row_is_changed_while_it_plays_and_so_is_what_leaves(playing, page):
    ear = playing.ear
    open_page(page, playing.address)
    start(page)
    add_receiver(page, playing)
    wait(lambda: ear.values(CUTOFF))
    row = page.locator(".row").first
    wait(lambda: row.locator("output").text_content() != "–")
    row.get_by_text("Change").click()
    low, high = row.get_by_label("Sends, from"), row.get_by_label("Sends, to")
    high.fill("9000")
    high.press("Tab")
    low.fill("7000")
    low.press("Tab")
    wait(lambda: ear.values(CUTOFF)[-1] >= 7000.0)
    high.fill("")
    high.press("Tab")
    assert high.input_value() == "9000"
    low.fill("-5")
    low.press("Tab")
    page.get_by_text("exp is equal ratios").wait_for()
    wait(lambda: low.input_value() == "7000")
    # Left out, it stands still; the note beside it goes on.
    row.get_by_role("checkbox").uncheck()
    page.locator(".row.muted").wait_for()
    ear.all_heard()
    held, notes = len(ear.values(CUTOFF)), len(ear.values("/noteOn"))
    wait(lambda: len(ear.values("/noteOn")) > notes + 2)
    assert len(ear.values(CUTOFF)) == held
    page.reload()
    page.locator(".row.muted").wait_for()
    assert page.get_by_label("Where it listens").input_value() == f"127.0.0.1:{ear.port}"


def test_a_row_is_moved_by_itself_for_the_other_side_to_learn(playing, page):
    """Without a heart: nothing else moves."""
    open_page(page, playing.address)
    add_receiver(page, playing)
    page.get_by_role("button", name="Move pan of part 1 now").click()

    def moved():
        """How many values have come, of which not each does where the machine is busy."""
        found = set(playing.ear.values("/part0/Ppanning"))
        return len(found) if found and min(found) < 60 and max(found) > 68 else 0

    wait(lambda: moved() > 3)
    assert {address for _, address, _ in playing.ear.heard} == {"/part0/Ppanning"}


def test_receivers_are_kept_with_the_setup_and_as_a_map(playing, page):
    open_page(page, playing.address)
    add_receiver(page, playing)
    page.on("dialog", lambda dialog: dialog.accept("tonight"))
    page.get_by_role("button", name="Save").click()
    page.get_by_text("kept as tonight").wait_for()
    page.get_by_role("button", name="Keep as a map").click()
    page.get_by_text("it plays without the panel too").wait_for()
    assert f":{playing.ear.port}" in (playing.folder / "zyn.toml").read_text(encoding="utf-8")
    page.get_by_role("button", name="Remove ZynAddSubFX").click()
    wait(lambda: page.locator(".row").count() == 0)
    page.get_by_label("Setup").select_option("tonight")
    page.locator(".row").first.wait_for()
    assert page.get_by_label("Where it listens").input_value() == f"127.0.0.1:{playing.ear.port}"


def kept_take(playing):
    """A minute of pulse in the folder, before the page is opened."""
    playing.folder.mkdir(exist_ok=True)
    (playing.folder / "take.csv").write_bytes(example("pulse.csv").read_bytes())


def test_a_take_is_noted_made_into_clips_and_explored(playing, page):
    pytest.importorskip("plotly")
    kept_take(playing)
    open_page(page, playing.address)
    page.get_by_role("button", name="Add a heart").click()
    take = page.get_by_role("article", name="take.csv")
    take.get_by_label("Note on take.csv").fill("the calm one")
    take.get_by_label("Note on take.csv").press("Tab")
    wait(lambda: "calm" in notes(playing))
    assert is_drawn(page, ".session canvas")
    take.get_by_label("Style for take.csv").select_option("heartbeat")
    take.get_by_role("button", name="Make its page").click()
    link = take.get_by_role("link", name="Open the page of take.csv")
    link.wait_for(timeout=120_000)
    assert list((playing.folder / "clips").glob("take_*.mid"))
    with page.context.expect_page() as opened:
        link.click()
    explored = opened.value
    wrong = listen_for_errors(explored)
    explored.locator(".main-svg").first.wait_for(timeout=PATIENCE_MS)
    assert explored.evaluate("origin") == "null"
    explored.close()
    assert wrong == []
    take.get_by_role("button", name="Drop into Live").wait_for()
    assert take.get_by_label("Note on take.csv").input_value() == "the calm one"


def notes(playing):
    path = playing.folder / "notes.json"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_a_reload_keeps_what_plays(playing, page):
    open_page(page, playing.address)
    start(page, name="violin")
    playing.ear.wait_for_beats(1, "/heart/violin")
    page.reload()
    page.get_by_role("article", name="violin").wait_for()
    assert page.locator("#cards .card").count() == 1


def test_a_page_or_a_server_that_goes_does_not_end_the_music(playing, page):
    open_page(page, playing.address)
    start(page)
    playing.ear.wait_for_beats(1)
    page.goto("about:blank")
    playing.ear.all_heard()
    before = len(playing.ear.beats())
    playing.ear.wait_for_beats(before + 3)
    os.kill(playing.server(), signal.SIGKILL)
    playing.ear.all_heard()
    before = len(playing.ear.beats())
    playing.ear.wait_for_beats(before + 3)


def test_what_played_is_taken_up_at_the_next_start(tmp_path, page):
    first = Playing(tmp_path)
    open_page(page, first.address)
    start(page, name="violin")
    first.ear.wait_for_beats(1, "/heart/violin")
    page.goto("about:blank")
    assert first.end() == 0
    second = Playing(tmp_path)
    try:
        second.ear.wait_for_beats(1, "/heart/violin")
    finally:
        assert second.end() == 0


def test_by_keyboard_alone(playing, page):
    open_page(page, playing.address)
    page.keyboard.press("Tab")
    for _ in range(40):
        if page.evaluate("document.activeElement.id") == "add":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Start A simulated heart").wait_for()
    for _ in range(10):
        label = page.evaluate("document.activeElement.getAttribute('aria-label')")
        if label == "Start A simulated heart":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    playing.ear.wait_for_beats(1)
    page.locator("#reach").wait_for(state="hidden")
    page.locator("#record").focus()
    page.keyboard.press("Enter")
    page.get_by_text("● recording").wait_for()
    page.keyboard.press("m")
    page.get_by_text("marked: mark").wait_for()
    page.keyboard.press("Enter")
    wait(lambda: page.get_by_text("● recording").count() == 0)
    page.locator("#stage").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Leave stage view").wait_for()
    page.keyboard.press("Escape")
    wait(lambda: page.evaluate("document.activeElement.id") == "stage")


def test_marks_have_names(playing, page):
    open_page(page, playing.address)
    start(page)
    playing.ear.wait_for_beats(1)
    page.on("dialog", lambda dialog: dialog.accept("rest, stress ,rest"))
    page.get_by_role("button", name="Name marks").click()
    page.get_by_role("button", name="Record").click()
    page.get_by_text("● recording").wait_for()
    marks = page.get_by_role("group", name="Marks").get_by_role("button")
    assert marks.all_text_contents() == ["rest", "stress"]
    marks.nth(1).click()
    page.get_by_text("marked: stress").wait_for()
    page.get_by_role("button", name="Recording").click()
    wait(lambda: page.get_by_text("● recording").count() == 0)
    (kept,) = playing.folder.glob("*.csv")
    assert ",,marker,stress\n" in kept.read_text(encoding="utf-8")


def test_the_key_of_marks_can_be_switched_off(playing, page):
    open_page(page, playing.address)
    start(page)
    playing.ear.wait_for_beats(1)
    page.get_by_role("button", name="Record").click()
    page.get_by_text("● recording").wait_for()
    key, hint = page.get_by_label("Key M marks"), page.locator("#mark kbd")
    assert hint.is_visible()
    key.uncheck()
    assert not hint.is_visible()
    for element in ("body", "#record", "#mark-key"):
        page.locator(element).press("m")
    page.reload()
    page.get_by_role("article", name="heart1").wait_for()
    assert not key.is_checked()
    page.locator("body").press("M")
    page.get_by_role("button", name="Mark", exact=True).click()
    key.check()
    key.press("m")
    page.get_by_role("button", name="Recording").click()
    wait(lambda: page.get_by_text("● recording").count() == 0)
    (kept,) = playing.folder.glob("*.csv")
    assert kept.read_text(encoding="utf-8").count(",,marker,mark ") == 2


def test_names_are_text_and_nothing_else(playing, page):
    playing.folder.mkdir(exist_ok=True)
    name = "<img src=x onerror=alert(1)>.csv"
    (playing.folder / name).write_text("800\n810\n790\n805\n", encoding="utf-8")
    open_page(page, playing.address)
    page.get_by_role("button", name="Add a heart").click()
    page.get_by_role("heading", name=name).wait_for()
    assert page.locator("img").count() == 0


@pytest.fixture(scope="module")
def standing(chromium, tmp_path_factory):
    """A panel in which there is something of everything."""
    playing = Playing(tmp_path_factory.mktemp("standing"))
    kept_take(playing)
    page = chromium.new_page()
    page.set_default_timeout(PATIENCE_MS)
    open_page(page, playing.address)
    start(page)
    add_receiver(page, playing)
    page.close()
    yield playing
    assert playing.end() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(390, 844), (1280, 800), (1920, 1080)])
def test_at_every_size_nobody_is_shut_out(standing, chromium, size, theme):
    audit = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    width, height = size
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    wrong = listen_for_errors(page)
    open_page(page, standing.address)
    page.locator(".row summary").first.click()
    page.get_by_role("button", name="Add a heart").click()
    page.get_by_role("button", name="Start A simulated ECG").wait_for()
    page.get_by_role("article", name="take.csv").wait_for()
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    found = audit.run(page, options=rules).response["violations"]
    serious = [each["id"] for each in found if each["impact"] in ("serious", "critical")]
    assert serious == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    context.close()
    assert wrong == []


def test_reduced_motion_is_a_still_a_second(standing, chromium):
    context = chromium.new_context(reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    open_page(page, standing.address)
    painted, seconds = page.evaluate(
        """() => new Promise((done) => {
            const [frames, begun] = [panel.frames, performance.now()];
            let left = 120;
            const next = (now) => {
                if (left--) requestAnimationFrame(next);
                else done([panel.frames - frames, (now - begun) / 1000]);
            };
            requestAnimationFrame(next);
        })"""
    )
    context.close()
    assert painted <= seconds + 2


def test_a_page_elsewhere_gets_nothing(playing, chromium):
    """By rebinding (its name means this computer) and across sites: both end at the guard."""
    context = chromium.new_context()
    page = context.new_page()
    answer = page.goto(f"http://evil.test:{playing.port}/")
    assert answer.status == 421
    page.goto("data:text/html,<p>elsewhere</p>")
    opened = page.evaluate(
        """port => new Promise((done) => {
            const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`);
            socket.onopen = () => done("open");
            socket.onerror = () => done("refused");
        })""",
        playing.port,
    )
    assert opened == "refused"
    loaded = page.evaluate(
        """port => new Promise((done) => {
            const script = document.createElement("script");
            script.src = `http://127.0.0.1:${port}/main.js`;
            script.onload = () => done("loaded");
            script.onerror = () => done("refused");
            document.head.append(script);
        })""",
        playing.port,
    )
    assert loaded == "refused"
    context.close()
