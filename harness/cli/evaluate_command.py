"""``harness evaluate``: finished runs under a new fairness definition."""

from typing import Annotated

import typer

from harness.cli.completion import names_of
from harness.cli.parameters import AsJson, DataFolder, Home, Offline, Plugins, RunName, TrackingUri


def evaluate(
    run: RunName,
    fairness: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE",
            help="A registered grouping, or a Python file that defines one.",
            autocompletion=names_of("grouping"),
        ),
    ],
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="An option of the grouping: bins=10, or in full groupings.popularity.bins=10; repeatable.",
        ),
    ] = None,
    data: DataFolder = None,
    tracking_uri: TrackingUri = None,
    home: Home = None,
    offline: Offline = False,
    plugin: Plugins = None,
    as_json: AsJson = False,
) -> None:
    """Score a finished run under another fairness definition, without training."""
    from harness.base.trees import parse_assignments
    from harness.console.open import open_console
    from harness.runs.context import Context
    from harness.runs.dead_runs import end_dead_runs
    from harness.runs.rescoring import definition_name, definition_options, rescore
    from harness.track import open_tracker
    from harness.track.run_names import id_meant

    name = definition_name(fairness)  # what is misspelt is found before the store is opened
    options = definition_options(name, parse_assignments(assignments or []))
    with open_console(plain=True, as_json=as_json) as observer, open_tracker(tracking_uri) as tracker:
        context = Context(tracker, data_folder=data, offline=offline).watched_by(observer)
        end_dead_runs(tracker, observer.say)
        rescore(id_meant(tracker, run), name, context, options=options)
