"""``beatbridge device``: installing the device, and finding it in sources and in a wheel."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bridge.cli import device
from bridge.errors import BeatbridgeError, UserError
from bridge.sinks.liveset import amxd
from max_for_live.build import HERE, NAME, build, part_name
from max_for_live.patch.parts import FACE, NOTE, PARTS, SCRIPTS

RUN = CliRunner()
BYTES = (HERE / NAME).read_bytes()
PART_NAMES = [name for name, _ in PARTS.values()]


def _install(*arguments: str) -> str:
    result = RUN.invoke(device.device, ["install", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_path_names_the_file_of_this_checkout() -> None:
    result = RUN.invoke(device.device, ["path"])
    assert Path(result.output.strip()).read_bytes() == BYTES


def test_install_to_a_folder_says_where_and_what_it_did(tmp_path: Path) -> None:
    target = tmp_path / "a b" / "c" / NAME
    assert _install("--to", str(target.parent)).splitlines() == [f"installed: {target}"]
    assert target.read_bytes() == BYTES
    assert _install("--to", str(target.parent)).splitlines() == [f"already there: {target}"]
    assert [file.name for file in target.parent.iterdir()] == [NAME]


def test_install_keeps_a_device_that_its_owner_may_have_edited(tmp_path: Path) -> None:
    target = tmp_path / NAME
    for number, edited in enumerate((b"my own", b"my own", b"another of mine"), start=1):
        target.write_bytes(edited)
        kept = tmp_path / f"Beatbridge (kept {1 if number < 3 else 2}).amxd"
        assert _install("--to", str(tmp_path)).splitlines() == [
            f"kept what was there, it may be edited: {kept}",
            f"updated: {target}",
        ]
        assert kept.read_bytes() == edited
        assert target.read_bytes() == BYTES
    assert len(list(tmp_path.iterdir())) == 3  # the same one is kept once


def test_the_parts_are_four_devices_and_the_last_is_the_whole(tmp_path: Path) -> None:
    lines = _install("--parts", "--to", str(tmp_path)).splitlines()
    names = [f"Beatbridge {n} {what}.amxd" for n, what in enumerate(PART_NAMES, start=1)]
    assert lines[:4] == [f"installed: {tmp_path / name}" for name in names]
    assert sorted(file.name for file in tmp_path.iterdir()) == names
    assert (tmp_path / names[-1]).read_bytes() == BYTES
    for part in (NOTE, FACE, SCRIPTS):
        assert (tmp_path / part_name(part)).read_bytes() == build(part).frozen()


def test_the_unfrozen_device_is_the_patcher_with_its_scripts_beside_it(tmp_path: Path) -> None:
    result = RUN.invoke(device.device, ["path", "--unfrozen", str(tmp_path / "a b")])
    assert result.output.strip() == str(tmp_path / "a b" / NAME)
    patcher = amxd.read((tmp_path / "a b" / NAME).read_bytes())
    assert not patcher.frozen
    assert patcher.document() == build().document
    beside = {file.name: file.read_bytes() for file in (tmp_path / "a b").glob("*.js")}
    assert beside == {script.name: script.data for script in build().scripts}


def test_a_file_in_the_way_of_the_unfrozen_device_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = RUN.invoke(device.device, ["path", "--unfrozen", str(tmp_path / "file")])
    assert isinstance(result.exception, UserError)


@pytest.mark.parametrize(
    ("platform", "library"),
    [("darwin", "Music/Ableton/User Library"), ("win32", "Documents/Ableton/User Library")],
)
def test_install_finds_the_user_library(
    platform: str, library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.delenv("ONEDRIVE", raising=False)
    monkeypatch.setattr(device, "user_library", lambda home: _real(home, platform))
    with pytest.raises(UserError, match=r"no User Library at .*: start Live once, or .* --to DIR"):
        _install()
    (tmp_path / library).mkdir(parents=True)
    target = tmp_path / library / "Presets" / "MIDI Effects" / "Max MIDI Effect" / NAME
    assert _install().splitlines()[0] == f"installed: {target}"
    assert target.read_bytes() == BYTES


_real = device.user_library


def test_documents_in_onedrive_come_first_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = tmp_path / "OneDrive" / "Documents" / "Ableton" / "User Library"
    monkeypatch.setenv("ONEDRIVE", str(tmp_path / "OneDrive"))
    plain = tmp_path / "Documents" / "Ableton" / "User Library"
    assert device.user_library(tmp_path, "win32") == plain
    moved.mkdir(parents=True)
    assert device.user_library(tmp_path, "win32") == moved


@pytest.mark.parametrize(
    ("platform", "settings"),
    [
        ("darwin", "Library/Preferences/Ableton/Live 12.1/Library.cfg"),
        ("win32", "AppData/Roaming/Ableton/Live 12.1/Preferences/Library.cfg"),
    ],
)
def test_a_library_that_was_moved_is_found_in_lives_settings(
    platform: str, settings: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ONEDRIVE", raising=False)
    moved = tmp_path / "Sound & Music"
    config = tmp_path / settings
    config.parent.mkdir(parents=True)
    config.write_text(
        f'<Ableton><ProjectPath Value="{tmp_path}/Sound &amp; Music" /></Ableton>', "utf-8"
    )
    (tmp_path / "Music" / "Ableton" / "User Library").mkdir(parents=True)
    (tmp_path / "Documents" / "Ableton" / "User Library").mkdir(parents=True)
    assert device.user_library(tmp_path, platform).parent.name == "Ableton"
    (moved / "Presets").mkdir(parents=True)
    assert device.user_library(tmp_path, platform) == moved
    (moved / "User Library").mkdir()
    assert device.user_library(tmp_path, platform) == moved / "User Library"


def test_elsewhere_a_folder_must_be_named() -> None:
    with pytest.raises(UserError, match="--to DIR"):
        device.user_library(Path("/home/x"), "linux")


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="this is a file"):
        _install("--to", str(tmp_path / "file"))
    with pytest.raises(BeatbridgeError, match=r"Beatbridge\.amxd cannot be written"):
        _install("--to", str(tmp_path / "file" / "below"))


@pytest.mark.slow
def test_the_wheel_carries_the_device_and_finds_it(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=HERE.parent, check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = "from bridge.cli.device import packaged, packaged_parts as p; p(); print(packaged())"
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env={"PYTHONPATH": str(tmp_path / "site"), "PATH": ""},
        check=True, capture_output=True, text=True, timeout=300,
    ).stdout.strip()  # fmt: skip
    assert Path(found) == tmp_path / "site" / "bridge" / "_device" / NAME
    assert Path(found).read_bytes() == BYTES
    parts = sorted(file.name for file in (Path(found).parent / "parts").iterdir())
    assert parts == [part_name(part) for part in (NOTE, FACE, SCRIPTS)]
