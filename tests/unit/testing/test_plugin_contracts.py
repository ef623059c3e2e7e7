"""Contracts notice what they are there for: plug-ins that are wrong in one way fail the test about it."""

import importlib.metadata
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import polars as pl
import pytest
import torch
from harness.datasets.long_tail import LongTail, LongTailConfig
from harness.methods.mf import MF
from harness.methods.most_popular import MostPopular

from harness.builtin.disparities.cv import CV
from harness.builtin.encoders.random import RandomVectors
from harness.builtin.groupings.genre import Genre
from harness.builtin.metrics.coverage import Coverage
from harness.builtin.rerankers.cpfair import CPFair
from harness.domain.membership import Membership
from harness.domain.tables import Tables
from harness.plugins import (
    Balancer,
    Disparity,
    EpochReport,
    GroupingInput,
    GroupSignals,
)
from harness.plugins.registry import KINDS
from harness.testing import (
    BalancerContract,
    DatasetContract,
    DisparityContract,
    EncoderContract,
    GroupingContract,
    MethodContract,
    MetricContract,
    RerankerContract,
)
from tests.offered_points import OfferedPoints


class ByIndex(Genre):
    def assign(self, source: GroupingInput) -> Membership:
        return Membership.from_labels("odd", "item", [["odd" if i % 2 else "even"] for i in range(source.items.height)])


class ById(Genre):
    def assign(self, source: GroupingInput) -> Membership:
        return Membership.from_labels("ids", "item", [[item[:1] + item[-1]] for item in source.items["item"]])


class Remembering(Genre):
    seen = 0

    def assign(self, source: GroupingInput) -> Membership:
        self.seen += 1
        return Membership.from_labels("again", "item", [[f"call {self.seen}"]] * source.items.height)


class FirstAgainstLast(Disparity):
    summary = "the first group against the last"
    better = "lower"
    equation = "u_1 - u_K"
    reference = "none"

    @staticmethod
    def of(utilities: np.ndarray) -> float:
        return float(utilities[0] - utilities[-1])


class Backwards(CV):
    better = "higher"


class Shaped(Balancer):
    summary = "as its subclass says"
    weight = staticmethod(lambda signals: torch.ones_like(signals.losses))

    def weights(self, signals: GroupSignals) -> torch.Tensor:
        w = type(self).weight(signals)
        return w / w.sum()


class ForAbsentToo(Shaped):
    pass


class ByPlace(Shaped):
    weight = staticmethod(lambda signals: torch.arange(1.0, len(signals.losses) + 1).double() * signals.present)


class OfUsers(Coverage):
    @staticmethod
    def of(top: Any) -> Any:
        return top.users.astype(float)


class OfItems(Coverage):
    @staticmethod
    def of(top: Any) -> float:
        return float(top.items.mean())


class BelowTheCut(Coverage):
    @staticmethod
    def of(top: Any) -> float:
        return float(top.judged.ranking.hits.mean())


class Percent(Coverage):
    @staticmethod
    def of(top: Any) -> float:
        return 100 * Coverage.of(top)


class OverflowingOnEmpty(Coverage):
    @staticmethod
    def of(top: Any) -> float:
        return float(np.float64(1) / top.exposure.sum())


class Forgetless(CPFair):
    shown: list[torch.Tensor] = []  # noqa: RUF012 - the mistake under test

    def bonus(self) -> torch.Tensor:
        return torch.arange(12.0) * len(self.shown)

    def observe(self, exposures: torch.Tensor) -> None:
        self.shown.append(exposures)


class Biased(CPFair):
    def bonus(self) -> torch.Tensor:
        return 10 * torch.arange(12.0)


class ByPosition(RandomVectors):
    def encode(self, texts: Any, progress: Any = None) -> np.ndarray:
        return np.arange(2 * len(texts), dtype=np.float32).reshape(-1, 2)


