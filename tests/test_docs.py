"""The pages for people: what they name exists, and the drawing shows the code as it is."""

import html
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *ROOT.glob("*/README.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_and_paths_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    lost = [link for link in links if not (page.parent / link).exists()]
    named = re.findall(r"`((?:bridge|tests|docs|examples|firmware|max_for_live)/[\w./-]*)`", text)
    lost += [path for path in named if not (ROOT / path).exists()]
    assert lost == []


SHOWN = [*PAGES, ROOT / "max_for_live" / "TEST-PLAN.md", *sorted((ROOT / "examples").glob("*.svg"))]


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_can_be_typed_as_they_are_shown(page):
    """zsh takes a bare ? for a pattern, and every shell takes & for an end."""
    text = html.unescape(page.read_text(encoding="utf-8")).replace("\xa0", " ")
    commands = re.findall(r"beatbridge (?:live|record|play|render|analyze)\b[^`<\n]*", text)
    bare = [re.sub(r"\"[^\"]*\"|'[^']*'", "", command) for command in commands]
    assert [command for command in bare if re.search(r"\w[?&]\w|\[plot\]", command)] == []


def test_every_test_that_is_named_is_there():
    named = re.findall(r"`(\w[\w/]*\.py)::(\w+)`", (ROOT / "docs/faults.md").read_text("utf-8"))
    assert len(named) > 50
    lost = [
        (file, name)
        for file, name in named
        if f"\ndef {name}(" not in (ROOT / "tests" / file).read_text("utf-8")
    ]
    assert lost == []


def test_the_readme_is_one_page():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 150


def test_the_drawing_shows_the_code_as_it_is(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    from make_architecture import PICTURE, draw

    assert PICTURE.read_text(encoding="utf-8") == draw(), (
        "docs/architecture.svg is stale: uv run python docs/make_architecture.py"
    )
