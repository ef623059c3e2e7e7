"""The display that suits standard output."""

from harness.runs.observer import Observer


def open_console(plain: bool = False) -> Observer:
    """The display that suits standard output."""
    import sys

    if plain or not sys.stdout.isatty():
        from harness.console.plain import PlainConsole

        return PlainConsole()
    from harness.console.live import LiveConsole

    return LiveConsole()
