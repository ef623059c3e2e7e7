"""``harness results``: the whole page of published results by one command."""

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
    from harness.publish.results_page import complete, read_parts, settled, write_page

    spec, parts = read_parts(folder)
    page = to or folder.resolve().parent / "RESULTS.md"
    if not dry_run:
        require_file(page)
    for part in parts:
        echo(part.describe(jobs))
    if dry_run:
        return
    done = []
    for part in parts:
        if part.missing.nothing:
            records = settled(part)
        else:
            from harness.console.open import open_console
            from harness.runs.context import Context
            from harness.track import open_tracker

            with open_console(plain) as observer, open_tracker(tracking_uri, experiment) as tracker:
                context = Context(tracker, data_folder=data, offline=offline).watched_by(observer)
                compute = {} if threads is None else {"threads": threads}
                records = complete(part, context, compute, jobs=jobs, overwrite=overwrite)
        done.append((part.folder, records))
    write_page(spec, done, page)
    echo(f"page   {page}")
