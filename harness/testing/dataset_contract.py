"""What holds for every data set."""

from pathlib import Path
from typing import ClassVar

import numpy as np
import polars as pl
import pytest

from harness.data.build_corpus import build_corpus
from harness.data.corpus import Corpus
from harness.data.group_assignment import declared, groups
from harness.data.item_text import item_texts
from harness.domain.interactions import Training
from harness.domain.tables import Tables
from harness.plugins import Dataset, GroupingInput
from harness.plugins.registry import registry
from harness.spec.options import DataOptions
from harness.testing.contract import Contract

KEEP_ALL = DataOptions(min_rating=None, core=1)


class DatasetContract(Contract[Dataset]):
    """The card says what users must know, and the reader gives what the card promises.

    Attributes:
        dataset: its registered name
        config: its options here
        folder: a folder that holds its files; without one, a data set that reads files is tested by its card alone
    """

    kind: ClassVar[str] = "dataset"
    dataset: str
    folder: Path | None = None

    # --- the card ----------------------------------------------------------------------------------------------------

    def test_the_card_tells_what_users_must_know(self) -> None:
        card = self.make().card
        for field in ("title", "homepage", "licence", "citation"):
            assert getattr(card, field).strip(), f"the card's {field} says something"

    def test_its_groupings_are_registered(self) -> None:
        card = self.make().card
        for name in (*card.groupings, card.default_group):
            assert registry.check("grouping", name) == name
        for name in card.grouping_options:
            declared(name, card)
        assert card.groupings, "something is reported"

    def test_an_empty_folder_does_not_hold_it(self, tmp_path: Path) -> None:
        made = self.make()
        assert made.recognises(tmp_path) == made.generated

    def test_caches_go_by_name_and_options(self) -> None:
        assert self.make().key == self.make().key
        assert self.make().key.startswith(self.plugin.name)
        assert self.plugin().key == self.plugin.name

    # --- the reader --------------------------------------------------------------------------------------------------

    def test_tables_have_the_columns_that_every_run_reads(self) -> None:
        tables = self.tables()
        for side in ("user", "item"):
            ids = tables.interactions[side]
            assert ids.dtype == pl.String or isinstance(ids.dtype, pl.Categorical), f"raw ids of {side}s are text"
            assert ids.null_count() == 0
            table = tables.items if side == "item" else tables.users
            assert table[side].dtype == pl.String
            assert table[side].null_count() == 0
        assert tables.interactions.height
        if "rating" in tables.interactions:
            assert tables.interactions["rating"].dtype.is_float()
        for column in {"timestamp", "position"} & {*tables.interactions.columns}:
            assert tables.interactions[column].dtype.is_integer()
        assert all(why and count > 0 for why, count in tables.skipped.items()), "what was left out has a reason"

    def test_reading_twice_is_reading_once(self) -> None:
        assert self.corpus().digest == self.corpus().digest

    def test_its_groupings_can_be_applied(self) -> None:
        corpus, card = self.corpus(), self.make().card
        training = Training(corpus.user_indices, corpus.item_indices, corpus.n_users, corpus.n_items)
        for name in {*card.groupings, card.default_group}:
            found = groups(declared(name, card), GroupingInput(training, corpus.items, corpus.users))
            assert len(found.names) >= 1
            np.testing.assert_allclose(found.shares_of(training.users, training.items).sum(axis=1), 1)

    def test_items_have_texts_or_vectors(self) -> None:
        made, corpus = self.make(), self.corpus()
        vectors = made.vectors(corpus.items)
        if vectors is None:
            assert item_texts(corpus.items, KEEP_ALL.text).empty < corpus.n_items, "not all texts are empty"
            return
        assert vectors.dtype == np.float32
        assert len(vectors) == corpus.n_items
        assert np.isfinite(vectors).all()
        some = np.arange(corpus.n_items)[::-2]
        np.testing.assert_array_equal(made.vectors(corpus.items[some]), vectors[some])

    # --- what the tests are made of ----------------------------------------------------------------------------------

    def make(self) -> Dataset:
        """The data set with its options."""
        return self.plugin(self.options())

    def tables(self) -> Tables:
        """What the reader makes of the files."""
        made = self.make()
        folder = self.folder if self.folder is not None else made.lies_in()
        if made.generated:
            return made.read(Path("nowhere"))
        if folder is None:
            pytest.skip("no folder with this data set's files is named")
        assert made.recognises(folder), f"{folder} is not recognised"
        return made.read(folder)

    def corpus(self) -> Corpus:
        """All of it, indexed."""
        return build_corpus(self.tables(), KEEP_ALL)
