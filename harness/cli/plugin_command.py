"""``harness plugin``: plug-ins of one's own."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.completion import kinds
from harness.cli.help_page import HelpPage
from harness.console.echo import echo

app = typer.Typer(help="Write plug-ins of your own.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Write plug-ins of your own."""


@app.command(cls=HelpPage)
def new(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="method, dataset, grouping (a fairness definition), metric, disparity, encoder, balancer, "
            "reranker or study.",
            autocompletion=kinds,
        ),
    ],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called: small letters, digits, - and _.")],
    folder: Annotated[Path, typer.Option(metavar="DIR", help="Where to write.")] = Path(),
) -> None:
    """Write a small working plug-in and a test of it, to be changed."""
    from harness.testing.scaffold import write_plugin

    written = write_plugin(kind, name, folder)
    echo(f"wrote   {written.file}")
    echo(f"        {written.test}")
    echo(f"test    python -m pytest {written.test}")
    echo(f"use     {written.use}")
    echo(f"share   in a package's pyproject.toml: {written.entry_point}")
