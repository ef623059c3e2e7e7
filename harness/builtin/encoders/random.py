"""Gaussian vectors without meaning: the control that removes the language model and keeps its shape."""

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from harness.base.frozen import Frozen
from harness.base.sizes import Size
from harness.plugins import Encoder

BLOCK = 4096
"""Texts at once: 4096 × 384 numbers of 64 bits are 12 MB."""


class RandomConfig(Frozen):
    """The shape of a language model's vectors, and which draw of them."""

    dimensions: Size = Field(384, description="as many as the language model has that it stands in for")
    seed: int = Field(0, ge=0, lt=2**63, description="of the draw, whatever the seed of the run")


class RandomVectors(Encoder):
    """A vector of N(0, 1/d) for each text, independent between different texts; its expected squared norm is 1.

    A vector depends on its text and the seed only: neither the order of the items nor what else is in the catalogue
    moves it, and two items with the same text share it, as with a language model.
    """

    name = "random"
    summary = "random vectors, one per text: the control without a language model"
    Config: ClassVar[type[Frozen]] = RandomConfig
    config: RandomConfig

    def fingerprint(self) -> str:
        """Of the options alone: there are no weights."""
        return f"random 1 {json.dumps(self.config.model_dump(), sort_keys=True)}"

    def encode(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        """One vector per text, shape (n, dimensions), float32."""
        vectors = np.empty((len(texts), self.config.dimensions), dtype=np.float32)
        for start in range(0, len(texts), BLOCK):
            block = texts[start : start + BLOCK]
            vectors[start : start + len(block)] = self._gaussian(block)
            if progress is not None:
                progress(start + len(block), len(texts))
        return vectors

    def _gaussian(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """By inversion: Φ⁻¹ of uniform numbers, hashed from (text, seed, dimension)."""
        from scipy.special import ndtri

        from harness.domain.ids import mix

        hashes = b"".join(hashlib.blake2b(text.encode(), digest_size=8, person=b"text").digest() for text in texts)
        rows = np.frombuffer(hashes, dtype="<u8").astype(np.uint64)[:, None]
        columns = np.arange(self.config.dimensions, dtype=np.uint64)
        bits = mix(rows, self.config.seed, columns)
        uniform = ((bits >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53
        return ndtri(uniform) / np.sqrt(self.config.dimensions)
