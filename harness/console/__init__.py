"""What a run shows: a live display in a terminal, plain lines elsewhere, nothing in a library or a test."""

from harness.console.observer import Observer
from harness.console.summary import Summary

__all__ = ["Observer", "Summary", "open_console"]


def open_console(plain: bool = False) -> Observer:
    """The display that suits standard output."""
    import sys

    if plain or not sys.stdout.isatty():
        from harness.console.plain import PlainConsole

        return PlainConsole()
    from harness.console.live import LiveConsole

    return LiveConsole()
