"""What this process asks databases for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """Every statement inside, with its parameters, as SQLAlchemy hands it to a driver: none of BEGIN and COMMIT."""
    from sqlalchemy import Engine, event

    asked: list[tuple[str, Any]] = []

    def noted(connection: Any, cursor: Any, statement: str, parameters: Any, *others: Any) -> None:
        asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", noted)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", noted)
