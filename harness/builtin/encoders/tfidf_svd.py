"""Latent semantic analysis of the catalogue's own texts: what words alone give, without a language model."""

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from harness.base.errors import BadInput
from harness.base.frozen import Frozen
from harness.base.sizes import Size
from harness.plugins import Encoder

if TYPE_CHECKING:
    import scipy.sparse as sp


class TfidfSvdConfig(Frozen):
    """Which terms, and how many directions of them."""

    dimensions: Size = Field(256, description="at most; there are no more than items or terms")
    terms: Literal["word", "char_wb"] = Field("word", description="words, or sequences of characters within words")
    longest: int = Field(1, ge=1, le=6, description="the longest sequence of words or characters that is a term")
    min_items: int = Field(1, ge=1, description="a term is used where so many items have it")


class TfidfSvd(Encoder):
    """TF-IDF vectors on their leading right singular directions (Deerwester et al., JASIS 1990).

    Terms and directions are those of the texts that are encoded: the whole catalogue's, and no interactions. Terms
    are weighted by (1 + log tf) · (log((1 + n) / (1 + df)) + 1) and texts to length 1 before the decomposition, so
    that inner products are cosines of TF-IDF up to the directions left out. A text without terms is the zero vector.
    """

    name = "tfidf-svd"
    summary = "TF-IDF of the catalogue's own texts on its leading singular directions: no language model"
    Config: ClassVar[type[Frozen]] = TfidfSvdConfig
    config: TfidfSvdConfig

    def fingerprint(self) -> str:
        """Of the options and of the library that finds terms; the texts belong to every encoder's cache key anyway."""
        from importlib.metadata import version

        settings = {"scikit-learn": version("scikit-learn"), **self.config.model_dump()}
        return f"tfidf-svd 1 {json.dumps(settings, sort_keys=True)}"

    def encode(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        """One vector per text, shape (n, at most ``dimensions``), float32.

        Raises:
            BadInput: where the texts have no terms at all, or none in ``min_items`` of them.
        """
        weights = self._weights(texts)
        directions = min(self.config.dimensions, *weights.shape)
        if directions < self.config.dimensions:
            self.say(f"{weights.shape[0]} items with {weights.shape[1]} terms have {directions} directions")
        vectors = _on_leading_directions(weights, directions)
        if progress is not None:
            progress(len(texts), len(texts))
        return np.ascontiguousarray(vectors, dtype=np.float32)

    def _weights(self, texts: Sequence[str]) -> "sp.csr_matrix":
        """TF-IDF of every text, shape (n, terms), rows of length 1 or 0."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        options: dict[str, Any] = {"analyzer": self.config.terms, "ngram_range": (1, self.config.longest)}
        if self.config.terms == "word":
            options["token_pattern"] = r"\b\w+\b"  # also of one character: films are called "M" and "Z"
        vectorizer = TfidfVectorizer(sublinear_tf=True, min_df=self.config.min_items, **options)
        try:
            return vectorizer.fit_transform(texts)
        except ValueError as error:  # the library's only complaints about valid options: no terms, or none is left
            raise BadInput(
                f"encoder 'tfidf-svd': the texts have no terms to use ({error}): choose other columns for data.text, "
                "or lower encoder.options.min_items"
            ) from None


def _on_leading_directions(weights: "sp.csr_matrix", k: int) -> npt.NDArray[np.float64]:
    """U Σ of the k leading singular triples, shape (n, k): by ARPACK, which needs k below both sides, else densely."""
    from sklearn.decomposition import TruncatedSVD

    if k < min(weights.shape):
        return TruncatedSVD(k, algorithm="arpack", random_state=0).fit_transform(weights)
    U, singular, _ = np.linalg.svd(weights.toarray(), full_matrices=False)
    return np.asarray(U * singular)
