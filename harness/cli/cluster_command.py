"""``harness cluster``: look at the machines before a study goes to them."""

from typing import Annotated

import typer

from harness.cli.help_page import HelpPage
from harness.cli.parameters import Home, TrackingUri
from harness.console.echo import echo

app = typer.Typer(help="Workers on other machines.", no_args_is_help=True, rich_markup_mode=None)
WORKERS_SECONDS = 300


@app.callback()
def _group() -> None:
    """Has commands of its own even while there is one alone."""


@app.command(cls=HelpPage)
def check(
    cluster: Annotated[
        str, typer.Option("--cluster", metavar="ADDRESS|FILE", help="A scheduler's address, or a .toml file of jobs.")
    ],
    tracking_uri: TrackingUri = None,
    home: Home = None,
) -> None:
    """Who is there, with which versions and devices, what is missing, and one tiny run on each; exit code 1 if any."""
    from harness.base.aligned_text import columns
    from harness.runs.context import Context
    from harness.study.execute.check import check_cluster
    from harness.study.execute.elsewhere import reached, wait_for_workers
    from harness.track import open_tracker

    context = Context(open_tracker(tracking_uri))
    problems: list[str] = []
    with reached(cluster) as client:
        wait_for_workers(client, WORKERS_SECONDS)
        for worker in check_cluster(client, context):
            mark = "not ok" if worker.wrong else "ok"
            versions = "  ".join(f"{name} {version}" for name, version in worker.versions.items())
            echo(columns([(f"{mark:6} {worker.address}", f"{worker.host}, threads {worker.threads}, {worker.home}")]))
            echo(f"       {versions}")
            problems += [f"{worker.address} {reason}" for reason in worker.wrong]
    if problems:
        echo("\nWhat is wrong:\n  " + "\n  ".join(problems))
        raise typer.Exit(1)
    echo("\nAll of them make the runs that this machine would make.")
