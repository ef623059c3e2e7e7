"""``harness doctor``: what is there, what is missing, and the command that gets it."""

import typer

from harness.cli.parameters import Home, TrackingUri
from harness.console.echo import echo


def doctor(tracking_uri: TrackingUri = None, home: Home = None) -> None:
    """Check what a run needs; exit code 1 if anything is missing or no longer what it was."""
    from harness.base.aligned_text import columns
    from harness.cli.doctor_checks import Check, all_checks

    found: list[Check] = []
    for check in all_checks(tracking_uri):
        found.append(check)
        echo(columns([(f"{check.mark:7} {check.what:22}", check.finding)]))
    remedies = [check.remedy for check in found if check.remedy]
    if remedies:
        echo("\nWhat to do:\n  " + "\n  ".join(remedies))
    if any(check.is_problem for check in found):
        raise typer.Exit(1)
    echo("\nEverything that a default run needs is here or can be fetched.")
