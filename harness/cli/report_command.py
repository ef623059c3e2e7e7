"""``harness report`` and ``harness export``: what a study has measured, again, without running anything."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.completion import names_of
from harness.cli.parameters import Experiment, Home, TrackingUri
from harness.console.echo import echo

if TYPE_CHECKING:
    from harness.track import Tracker

Budget = Annotated[str | None, typer.Option(help="Which budget's study  [default: the one that ran last].")]
Study = Annotated[
    str,
    typer.Argument(
        metavar="STUDY",
        help="A study that has run, or a folder of exported records.",
        autocompletion=names_of("study"),
    ),
]


def report(
    study: Study,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FOLDER", help="Where to write it  [default: in the home folder].")
    ] = None,
    budget: Budget = None,
    tracking_uri: TrackingUri = None,
    experiment: Experiment = None,
    home: Home = None,
) -> None:
    """Write a study's report again from its records, and keep it with the study's run: HTML, Markdown, LaTeX, CSV, …"""
    from harness.base.writable import require_folder
    from harness.publish.report_again import records_of, report_again

    if to is not None:
        require_folder(to)
    records, tracker = records_of(study, budget, lambda: _opened(tracking_uri, experiment))
    folder = report_again(records, to, tracker)
    echo(f"report {folder / 'report.html'}")


def export(
    study: Study,
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where the files go.")],
    budget: Budget = None,
    tracking_uri: TrackingUri = None,
    experiment: Experiment = None,
    home: Home = None,
) -> None:
    """Write a study's records as small Parquet files, to be committed, shared and imported again."""
    from harness.base.writable import require_folder
    from harness.publish.report_again import export_records, records_of

    require_folder(to)
    records, _ = records_of(study, budget, lambda: _opened(tracking_uri, experiment))
    export_records(records, to)
    finished = sum(record.finished for record in records.runs)
    echo(f"{finished} finished runs of {len(records.runs)} in {to}")


def _opened(tracking_uri: str | None, experiment: str | None) -> "Tracker":
    """The store; runs that died on it are ended."""
    from harness.runs.dead_runs import end_dead_runs
    from harness.track import open_tracker

    tracker = open_tracker(tracking_uri, experiment)
    end_dead_runs(tracker, echo)
    return tracker
