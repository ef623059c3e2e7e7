"""``harness results``: the whole page of published results by one command, checked and added to by two more."""

import time
from math import inf
from pathlib import Path
from typing import Annotated, Literal

import typer

from harness.cli.default_command import DefaultCommand
from harness.cli.help_page import HelpPage
from harness.cli.parameters import DataFolder, Experiment, Home, Offline, Plain, Plugins, Threads, TrackingUri
from harness.console.echo import echo
from harness.study.limits import MOST_JOBS

MAKE = "make"
app = typer.Typer(
    cls=DefaultCommand.called(MAKE),
    help="Published results: make the page of all tables (the command where none is named), verify, add to them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Holds results.toml and records of its studies.")]


@app.command(cls=HelpPage, name=MAKE)
def make(
    folder: Folder,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="The page  [default: FOLDER/../RESULTS.md].")
    ] = None,
    site: Annotated[
        Path | None,
        typer.Option("--site", metavar="FOLDER", help="A static site of them as well, opened by index.html."),
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
        if site is not None:
            require_file(site / "index.html")
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
    if site is not None:
        from harness.publish.results_page import compared, synthesis
        from harness.publish.results_site import write_site

        shown = [(place, records) for place, _, records in compared(done)]
        echo(f"site   {write_site(spec, shown, site, synthesis(done))}")
        if others := {place.name for place, _ in done} - {place.name for place, _ in shown}:
            echo(f"       on the page alone, having no leaderboard: {', '.join(sorted(others))}")


@app.command(cls=HelpPage)
def verify(
    folder: Folder,
    sample: Annotated[int, typer.Option(min=1, metavar="N", help="How many runs are trained again.")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="Of the draw.")] = 0,
    study: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="A folder of records in it; repeatable.")
    ] = None,
    data: DataFolder = None,
    home: Home = None,
    offline: Offline = False,
    plugin: Plugins = None,
) -> None:
    """Train a sample of the published runs again and compare every metric.

    Exit code 1 where one does not come out, or none can be made.
    """
    from harness.publish.results_parts import read_parts
    from harness.publish.verified_lines import lines_of, summary
    from harness.publish.verify_results import draw, verify
    from harness.runs.context import Context

    _, parts = read_parts(folder, only=study or ())
    drawn = draw([part.records for part in parts if part.records is not None], sample, seed)
    found = []
    for verified in verify(drawn, Context(data_folder=data, offline=offline)):
        found.append(verified)
        for line in lines_of(verified):
            echo(line)
    echo(summary(found))
    made = [verified for verified in found if verified.made]
    if not made or not all(verified.holds for verified in made):
        raise typer.Exit(1)


@app.command(cls=HelpPage)
def add(
    records: Annotated[Path, typer.Argument(metavar="RECORDS", help="A folder of exported records.")],
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="The results that they join.")] = Path("results"),
    name: Annotated[str, typer.Option(help="Of their folder there; empty: as it is called.")] = "",
) -> None:
    """Check somebody's records and take them in: format, values, the same splits; another budget is marked."""
    from harness.publish.take_in import take_in

    note = take_in(records, to, name)
    echo(f"taken into {to}" + (f", marked: {note}" if note else ""))
