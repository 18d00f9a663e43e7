"""``docs/device.md`` and the test plan say what the device is."""

import re

import pytest

from max_for_live.build import HERE, part_name
from max_for_live.patch import face
from max_for_live.patch.parts import PARTS
from max_for_live.patch.shell import BANKS
from max_for_live.patch.sources import MENU

DOCS = HERE.parent / "docs"
PAGE = (DOCS / "device.md").read_text(encoding="utf-8")
PLAN = (HERE / "TEST-PLAN.md").read_text(encoding="utf-8")


def test_every_source_that_the_page_names_is_in_the_menu() -> None:
    table = PAGE[PAGE.index("| source |") : PAGE.index("*Min* and *Max* say")]
    named = {name for row in table.splitlines()[2:] for name in re.findall(r"`(.+?)`", row[:60])}
    shortened = {"Group BPM": "Group BPM 40-180", "Group hearts": "Group hearts 0-8",
                 "Group spread": "Group spread 0-30 BPM"}  # fmt: skip
    assert {shortened.get(name, name) for name in named} <= set(MENU)
    assert len(named) >= 15


@pytest.mark.parametrize("text", [PAGE, PLAN], ids=["page", "plan"])
def test_width_and_honesty(text: str) -> None:
    assert f"{face.FOLDED} pixels" in text
    assert "Nobody has opened" in text


def test_the_parts_and_the_banks_are_named_as_they_are() -> None:
    for part in PARTS:
        assert f"`{part_name(part).removesuffix('.amxd')}`" in PAGE
    names = [name for name, _ in BANKS]
    assert ", ".join(names) in PAGE
    assert ", ".join(names) in PLAN


def test_links_lead_somewhere() -> None:
    for page, text in ((DOCS, PAGE), (HERE, PLAN), (HERE, (HERE / "README.md").read_text("utf-8"))):
        for target in re.findall(r"\]\(([^)#]+)", text):
            assert (page / target).exists(), target
