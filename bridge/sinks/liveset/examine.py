"""Asks the Max for Live device how it is, and judges what it says of itself."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge import __version__
from bridge.errors import UserError
from bridge.osc import contract
from bridge.osc.contract import Target
from bridge.osc.listen import Handlers, listen

ASK_EVERY_S = 0.5
FOLLOW_WAIT_S = 2.0
"""A device answers within a turn of its queue; where there is none, one waits for nothing."""
Report = Mapping[str, str]
"""Item -> what the device says of it, as in ``max_for_live/code/examine.js``."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    passed: bool
    what: str
    """The item and what the device says of it."""
    do: str = ""
    """What to do when it failed."""


async def ask(target: Target, wait_s: float, listen_port: int = contract.LISTEN_PORT) -> Report:
    """Ask until the whole report has come, at most for so long; returns the lines that came.

    It hears the report that a device sends of itself when it is loaded, too, where
    ``listen_port`` is free.
    """
    lines: dict[str, str] = {}
    whole = asyncio.Event()

    def said(arguments: list[Any], _sender: tuple[str, int]) -> None:
        lines[str(arguments[0])] = str(arguments[1])

    def over(arguments: list[Any], _sender: tuple[str, int]) -> None:
        if len(lines) >= int(arguments[0]):
            whole.set()

    handlers: Handlers = {"/device/report": said, "/device/reported": over}
    try:
        transport = await listen(listen_port, handlers)
    except UserError:
        transport = await listen(0, handlers)
    port = transport.get_extra_info("sockname")[1]
    question = contract.encode("/device/examine", [port])
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                while not whole.is_set():
                    transport.sendto(question, target)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(whole.wait(), ASK_EVERY_S)
    finally:
        transport.close()
    return lines


async def tempo_follows(targets: Iterable[Target]) -> dict[Target, bool]:
    """Of the targets that are devices, whether each lets the Set's tempo follow the heart.

    Only this computer's are asked: a device answers nobody else.
    """
    here = [target for target in targets if target[0] == contract.TARGET_HOST]
    reports = await asyncio.gather(*(ask(target, FOLLOW_WAIT_S, 0) for target in here))
    return {
        target: report.get("tempo follow") == "1"
        for target, report in zip(here, reports, strict=True)
        if report
    }


def _at_least(*wanted: int) -> Callable[[str], bool]:
    def enough(said: str) -> bool:
        parts = [int(part) for part in said.split(".") if part.isdecimal()]
        return tuple(parts[: len(wanted)]) >= wanted

    return enough


_AGAIN = "run `beatbridge device install`, delete the device in the Set and drag it in again"
_CONSOLE = "right-click the device's title bar, Open Max Window, and send us what it says"
_CHECKS: Sequence[tuple[str, Callable[[str], bool], str]] = (
    ("device", lambda said: said == __version__, f"this is beatbridge {__version__}: {_AGAIN}"),
    ("contract", lambda said: said == str(contract.VERSION),
     f"beatbridge speaks contract {contract.VERSION}: {_AGAIN}"),
    ("live", _at_least(12), "the device is made for Live 12; in an older one it is untried"),
    ("max", _at_least(8, 6), "the device is made for Max 8.6 and later"),
    ("port ours", lambda said: said == "1",
     "another program or device holds this port: choose another on the device, or close the other "
     "(? means that Live's audio engine is off)"),
    ("switched on", lambda said: said != "0", "switch the device on in Live"),
    ("clips script", lambda said: said == "alive", _CONSOLE),
    ("mapping script", lambda said: said == "alive", _CONSOLE),
    ("hearts script", lambda said: said == "alive", _CONSOLE),
    ("track", lambda said: said not in ("?", "none"),
     "no clip can be dropped: the device is on no track that Live shows it"),
    ("song tempo", lambda said: said.isdecimal() and said != "0",
     "Tempo Follow will not work; everything else does"),
)  # fmt: skip


def judge(report: Report, port: int) -> list[Finding]:
    """What passed and what failed, in the order in which one thing needs the other."""
    findings = [
        Finding(test(report.get(item, "?")), f"{item}: {report.get(item, '?')}", do)
        for item, test, do in _CHECKS
    ]
    said = report.get("port", "?")
    findings.insert(4, Finding(said == str(port), f"port: {said}", f"it was asked on {port}"))
    patch, script = report.get("dict of patch", "?"), report.get("dict of script", "?")
    same = patch == script and patch != "?" and "---" not in patch
    findings.append(
        Finding(
            same,
            f"lanes: {patch} in the patch, {script} in the script",
            f"the lanes of dropped clips are not kept with the Set; {_CONSOLE}",
        )
    )
    return findings
