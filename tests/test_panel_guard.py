"""Who may talk to the panel: names, origins, keys, and what is on every answer."""

import re
from pathlib import Path

import pytest

from bridge.panel import guard

HOSTS = guard.allowed_hosts(7780, ["192.168.1.5", "fe80::1"])
OURS = {"Host": "127.0.0.1:7780"}


def test_the_names_of_this_computer():
    assert {
        "127.0.0.1:7780", "localhost:7780", "[::1]:7780", "192.168.1.5:7780", "[fe80::1]:7780",
    } == HOSTS  # fmt: skip


@pytest.mark.parametrize("host", sorted(HOSTS))
def test_every_name_may_ask(host):
    headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    assert guard.refusal("/", headers, HOSTS) is None
    assert guard.refusal("/socket", headers, HOSTS, socket=True) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.test:7780", "127.0.0.1", "127.0.0.1.evil.test:7780", "localhost.:7780",
        "127.0.0.1:80", "",
    ],
)  # fmt: skip
def test_another_name_is_misdirected(host):
    """DNS rebinding: a page of evil.test whose name has come to mean 127.0.0.1."""
    assert guard.refusal("/", {"Host": host}, HOSTS) == 421


@pytest.mark.parametrize(
    "origin",
    ["http://evil.test", "null", "http://127.0.0.1:9", "https://127.0.0.1:7780", "http://127.0.0.1"],
)  # fmt: skip
def test_a_page_elsewhere_is_refused(origin):
    assert guard.refusal("/", OURS | {"Origin": origin}, HOSTS) == 403
    assert guard.refusal("/socket", OURS | {"Origin": origin}, HOSTS, socket=True) == 403


def test_a_socket_needs_an_origin():
    assert guard.refusal("/", OURS, HOSTS) is None
    assert guard.refusal("/socket", OURS, HOSTS, socket=True) == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_request_sent_by_another_site_is_refused(site):
    assert guard.refusal("/", OURS | {"Sec-Fetch-Site": site}, HOSTS) == 403


def test_a_whole_address_as_target_is_refused():
    assert guard.refusal("http://evil.test/", OURS, HOSTS) == 400


def test_the_key_is_a_text_and_whole():
    assert guard.is_key("secret", "secret")
    for wrong in ("secre", "secret ", "", None, 5, ["secret"], "sécret"):
        assert not guard.is_key(wrong, "secret")


PAGE = Path(guard.__file__).with_name("page")


def test_the_page_is_small():
    assert sum(file.stat().st_size for file in PAGE.iterdir()) < 150_000


def brightness(colour):
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1])
def test_what_canvases_are_painted_with_can_be_told_from_their_ground(theme):
    """An audit in the browser sees no canvas: the colours are worked out here."""
    style = (PAGE / "style.css").read_text(encoding="utf-8")
    pairs = re.findall(r"--(\w+): light-dark\((#\w{6}), (#\w{6})\)", style)
    colours = {name: pair[theme] for name, *pair in pairs}
    least = {"text": 7.0, "second": 4.5, "warn": 4.5, "control": 3.0}
    least |= {f"heart{n}": 4.5 for n in (1, 2, 3, 4)}
    for name, ratio in least.items():
        for ground in ("page", "surface"):
            low, high = sorted(brightness(colours[each]) for each in (name, ground))
            assert (high + 0.05) / (low + 0.05) >= ratio, (name, ground)
