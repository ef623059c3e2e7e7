"""Texts as bags of hashed words."""

import hashlib
from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from harness.plugins import Encoder, Frozen


class ExampleConfig(Frozen):
    """How many numbers a text becomes."""

    dim: int = Field(256, ge=2)


class Example(Encoder):
    """Each word adds 1 or −1 at a place that its hash decides; vectors have length 1, those of empty texts are 0.

    The hashing trick (Weinberger et al., ICML 2009): texts that share words are near, and nothing is learnt.
    """

    name = "example"
    summary = "bags of hashed words: no language model"
    Config: ClassVar[type[Frozen]] = ExampleConfig
    config: ExampleConfig

    def fingerprint(self) -> str:
        """The settings are all there is; a new version of the arithmetic needs a new one."""
        return f"{self.name} 1 {self.config.dim}"

    def encode(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.config.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.casefold().split():
                number = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())
                vectors[row, (number >> 1) % self.config.dim] += 1 if number % 2 else -1
        if progress is not None:
            progress(len(texts), len(texts))
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.divide(vectors, lengths, out=vectors, where=lengths > 0)
