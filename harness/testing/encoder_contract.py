"""What holds for every encoder of texts."""

from typing import ClassVar

import numpy as np
import pytest

from harness.plugins import Encoder
from harness.spec.options import EncoderOptions
from harness.testing.contract import Contract
from harness.vectors.adjust import Vectors
from harness.vectors.embeddings import resolve_encoder

TEXTS = ("Toy Story (1995)", "GoldenEye (1995)", "", "Misérables, Les", "Toy Story (1995)", "A cartoon about toys")
TOLERANCE = 1e-4


class EncoderContract(Contract[Encoder]):
    """One finite vector per text, the same again for the same text.

    Attributes:
        encoder: its registered name
        fitted: whether a text's vector depends on the other texts, as where an encoder learns from the catalogue
    """

    kind: ClassVar[str] = "encoder"
    encoder: str
    fitted: bool = False

    def test_one_finite_vector_per_text(self) -> None:
        vectors = self.vectors()
        assert vectors.dtype == np.float32
        assert vectors.ndim == 2
        assert len(vectors) == len(TEXTS)
        assert vectors.shape[1] >= 1
        assert np.isfinite(vectors).all(), "an item without text has a vector too"

    def test_equal_texts_have_equal_vectors_and_others_differ(self) -> None:
        vectors = self.vectors()
        np.testing.assert_allclose(vectors[4], vectors[0], atol=TOLERANCE)
        assert not np.allclose(vectors[1], vectors[0], atol=TOLERANCE)

    def test_the_same_again(self) -> None:
        np.testing.assert_array_equal(self.vectors(), self.vectors())

    def test_the_order_of_texts_is_that_of_vectors(self) -> None:
        """A fitted space may be turned or mirrored; the angles in it stay."""
        before, after = self.vectors(), self.vectors(TEXTS[::-1])[::-1]
        if self.fitted:
            before, after = before @ before.T, after @ after.T
        np.testing.assert_allclose(after, before, atol=TOLERANCE)

    def test_a_texts_vector_is_its_own(self) -> None:
        if self.fitted:
            pytest.skip("it learns from all texts together")
        alone = np.concatenate([self.vectors((text,)) for text in TEXTS])
        np.testing.assert_allclose(alone, self.vectors(), atol=TOLERANCE)

    def test_batches_do_not_matter(self) -> None:
        np.testing.assert_allclose(self.vectors(batch_size=2), self.vectors(), atol=TOLERANCE)

    def test_fingerprints_name_the_weights(self) -> None:
        first, second = self.make(), self.make()
        assert isinstance(first.fingerprint(), str)
        assert first.fingerprint()
        assert first.fingerprint() == second.fingerprint()

    def test_progress_ends_when_all_is_done(self) -> None:
        told: list[tuple[int, int]] = []
        self.make().encode(TEXTS, lambda done, total: told.append((done, total)))
        assert told == sorted(told)
        assert not told or told[-1] == (len(TEXTS), len(TEXTS))

    def make(self, batch_size: int = 64) -> Encoder:
        """The encoder with its options, nothing loaded."""
        given = {"name": self.encoder, "batch_size": batch_size}
        return resolve_encoder(
            EncoderOptions.model_validate(given | ({"options": dict(self.config)} if self.config else {}))
        )

    def vectors(self, texts: tuple[str, ...] = TEXTS, batch_size: int = 64) -> Vectors:
        """The texts' vectors, by an encoder of their own."""
        return self.make(batch_size).encode(texts)
