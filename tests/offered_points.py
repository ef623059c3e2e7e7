"""Entry points of packages that are not installed, for tests."""

from typing import Any


class OfferedPoints(dict[str, list[Any]]):
    """Entry points by group, as ``importlib.metadata.entry_points()`` gives them."""

    def select(self, group: str) -> list[Any]:
        """Those of one group."""
        return self.get(group, [])
