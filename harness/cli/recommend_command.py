"""``harness recommend`` and ``harness export-vectors``: what a finished run has learnt, put to use."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.parameters import AsJson, Home, Plugins, RunName, TrackingUri
from harness.console.echo import echo

if TYPE_CHECKING:
    import polars as pl

    from harness.runs.fitted.fitted_model import FittedModel

Table = Annotated[
    Path | None,
    typer.Option("--to", metavar="FILE", help="Write a table: .parquet, .csv or .jsonl  [default: shown]."),
]


def recommend(
    run: RunName,
    users: Annotated[
        list[str] | None, typer.Option("--user", metavar="ID", help="A user of the data set; repeatable.")
    ] = None,
    items: Annotated[
        list[str] | None,
        typer.Option(metavar="ID,ID,…", help="What a new user took, ids of items with commas between; repeatable."),
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", help="For every user of the data set.")] = False,
    k: Annotated[int, typer.Option("--k", min=1, help="Length of the lists.")] = 10,
    to: Table = None,
    tracking_uri: TrackingUri = None,
    home: Home = None,
    plugin: Plugins = None,
    as_json: AsJson = False,
) -> None:
    """Recommend items by a finished run's model; no data set and no language model are needed."""
    from harness.base.errors import BadInput
    from harness.console.list_tables import print_lists
    from harness.console.quiet import print_json
    from harness.runs.fitted.table_files import check_table_file, write_table

    if everybody == bool(users or items):
        raise BadInput("whom for? --user ID, --items ID,ID,… of a new one, or --all")
    if to is not None:
        check_table_file(to)
    if everybody and to is None:
        raise BadInput("--all makes a long table: name its file, --to lists.parquet")
    histories = [[item.strip() for item in given.split(",") if item.strip()] for given in items or ()]
    model = _model(run, tracking_uri)
    lists = model.recommend(None if everybody else users or (), histories=None if everybody else histories, k=k)
    if to is None:
        if as_json:
            print_json(lists.to_dicts())
        else:
            print_lists(lists)
        return
    write_table(lists, to)
    _say_what_was_written(lists, to, model)


def export_vectors(
    run: RunName,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="The table: .parquet, .csv or .jsonl.")],
    of: Annotated[
        str,
        typer.Option(
            metavar="WHAT",
            help="Z: items' text vectors as training left them; items, users: those whose products are the scores.",
        ),
    ] = "Z",
    tracking_uri: TrackingUri = None,
    home: Home = None,
    plugin: Plugins = None,
) -> None:
    """Write the vectors that a finished run has learnt, a row each, with raw ids."""
    from harness.runs.fitted.table_files import check_table_file, write_table
    from harness.runs.fitted.vector_tables import check_vectors, vectors_table

    check_vectors(of)
    check_table_file(to)
    model = _model(run, tracking_uri)
    table = vectors_table(model, of)
    write_table(table, to)
    _say_what_was_written(table, to, model)


def _model(run: str, tracking_uri: str | None) -> "FittedModel":
    from harness.runs.fitted.kept_model import load_model
    from harness.track import open_tracker
    from harness.track.run_names import id_meant

    with open_tracker(tracking_uri) as tracker:
        return load_model(tracker, id_meant(tracker, run))


def _say_what_was_written(table: "pl.DataFrame", to: Path, model: "FittedModel") -> None:
    echo(f"{table.height:,} rows in {to}")
    echo(f"licence of the data: {model.licence}")
