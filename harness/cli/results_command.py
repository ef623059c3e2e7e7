"""``harness results``: the whole page of published results by one command."""

import time
from math import inf
from pathlib import Path
from typing import Annotated, Literal

import typer

from harness.cli.parameters import Experiment, Home, Offline, Plain, Plugins, Threads, TrackingUri
from harness.console.echo import echo
from harness.study.limits import MOST_JOBS


def results(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Holds results.toml and records of its studies.")],
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="The page  [default: FOLDER/../RESULTS.md].")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what is missing and how long it will take.")
    ] = False,
    hours: Annotated[
        float | None,
        typer.Option(min=0, help="Begin no run after so many hours; the next call goes on. 0: what is on record."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=MOST_JOBS, help="Runs at once, each in a process of its own.")] = 1,
    overwrite: Annotated[
        Literal["never", "only-missing"],
        typer.Option(help="Runs in the store count whatever code made them, or where code agrees."),
    ] = "only-missing",
    data: Annotated[Path | None, typer.Option("--data", metavar="FOLDER", help="Holds the data set's files.")] = None,
    tracking_uri: TrackingUri = None,
    experiment: Experiment = None,
    home: Home = None,
    threads: Threads = None,
    offline: Offline = False,
    plugin: Plugins = None,
    plain: Plain = False,
) -> None:
    """Run what a folder of results lacks, and write the page of all its tables."""
    from harness.base.writable import require_file
    from harness.publish.results_parts import complete, read_parts, settled

    end = inf if hours is None else time.monotonic() + 3600 * hours
    enough = None if hours is None else lambda: time.monotonic() >= end
    spec, parts = read_parts(folder)
    page = to or folder.resolve().parent / "RESULTS.md"
    if not dry_run:
        require_file(page)
    for part in parts:
        echo(part.describe(jobs))
    if dry_run:
        return
    done, to_come = [], []
    for part in parts:
        if not part.missing.nothing:
            from harness.console.open import open_console
            from harness.runs.context import Context
            from harness.track import open_tracker

            with open_console(plain) as observer, open_tracker(tracking_uri, experiment) as tracker:
                context = Context(tracker, data_folder=data, offline=offline).watched_by(observer)
                compute = {} if threads is None else {"threads": threads}
                part = complete(part, context, compute, jobs=jobs, overwrite=overwrite, enough=enough)
        if part.missing.nothing:
            done.append((part.folder, settled(part)))
        else:
            to_come.append(part.describe(jobs))
    from harness.publish.results_page import write_page

    write_page(spec, done, page, to_come)
    for line in to_come:
        echo(line)
    echo(f"page   {page}")
