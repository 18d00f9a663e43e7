"""``beatbridge device check``: the running device examines itself; what passed, what to do."""

import asyncio
import platform
from pathlib import Path
from typing import Annotated

import typer

from bridge import __version__
from bridge.errors import BeatbridgeError
from bridge.offline.atomic import write_atomically
from bridge.osc import contract

REPORT = Path("beatbridge-device-report.txt")


def check(
    port: Annotated[
        int, typer.Option(min=1024, max=65535, help="The port that is set on the device.")
    ] = contract.TARGET_PORT,
    wait: Annotated[
        float, typer.Option(min=0.1, max=600, help="How many seconds to wait for its answer.")
    ] = 5.0,
    report: Annotated[
        Path, typer.Option(metavar="FILE", help="Where the report goes, to be pasted whole.")
    ] = REPORT,
) -> None:
    """Ask the device in Live how it is; say what passed, what failed, and what to do."""
    from bridge.sinks.liveset.examine import ask, judge

    said = asyncio.run(ask((contract.TARGET_HOST, port), wait))
    findings = judge(said, port) if said else []
    lines = [
        f"beatbridge {__version__}, contract {contract.VERSION}, "
        f"Python {platform.python_version()}, {platform.platform()}",
        f"asked on {contract.TARGET_HOST}:{port}",
    ]
    for finding in findings:
        lines.append(f"{'ok  ' if finding.passed else 'FAIL'} {finding.what}")
        if not finding.passed:
            lines.append(f"     {finding.do}")
    judged = {finding.what.split(":")[0] for finding in findings} | {"dict of patch"}
    lines += [f"     {k}: {v}" for k, v in said.items() if k not in judged | {"dict of script"}]
    if not said:
        lines.append("no answer")
    write_atomically(report, ("\n".join(lines) + "\n").encode())
    for line in lines[2:] if said else ():
        typer.echo(line)
    typer.echo(f"report: {report}")
    if not said:
        raise BeatbridgeError(
            f"no device answers on {contract.TARGET_HOST}:{port}: is Live running, with Beatbridge "
            f"on a MIDI track and its port set to {port}? `beatbridge device install --parts` "
            "finds out how far it gets"
        )
    failed = [finding for finding in findings if not finding.passed]
    if failed:
        raise BeatbridgeError(f"{len(failed)} of {len(findings)} checks failed")
