"""Adam: torch's own, without the compiler that torch's imports with the first one that is made (seconds)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from inspect import unwrap
from typing import Any

from harness.base.late import torch


def adam(learnt: Sequence[torch.Tensor], **options: Any) -> torch.optim.Adam:
    """Adam (Kingma and Ba, ICLR 2015) as :class:`torch.optim.Adam` has it, to the bit: its functions are carried out.

    Args:
        learnt: what it changes
        options: torch's
    """
    optimizer: torch.optim.Adam = _class()(learnt, **options)
    return optimizer


@cache
def _class() -> type[torch.optim.Adam]:
    """Torch's class without what it has around its functions, which tells the compiler to keep out: none is at work."""
    step = unwrap(torch.optim.Adam.step)
    add_param_group = unwrap(torch.optim.Optimizer.add_param_group)
    zero_grad = unwrap(torch.optim.Optimizer.zero_grad)

    class Adam(torch.optim.Adam):
        @torch.no_grad()
        def step(self, closure: Callable[[], Any] | None = None) -> Any:
            return step(self, closure)

        def add_param_group(self, param_group: dict[str, Any]) -> None:
            add_param_group(self, param_group)

        def zero_grad(self, set_to_none: bool = True) -> None:
            zero_grad(self, set_to_none)

    return Adam
