"""``beatbridge doctor``: one page that says what works on this machine, to read or to paste."""

import typer


def doctor() -> None:
    """Say in one page what works on this machine; paste it into a report.

    Ends with 0 when all that ought to work does (-- is not there and need not be), else with 1.
    """
    from bridge.cli.health import FAIL, examine

    failed = 0
    for heading, findings in examine():
        typer.echo(heading)
        for finding in findings:
            failed += finding.state == FAIL
            helps = f" ({finding.do})" if finding.do else ""
            typer.echo(f"  {finding.state:<4}  {finding.what}{helps}")
    typer.echo("all is well" if not failed else f"{failed} FAIL: see above what helps")
    if failed:
        raise typer.Exit(1)
