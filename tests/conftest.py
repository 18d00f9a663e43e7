"""Fixtures of the whole suite: the shared recordings, and the real programs that are here."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings as examples

from bridge import settings
from tests.firmware_harness import build

examples.register_profile(
    "a busy machine", examples.get_profile(examples.get_current_profile_name()), deadline=None
)
examples.load_profile("a busy machine")  # how long an example takes is for the benchmarks

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session", autouse=True)
def settings_of_the_tests(tmp_path_factory):
    """What the commands remember is kept in a folder of the tests' own, not in their owner's."""
    folder = str(tmp_path_factory.mktemp("settings"))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME",) if sys.platform == "darwin" else ("XDG_CONFIG_HOME", "APPDATA"):
            patch.setenv(name, folder)
        yield


@pytest.fixture(autouse=True)
def nothing_is_remembered(settings_of_the_tests):
    """No test plays what the one before it played last."""
    yield
    settings.path().unlink(missing_ok=True)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The annotated real recordings, kept beside the project."""
    data = SHARED / "data"
    if not data.is_dir():
        pytest.skip("the shared recordings are not beside this checkout (../shared/data)")
    return data


@pytest.fixture(scope="session")
def need_program() -> Callable[[str], str]:
    """Give the path of a real program; without it skip, or fail where CI promises to have it."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            reason = f"the program {name} is not installed"
            if os.environ.get("CI"):
                pytest.fail(f"{reason}, and CI must run the real thing")
            pytest.skip(reason)
        return path

    return find


@pytest.fixture(scope="session")
def built(tmp_path_factory, need_program):
    """A folder with the simulated board and, below it, the sketches for every AVR board."""
    folder = tmp_path_factory.mktemp("firmware")
    build.sketches(folder, need_program)
    build.board(folder, need_program)
    return folder
