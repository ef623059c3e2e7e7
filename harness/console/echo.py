"""A line of a command."""

import typer

from harness.base.printable import printable


def echo(text: str = "") -> None:
    """Print ``text``, titles, labels and names from elsewhere in it: none of them steers the terminal."""
    typer.echo(printable(text))