class ByCall(RandomVectors):
    def encode(self, texts: Any, progress: Any = None) -> np.ndarray:
        return np.random.default_rng().random((len(texts), 3)).astype(np.float32)


class Unseeded(LongTail):
    def read(self, folder: Path) -> Tables:
        seed = int(np.random.default_rng().integers(2**32))
        return LongTail(LongTailConfig(n_users=60, n_items=50, dim=8, seed=seed)).read(folder)


class Numbered(LongTail):
    def read(self, folder: Path) -> Tables:
        found = LongTail(LongTailConfig(n_users=60, n_items=50, dim=8)).read(folder)
        return Tables(found.interactions.cast(pl.Int64), found.items, found.users)


class ByBatch(MostPopular):
    def score(self, users: torch.Tensor) -> torch.Tensor:
        return self.counts * torch.arange(1, len(users) + 1)[:, None]


class HalfSaved(MostPopular):
    def train_epoch(self) -> EpochReport:
        self.counts = self.counts + 1
        return EpochReport(loss=0.0)

    def restore(self, state: Any) -> None:
        pass


class Forgetful(MF):
    changes: ClassVar = ()
    epochs = 0

    def train_epoch(self) -> EpochReport:
        self.epochs += 1
        return EpochReport(super().train_epoch().loss + self.epochs)


@pytest.mark.parametrize(
    ("contract", "wrong", "test"),
    [
        (GroupingContract, ByIndex, "test_permuting_users_and_items_permutes_members"),
        (GroupingContract, ById, "test_raw_ids_do_not_matter"),
        (GroupingContract, Remembering, "test_one_definition_groups_one_world_the_same_way_whatever_it_saw_before"),
        (DisparityContract, FirstAgainstLast, "test_does_not_depend_on_the_order_of_groups"),
        (DisparityContract, Backwards, "test_a_transfer_from_better_to_worse_is_no_loss"),
        (BalancerContract, ForAbsentToo, "test_weights_are_on_the_simplex_of_present_groups"),
        (BalancerContract, ByPlace, "test_permuting_groups_permutes_weights"),
        (MetricContract, OfUsers, "test_renaming_users_changes_nothing"),
        (MetricContract, OfItems, "test_renaming_items_changes_nothing"),
        (MetricContract, BelowTheCut, "test_what_is_below_the_cut_off_is_not_looked_at"),
        (MetricContract, Percent, "test_is_a_finite_number_or_one_of_each_user"),
        (MetricContract, OverflowingOnEmpty, "test_short_and_empty_lists_are_no_error"),
        (RerankerContract, Forgetless, "test_every_pass_begins_afresh"),
        (RerankerContract, Biased, "test_with_a_single_group_there_is_nobody_to_be_fair_to"),
        (EncoderContract, ByPosition, "test_the_order_of_texts_is_that_of_vectors"),
        (EncoderContract, ByCall, "test_the_same_again"),
        (DatasetContract, Unseeded, "test_reading_twice_is_reading_once"),
        (DatasetContract, Numbered, "test_tables_have_the_columns_that_every_run_reads"),
        (MethodContract, ByBatch, "test_scores_do_not_depend_on_which_users_are_asked_together"),
        (MethodContract, HalfSaved, "test_a_checkpoint_is_complete"),
        (MethodContract, Forgetful, "test_an_interrupted_training_goes_on_to_the_bit"),
    ],
)
@pytest.mark.usefixtures("fresh_registry")
def test_a_wrong_plug_in_fails(contract: Any, wrong: type, test: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Offered(EntryPoint):
        def load(self) -> type:
            return type(wrong.__name__, (wrong,), {"name": "wrong", "changes": ()})

    offered = Offered("wrong", f"{__name__}:{wrong.__name__}", KINDS[contract.kind].group)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda: OfferedPoints({offered.group: [offered]}))
    suite = contract()
    setattr(suite, suite.kind, "wrong")
    suite.bounds = (0.0, 1.0)
    with pytest.raises(AssertionError):
        getattr(suite, test)()
