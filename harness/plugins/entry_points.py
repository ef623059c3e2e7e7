"""The entry points under which installed packages offer plug-ins: looked for once, as hundreds of files hold them."""

import importlib.metadata
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import EntryPoint
from typing import Any


def entry_points(group: str) -> Sequence[EntryPoint]:
    """Those of one group, as they were when this process first looked along its present search path."""
    return tuple(_all(importlib.metadata.entry_points, tuple(sys.path)).select(group=group))


@cache
def _all(look: Callable[[], Any], path: tuple[str, ...]) -> Any:
    return look()
