"""Texts to vectors."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from harness.protocols.plugin import Plugin

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Encoder(Plugin):
    """Texts to vectors. Weights are found when :meth:`fingerprint` is first asked for, and loaded by :meth:`encode`."""

    def __init__(self, batch_size: int = 64) -> None:
        self.batch_size = batch_size

    @abstractmethod
    def fingerprint(self) -> str:
        """A hash of the weights and settings: the same fingerprint and texts give the same vectors."""

    @abstractmethod
    def encode(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> "npt.NDArray[np.float32]":
        """One vector per text, shape (n, d_lm); ``progress`` is told (done, total)."""
