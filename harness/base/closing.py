"""Things that are closed in the end."""

from abc import ABC, abstractmethod
from typing import Self


class Closing(ABC):
    """As a context manager it is closed at the end, whatever ends it."""

    @abstractmethod
    def close(self) -> None:
        """Put away what is kept; a second call does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
