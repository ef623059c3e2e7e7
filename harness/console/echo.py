"""A line of a command."""

import sys

import typer

from harness.base.printable import printable


def echo(text: str = "", *, err: bool = False) -> None:
    """Print ``text``, titles, labels and names from elsewhere in it: none of them steers the terminal.

    Args:
        err: on standard error
    """
    typer.echo(printable(text), err=err)


def show_at_once(text: str) -> None:
    """Show on a terminal that something is under way, before anything is known of it.

    What is written next takes its place: it has to be longer, and is not to begin with an empty line.
    """
    if sys.stdout.isatty():
        sys.stdout.write(f"{text}\r")
        sys.stdout.flush()
