"""The display that suits standard output."""

from harness.runs.observer import Observer


def open_console(plain: bool = False, *, quiet: bool = False, as_json: bool = False) -> Observer:
    """The display that suits standard output, or one that tells of nothing but warnings and findings."""
    import sys

    if quiet or as_json:
        from harness.console.quiet import JsonConsole, QuietConsole

        return JsonConsole() if as_json else QuietConsole()
    if plain or not sys.stdout.isatty():
        from harness.console.plain import PlainConsole

        return PlainConsole()
    from harness.console.live import LiveConsole

    return LiveConsole()
