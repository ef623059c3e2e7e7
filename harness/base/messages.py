"""Who is told, line by line, what happens meanwhile: what is fetched, where something was found, a warning."""

from collections.abc import Callable

Say = Callable[[str], None]


def silent(_: str) -> None:
    """For those who need not know."""
