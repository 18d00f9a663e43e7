"""The thread that plays goes first where the system permits it, and no other does."""

import os
import sys
import threading

import pytest

from bridge.sinks.hurry import hurry


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="only Linux tells")
def test_only_the_thread_that_asks_goes_first() -> None:
    before = os.sched_getscheduler(0)
    now: list[int] = []

    def ask() -> None:
        hurry()
        now.append(os.sched_getscheduler(0))

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert now[0] in (os.SCHED_FIFO, before)
    if os.geteuid() == 0 and now[0] == before:
        pytest.skip("this container grants no real-time priority")
    assert os.sched_getscheduler(0) == before


def test_a_system_that_refuses_is_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    if sys.platform != "win32" and hasattr(os, "sched_setscheduler"):
        monkeypatch.setattr(os, "sched_setscheduler", refuse)
    hurry()
