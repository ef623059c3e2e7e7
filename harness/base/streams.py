"""One random stream per purpose, all from one seed.

Streams are independent: drawing more numbers for one purpose never shifts another, so two methods that
share a seed see the same split, the same batches and the same negatives.
"""

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def derive(seed: int, *purpose: str | int) -> int:
    """A 63-bit seed for ``purpose``, a fixed function of ``seed`` on every machine and version."""
    text = "/".join(str(part) for part in (seed, *purpose))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) >> 1


class Streams:
    """Random generators by purpose (``init``, ``batches``, ``negatives``, …) from one seed."""

    def __init__(self, seed: int, device: "torch.device | str" = "cpu") -> None:
        self.seed = seed
        self.device = device

    def generator(self, *purpose: str | int) -> "torch.Generator":
        """A fresh generator for ``purpose``; the same purpose always starts the same sequence."""
        import torch

        return torch.Generator(self.device).manual_seed(derive(self.seed, *purpose))
