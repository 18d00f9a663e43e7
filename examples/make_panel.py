"""Takes ``panel.png`` and ``panel-receivers.png``: two simulated hearts, and what they move."""

import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PICTURE = Path(__file__).with_name("panel.png")
HEARTS = {"violin": "sim?bpm=64&seed=3", "cello": "sim?bpm=72&kind=ecg&seed=4"}
SECONDS = 45
WIDTH, HEIGHT = 1280, 1060
RECEIVERS = Path(__file__).with_name("panel-receivers.png")
RECEIVER = "zyn"


def main() -> None:
    """Start the program, let two hearts play for a while, and look at the page."""
    with tempfile.TemporaryDirectory() as folder:
        program = subprocess.Popen(
            [
                sys.executable, "-m", "bridge", "panel", "--port", "0", "--no-open", "--fresh",
                "--folder", folder,
            ],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert program.stdout is not None
            found = re.search(r"http://\S+", program.stdout.readline())
            assert found is not None
            look(found[0])
        finally:
            program.send_signal(signal.SIGTERM)
            program.wait(20)


def look(address: str) -> None:
    """Choose the hearts as a person does, and take the picture."""
    with sync_playwright() as run:
        browser = run.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        context = browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light"
        )
        page = context.new_page()
        page.goto(address)
        page.locator("body[data-connected]").wait_for()
        page.get_by_role("button", name="I know my way").click()
        for name, source in HEARTS.items():
            start(page, name, source)
        page.get_by_label("Move another program").select_option(RECEIVER)
        page.locator(".row").first.wait_for()
        page.wait_for_timeout(SECONDS * 1000)
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=PICTURE)
        page.emulate_media(color_scheme="dark")
        page.locator(".row summary").first.click()
        page.wait_for_timeout(1000)
        page.locator("#receivers article").screenshot(path=RECEIVERS)
        browser.close()


def start(page: Page, name: str, source: str) -> None:
    """Start one heart."""
    page.get_by_role("button", name="Add a heart").click()
    page.get_by_label("Its name").fill(name)
    page.get_by_label("Another source").fill(source)
    page.get_by_label("Another source").press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("article", name=name).wait_for()
    page.locator("#reach").wait_for(state="hidden")


if __name__ == "__main__":
    main()
