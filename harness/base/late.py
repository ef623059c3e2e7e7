"""Libraries that take seconds to import, each imported when it is first used.

``from harness.base.late import torch`` instead of ``import torch``: what a plug-in declares (its name, its options) is
then known without it, and what is refused is refused at once. A module that uses these names in annotations begins
with ``from __future__ import annotations``; one that needs them to define a class imports them as they are.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any


class Late:
    """A module that is imported when something of it is first asked for; it then costs what the module costs.

    Args:
        name: the module's
    """

    __slots__ = ("__dict__", "_late_name")

    def __init__(self, name: str) -> None:
        self._late_name = name

    def __getattr__(self, name: str) -> Any:
        """What is not yet among the module's attributes, or never is."""
        module = import_module(self._late_name)
        self.__dict__ = module.__dict__  # one dictionary from now on: found without coming here
        return getattr(module, name)


if TYPE_CHECKING:
    import polars as pl
    import scipy.sparse as sparse
    import torch
    from torch.nn import functional
else:
    pl = Late("polars")
    torch = Late("torch")
    functional = Late("torch.nn.functional")
    sparse = Late("scipy.sparse")

__all__ = ["Late", "functional", "pl", "sparse", "torch"]
