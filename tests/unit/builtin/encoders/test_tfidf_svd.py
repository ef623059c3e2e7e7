"""TF-IDF on singular directions, against the definition and a dense decomposition."""

import numpy as np
import pytest

from harness.base.errors import BadInput
from harness.builtin.encoders.tfidf_svd import TfidfSvd, TfidfSvdConfig

TEXTS = ["the red house", "the red boat", "a blue boat", "house house boat", "green", "M", "", "blue sky"]


def tfidf(texts: list[str]) -> np.ndarray:
    """By the definition, with words split at blanks: shape (n, terms), rows of length 1 or 0."""
    terms = sorted({word.lower() for text in texts for word in text.split()})
    counts = np.array([[text.lower().split().count(term) for term in terms] for text in texts], dtype=float)
    frequency = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0)
    weights = frequency * (np.log((1 + len(texts)) / (1 + (counts > 0).sum(axis=0))) + 1)
    lengths = np.linalg.norm(weights, axis=1, keepdims=True)
    return weights / np.where(lengths > 0, lengths, 1)


def test_with_all_directions_inner_products_are_cosines() -> None:
    vectors = TfidfSvd().encode(TEXTS)
    weights = tfidf(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape[1] == min(weights.shape)
    assert np.allclose(vectors @ vectors.T, weights @ weights.T, atol=1e-6)


@pytest.mark.parametrize("dimensions", [1, 3, 6])
def test_fewer_directions_are_the_best_approximation(dimensions: int) -> None:
    """Eckart–Young: ‖W Wᵀ − X Xᵀ‖² is what the singular values left out amount to, Σ σ⁴, and nothing is smaller."""
    weights = tfidf(TEXTS)
    singular = np.linalg.svd(weights, compute_uv=False)
    vectors = TfidfSvd(TfidfSvdConfig(dimensions=dimensions)).encode(TEXTS)
    assert vectors.shape == (len(TEXTS), dimensions)
    lost = np.square(weights @ weights.T - vectors @ vectors.T).sum()
    assert lost == pytest.approx((singular[dimensions:] ** 4).sum(), abs=1e-5)


def test_bit_identical_twice() -> None:
    texts = [f"{a} {b}" for a in ("red", "blue", "dark", "old") for b in ("house", "boat", "sky", "city", "dog")]
    config = TfidfSvdConfig(dimensions=5)
    assert np.array_equal(TfidfSvd(config).encode(texts), TfidfSvd(config).encode(texts))


def test_a_text_without_terms_is_zero_and_one_letter_is_a_term() -> None:
    vectors = TfidfSvd().encode(TEXTS)
    assert not vectors[TEXTS.index("")].any()
    assert np.linalg.norm(vectors[TEXTS.index("M")]) == pytest.approx(1)


def test_fewer_directions_than_asked_for_are_said() -> None:
    said: list[str] = []
    assert TfidfSvd(TfidfSvdConfig(), say=said.append).encode(["a b", "a"]).shape == (2, 2)
    assert said == ["2 items with 2 terms have 2 directions"]


@pytest.mark.parametrize("texts", [["", ""], ["?", "!"]])
def test_texts_without_any_term(texts: list[str]) -> None:
    with pytest.raises(BadInput, match=r"no terms to use .* choose other columns for data\.text"):
        TfidfSvd().encode(texts)


def test_rare_terms_may_be_left_out() -> None:
    assert TfidfSvd(TfidfSvdConfig(min_items=3)).encode(TEXTS).shape[1] == 1, "only 'boat' is in three texts"
    with pytest.raises(BadInput, match=r"lower encoder\.options\.min_items"):
        TfidfSvd(TfidfSvdConfig(min_items=4)).encode(TEXTS)


def test_characters_find_what_words_do_not() -> None:
    texts = ["Terminator", "Terminators", "Fargo", "Fargos film"]
    words = TfidfSvd().encode(texts)
    parts = TfidfSvd(TfidfSvdConfig(terms="char_wb", longest=3)).encode(texts)
    assert words[0] @ words[1] == pytest.approx(0, abs=1e-6)
    assert parts[0] @ parts[1] > 0.5 > parts[0] @ parts[2]


def test_options_are_the_fingerprint() -> None:
    configs = [
        TfidfSvdConfig(),
        TfidfSvdConfig(dimensions=2),
        TfidfSvdConfig(terms="char_wb"),
        TfidfSvdConfig(longest=2),
    ]
    assert len({TfidfSvd(config).fingerprint() for config in configs}) == 4
