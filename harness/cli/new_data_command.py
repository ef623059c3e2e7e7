"""``harness data new``: a card for files of one's own."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.parameters import Home, Plugins
from harness.console.echo import echo


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the data set is to be called: a-z, 0-9 and -.")],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Interactions, and what describes items and users; any order.")
    ],
    user: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column of users.")] = None,
    item: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column of items.")] = None,
    time: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column of times.")] = None,
    rating: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column of ratings.")] = None,
    title: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column of items' titles.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the card and write nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over a card of this name.")] = False,
    home: Home = None,
    plugin: Plugins = None,
) -> None:
    """Look at files of your own, say what is in them, write a card (NAME.toml beside them) and audit it."""
    from harness.base.aligned_text import columns
    from harness.base.errors import BadInput
    from harness.base.messages import silent
    from harness.base.sealed import write_whole
    from harness.base.trees import as_assigned
    from harness.base.writable import written_into
    from harness.cli.audited_data import experiment_on, show_audit
    from harness.data.guess.findings import Chosen
    from harness.data.guess.new_card import card_path, new_card

    path = card_path(name, files)
    if path.exists() and not (force or dry_run):
        raise BadInput(f"{path} is there already: --force writes over it, --dry-run shows the new one")
    made = new_card(name, files, Chosen(user, item, time, rating, title), silent if dry_run else echo)
    if dry_run:
        echo(made.text.rstrip("\n"))
        return
    echo(columns(made.rows))
    with written_into(path.parent):
        write_whole(path, made.text.encode())
    echo(f"\n{path} is written")
    card = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    settings = [f"{key}={as_assigned(value)}" for key, value in made.options.items()]
    show_audit(experiment_on(str(card), settings, 0, None, offline=True))
    method = ["--method", "bifair" if made.has_texts else "alpharec_id"]
    command = ["harness", "run", *method, "--dataset", str(card)]
    echo(f"\nnext: {shlex.join([*command, *(part for each in settings for part in ('--set', each))])}")
