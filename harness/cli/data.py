"""``harness data``: fetch, list and show data sets."""

from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import DataFolder, Home, Offline, Plugins

if TYPE_CHECKING:
    from harness.protocols import Dataset

app = typer.Typer(help="Fetch, list and show data sets.", rich_markup_mode=None)
Name = Annotated[str, typer.Argument(help="Name of the data set: see 'harness data list'.")]
Options = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="An option of the data set, dataset_options.KEY; repeatable."),
]


@app.command()
def fetch(
    name: Name,
    assignments: Options = None,
    data: DataFolder = None,
    offline: Offline = False,
    home: Home = None,
    plugin: Plugins = None,
) -> None:
    """Fetch a data set into the home folder and check it; a run does so by itself."""
    from harness.data.fetch import locate

    folder = locate(_dataset(name, assignments), data, offline, typer.echo)
    typer.echo(f"{name} is in {folder}")


@app.command(name="list")
def list_(home: Home = None, plugin: Plugins = None) -> None:
    """List data sets and whether they are in the cache."""
    from harness.cli.text import columns
    from harness.registry import registry

    rows = []
    for name in registry.names("dataset"):
        dataset = _dataset(name)
        rows.append((dataset.name, f"{'in the cache' if cached(dataset) else 'not fetched'}: {dataset.summary}"))
    typer.echo(columns(rows))


@app.command()
def show(name: Name, assignments: Options = None, home: Home = None, plugin: Plugins = None) -> None:
    """Show a data set's source, checksum, licence, citation and groupings."""
    from harness import paths
    from harness.cli.text import columns

    dataset = _dataset(name, assignments)
    card = dataset.card
    rows = [("name", dataset.name), ("title", card.title), ("homepage", card.homepage)]
    rows += [("licence", card.licence), ("citation", card.citation)]
    for source in card.sources:
        place = source.url if source.kind == "archive" else f"package {source.requirement} (its data files only)"
        rows += [("source", place), ("sha-256", source.sha256)]
    rows.append(("groupings", ", ".join(f"{g} (default)" if g == card.default_group else g for g in card.groupings)))
    rows.append(("cache", str(paths.data_folder() / dataset.key) if cached(dataset) else "not fetched"))
    typer.echo(columns(rows))


def cached(dataset: "Dataset") -> bool:
    """Whether the data set's files are in the home folder."""
    from harness import paths

    folder = paths.data_folder() / dataset.key
    return folder.is_dir() and dataset.recognises(folder)


def _dataset(name: str, assignments: list[str] | None = None) -> "Dataset":
    """The data set under the options of ``--set``, whose keys may leave ``dataset_options.`` out."""
    from harness.overrides import parse_assignments
    from harness.spec import dataset_of

    prefix = "dataset_options."
    return dataset_of(name, parse_assignments(text.removeprefix(prefix) for text in assignments or []))
