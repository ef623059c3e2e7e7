"""All that is used of Typer beneath its public interface: the only file to mend where a new version moves it."""

import typer

UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""What Typer raises for a wrong command line, with ``format_message()``; its own copy of Click has no public name."""
