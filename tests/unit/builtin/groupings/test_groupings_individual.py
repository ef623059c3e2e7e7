"""Individual fairness: as many groups as there are items or users."""

import numpy as np
import polars as pl
import pytest

from harness.data.group_assignment import groups
from harness.domain.interactions import Training
from harness.plugins import Grouping, GroupingInput
from harness.plugins.registry import registry


@pytest.mark.parametrize("name", ["item_individual", "user_individual"])
def test_a_hundred_thousand_individuals(name: str) -> None:
    n = 100_000
    everyone = np.arange(n)
    kind: type[Grouping] = registry.get("grouping", name)
    side = name.split("_")[0]
    table = pl.DataFrame({side: pl.select(pl.format("{}", pl.int_range(n))).to_series()})
    found = groups(kind(kind.Config()), GroupingInput(Training(everyone, everyone, n, n), table, table))
    assert found.matrix.nnz == n
    assert found.matrix.shape == (n, n)
    assert found.shares_of(everyone[:5], everyone[5:10]).shape == (5, n)
