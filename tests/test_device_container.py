"""The .amxd container: both forms, byte for byte, and damaged files refused."""

import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.sinks.liveset import amxd as container
from bridge.sinks.liveset.amxd import ContainerError, File
from max_for_live.build import HERE, NAME, build
from max_for_live.graph import patchers

DOCUMENT = {"patcher": {"boxes": [], "lines": []}}
JSON = b'{"patcher":{"boxes":[],"lines":[]}}\n\0'


def test_unfrozen_bytes() -> None:
    assert container.unfrozen(DOCUMENT) == (
        b"ampf\x04\0\0\0mmmmmeta\x04\0\0\0\x01\0\0\0ptch\x25\0\0\0" + JSON
    )


def _entry(kind: bytes, name: bytes, size: bytes, offset: bytes, flag: bytes, date: bytes) -> bytes:
    word = b"\0\0\0\x0c"
    return (
        b"dire\0\0\0\x60"
        + (b"type" + word + kind)
        + (b"fnam\0\0\0\x10" + name)
        + (b"sz32" + word + size)
        + (b"of32" + word + offset)
        + (b"vers" + word + b"\0\0\0\0")
        + (b"flag" + word + flag)
        + (b"mdat" + word + date)
    )


def test_frozen_bytes() -> None:
    own = _entry(
        b"JSON", b"Dev.amx\0", b"\0\0\0\x25", b"\0\0\0\x10", b"\0\0\0\x11", b"\xe1\xb7\xb1\0"
    )
    script = _entry(b"TEXT", b"a.js\0\0\0\0", b"\0\0\0\2", b"\0\0\0\x35", b"\0\0\0\0", b"\0\0\0\7")
    archive = b"mx@c\0\0\0\x10" + b"\0\0\0\0\0\0\0\x37" + JSON + b"1;"
    body = archive + b"dlst" + struct.pack(">I", 8 + len(own) + len(script)) + own + script
    head = b"ampf\x04\0\0\0mmmm" + b"meta\x04\0\0\0\x07\0\0\0" + b"ptch"
    made = container.frozen(DOCUMENT, "Dev.amx", [File("a.js", b"1;", date=7)])
    assert made == head + struct.pack("<I", len(body)) + body


@pytest.mark.slow
@given(
    st.lists(
        st.builds(
            File,
            name=st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1),
            data=st.binary(max_size=50),
            kind=st.sampled_from([b"TEXT", b"JSON", b"svg "]),
            flag=st.integers(0, 255),
            date=st.integers(0, 2**32 - 1),
        ),
        max_size=4,
    )
)
def test_what_is_written_is_read_back(files: list[File]) -> None:
    data = container.frozen(DOCUMENT, "D.amxd", files)
    device = container.read(data)
    assert device.frozen
    assert (device.name, device.files, device.document()) == ("D.amxd", tuple(files), DOCUMENT)
    assert container.write(device) == data


def test_unfrozen_is_read_back() -> None:
    data = container.unfrozen(DOCUMENT)
    device = container.read(data)
    assert not device.frozen
    assert device.document() == DOCUMENT
    assert container.write(device) == data


def test_a_device_without_meta_and_with_garbage_after_its_nul_is_read() -> None:
    body = JSON + b"left over"
    data = b"ampf\x04\0\0\0aaaa" + b"ptch" + struct.pack("<I", len(body)) + body
    device = container.read(data)
    assert (device.kind, device.meta, device.document()) == (b"aaaa", None, DOCUMENT)
    assert container.write(device) == data


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no ampf"),
        (b"PK\3\4", "cut short"),
        (container.unfrozen(DOCUMENT)[:-1], "promises"),
        (b"ampf\x04\0\0\0mmmm", "no ptch"),
        (b"ampf\x04\0\0\0mmmmciph\0\0\0\0ptch\0\0\0\0", "encrypted"),
        (b"ampf\x04\0\0\0mmmmptch\x08\0\0\0mx@c\0\0\0\x10", "no header"),
    ],
)
def test_damaged_files_are_refused(data: bytes, why: str) -> None:
    with pytest.raises(ContainerError, match=why):
        container.read(data)


def test_a_patcher_that_is_no_json_is_refused() -> None:
    with pytest.raises(ContainerError, match="not JSON"):
        container.Device(b"{\0").document()
    with pytest.raises(ContainerError, match="no patcher"):
        container.Device(b"[]\0").document()


def test_the_committed_device_is_a_fresh_build() -> None:
    assert (HERE / NAME).read_bytes() == build().frozen(), "run: python -m max_for_live.build"


def test_both_forms_hold_the_same_patcher() -> None:
    built = build()
    frozen, unfrozen = container.read(built.frozen()), container.read(built.unfrozen())
    assert frozen.document() == unfrozen.document()
    assert [file.name for file in frozen.files] == [file.name for file in built.scripts]


def test_the_unfrozen_form_is_written_with_its_scripts_beside_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "max_for_live.build", "--unfrozen", str(tmp_path / "work")]
    subprocess.run(command, cwd=HERE.parent, check=True, capture_output=True, timeout=300)
    device = container.read((tmp_path / "work" / NAME).read_bytes())
    assert not device.frozen
    named = {
        box["text"].split()[1]
        for _, patcher in patchers(device.document()["patcher"])
        for box in (entry["box"] for entry in patcher["boxes"])
        if box.get("text", "").startswith("js ")
    }
    assert {path.name for path in (tmp_path / "work").iterdir()} == named | {NAME}
