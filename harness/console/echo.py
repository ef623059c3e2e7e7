"""A line of a command."""

import typer

from harness.base.printable import printable


def echo(text: str = "", *, err: bool = False) -> None:
    """Print ``text``, titles, labels and names from elsewhere in it: none of them steers the terminal.

    Args:
        err: on standard error
    """
    typer.echo(printable(text), err=err)
