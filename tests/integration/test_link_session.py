"""Joining an Ableton Link session, with the real library, in a network namespace of its own."""

import subprocess
import sys

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's"),
]
TRIES = 20
SCRIPT = """
ip link set lo up; ip link set lo multicast on; ip route add 224.0.0.0/4 dev lo
"$1" -m tests.integration.link_peer hold {seconds} & holder=$!
"$1" -m tests.integration.link_peer join {tries} >&2
wait $holder
"""


def test_joining_changes_nobodys_tempo(need_program):
    pytest.importorskip("aalink")
    unshare = need_program("unshare")
    if subprocess.run([unshare, "-n", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may not make network namespaces")
    script = SCRIPT.format(seconds=3 * TRIES + 8, tries=TRIES)
    done = subprocess.run(
        [unshare, "-n", "bash", "-c", script, "bash", sys.executable],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Link: 1 others, 128.0 a minute; leading now") == TRIES
    seen = [line.split() for line in done.stdout.splitlines()]
    assert {tempo for tempo, _ in seen} == {"128.000"}
    assert "1" in {peers for _, peers in seen}
