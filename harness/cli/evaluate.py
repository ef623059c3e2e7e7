"""``harness evaluate``: finished runs under a new fairness definition."""

from typing import Annotated

import typer

from harness.cli.options import DataFolder, Home, Offline, Plugins, TrackingUri


def evaluate(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Id of a finished run.")],
    fairness: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="A registered grouping, or a Python file that defines one.")
    ],
    data: DataFolder = None,
    tracking_uri: TrackingUri = None,
    home: Home = None,
    offline: Offline = False,
    plugin: Plugins = None,
) -> None:
    """Score a finished run under another fairness definition, without training."""
    from harness.console import open_console
    from harness.rescore import definition_name, rescore
    from harness.track import open_tracker

    definition_name(fairness)  # a typo is found before the store is opened
    tracker = open_tracker(tracking_uri)
    with open_console(plain=True) as observer:
        rescore(run, fairness, tracker=tracker, observer=observer, data_folder=data, offline=offline)
