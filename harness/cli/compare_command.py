"""``harness compare``: finished runs side by side."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import completion
from harness.cli.parameters import RUN_NAMES, AsJson, DataFolder, Experiment, Home, Offline, Plugins, TrackingUri


def compare(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN RUN …",
            help=f"Finished runs on one split. {RUN_NAMES}",
            autocompletion=completion.runs,
        ),
    ],
    everything: Annotated[bool, typer.Option("--all", help="Show every option, cut-off and group.")] = False,
    resamples: Annotated[int, typer.Option(min=100, help="How often users are resampled.")] = 2000,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a page as well, on which the runs are compared by hand."),
    ] = None,
    data: DataFolder = None,
    tracking_uri: TrackingUri = None,
    experiment: Experiment = None,
    home: Home = None,
    offline: Offline = False,
    plugin: Plugins = None,
    as_json: AsJson = False,
) -> None:
    """Compare finished runs: specs, test metrics, and differences with intervals over users."""
    import sys

    from harness.base.sealed import write_whole
    from harness.base.writable import require_file, written_into
    from harness.console.comparison_tables import print_comparison
    from harness.console.comparison_tree import comparison_tree
    from harness.console.echo import echo
    from harness.console.literal_console import LiteralConsole
    from harness.console.open import open_console
    from harness.console.quiet import print_json
    from harness.console.table_width import table_width
    from harness.runs.comparison import compare as compare_runs
    from harness.runs.context import Context
    from harness.runs.dead_runs import end_dead_runs
    from harness.track import open_tracker
    from harness.track.run_names import id_meant

    if html is not None:
        require_file(html)
    with open_console(plain=True, as_json=as_json) as observer, open_tracker(tracking_uri, experiment) as tracker:
        context = Context(tracker, data_folder=data, offline=offline).watched_by(observer)
        end_dead_runs(tracker, observer.say)
        found = compare_runs([id_meant(tracker, run) for run in runs], context, resamples=resamples)
    if as_json:
        print_json(comparison_tree(found))
    else:
        print_comparison(LiteralConsole(width=table_width(sys.stdout)), found, everything)
    if html is not None:
        from harness.report.explorer.explored_runs import of_comparison
        from harness.report.explorer.explorer_page import explorer_html

        with written_into(html.parent):
            write_whole(html, explorer_html(of_comparison(found)).encode())
        echo(f"page {html}", err=as_json)
