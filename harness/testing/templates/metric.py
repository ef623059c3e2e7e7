"""How surprising lists are."""

from typing import ClassVar, Literal

import numpy as np

from harness.domain.top_k import TopK, Values
from harness.plugins import Metric


class Example(Metric):
    """In bits. Undefined (NaN) where training interactions are not known, and of users with empty lists."""

    name: ClassVar[str] = "example"
    summary: ClassVar[str] = "mean self-information of a user's listed items"
    better: ClassVar[Literal["lower", "higher", "neither"]] = "higher"
    equation: ClassVar[str] = "Σ_{i∈L_u} −log2((n_i + 1) / Σ_j (n_j + 1)) / |L_u|,  n_i training interactions of i"
    reference: ClassVar[str] = "Zhou et al., PNAS 107(10), 2010; here with one interaction added to each item"

    @staticmethod
    def of(top: TopK) -> Values:
        if top.popularity is None:
            return np.full(len(top.users), np.nan)
        counts = top.popularity + 1
        information = np.log2(counts.sum()) - np.log2(counts)
        listed = top.items >= 0
        sums, lengths = np.where(listed, information[top.items], 0.0).sum(axis=1), listed.sum(axis=1)
        return np.where(lengths > 0, sums / np.maximum(lengths, 1), np.nan)
