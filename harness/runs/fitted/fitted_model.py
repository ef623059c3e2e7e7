"""A fitted model that scores, recommends and gives its vectors away, without data set, language model or training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from harness.base.errors import BadInput, HarnessError, as_given
from harness.base.late import sparse, torch
from harness.base.streams import Streams
from harness.domain.interactions import Indices, Interactions
from harness.domain.ranking import NO_ITEM, Lists, masked_scores, top
from harness.evaluation.reranking import RerankedLists, Reranking
from harness.plugins import Method, Problem
from harness.plugins.registry import registry
from harness.runs.compute import set_up
from harness.runs.fitted.asked_ids import Ids, indices, named_histories
from harness.runs.fitted.contents import Contents
from harness.spec.build import build_spec
from harness.spec.options import ComputeOptions

if TYPE_CHECKING:
    import polars as pl


class FittedModel:
    """What a run has learnt. Scores are those that the run had, to the bit, on a machine like the run's.

    Args:
        contents: the model at rest; it computes where it was trained, if that is here, else on the processor

    Attributes:
        spec: everything that defines the run
        licence: of the data that the model was trained on, which it holds in part: whoever passes it on is bound by it

    Raises:
        BadInput: where the method, or another plug-in that the spec names, is not there.

    >>> import harness as h
    >>> shop = dict(dataset="long-tail", dataset_options={"n_users": 60, "n_items": 60, "n_groups": 3})
    >>> model = h.run(h.RunSpec(method="alpharec", training={"max_epochs": 1}, **shop)).model
    >>> isinstance(model, h.FittedModel)
    True
    >>> new = model.user_vectors([["12", "49"]])
    >>> new.shape[1] == model.item_vectors.shape[1]
    True
    """

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self.spec = build_spec(dict(contents.about["spec"]))
        self.licence = str(contents.about["data"]["licence"])
        self._device = set_up(ComputeOptions(device=_there(contents), threads=self.spec.compute.threads))
        self.n_users, self.n_items = contents.training.n_users, contents.training.n_items

    @cached_property
    def method(self) -> Method:
        """The method itself, in the state of its best epoch."""
        contents, spec = self._contents, self.spec
        method = registry.get("method", spec.method)(spec.config)
        Z0 = None if contents.embeddings is None else contents.embeddings.numpy()
        streams = Streams(spec.seed, self._device)
        method.prepare(Problem(contents.training, Z0, contents.membership, streams, self._device))
        method.restore({name: tensor.to(self._device) for name, tensor in contents.state.items()})
        return method

    @cached_property
    def items(self) -> pl.DataFrame:
        """``item`` (raw id), ``title`` where there are any, and ``groups`` where items are grouped; in index order."""
        import polars as pl

        groups = [part for part in self._contents.membership.sides if part.side == "item"]
        table = pl.DataFrame(
            dict(self._contents.items), schema_overrides=dict.fromkeys(self._contents.items, pl.String)
        )
        for part in groups:
            cut = np.split(np.array(part.names, dtype=object)[part.matrix.indices], part.matrix.indptr[1:-1])
            names = pl.Series("groups", [row.tolist() for row in cut], dtype=pl.List(pl.String))
            table = table.with_columns(names)
        return table

    @cached_property
    def users(self) -> pl.DataFrame:
        """``user`` (raw id), in index order."""
        import polars as pl

        return pl.DataFrame({"user": pl.Series(self._contents.users, dtype=pl.String)})

    def scores(self, users: Ids) -> npt.NDArray[np.floating]:
        """The method's scores of all items for these users, shape (b, n_items); higher is better.

        Raises:
            BadInput: for a user that the model was not trained with.
        """
        asked = torch.from_numpy(self._user_indices(users)).to(self._device)
        with torch.no_grad():
            return np.asarray(self.method.score(asked).cpu().numpy())

    def recommend(
        self,
        users: Ids | None = None,
        *,
        histories: Iterable[Ids] | Mapping[str, Ids] | None = None,
        k: int = 10,
    ) -> pl.DataFrame:
        """The best items that a user has not taken yet, as the run's own lists have them, re-ranked where it did that.

        A user's list does not depend on who else is asked for: a re-ranker sees the users of the test data first, in
        their order, then all others, then new ones.

        Args:
            users: raw ids; None: everybody, unless ``histories`` are given
            histories: what people who were not trained on took, a list of items for each, by name or in order
            k: length of the lists; nobody is recommended what is in their training or validation data

        Returns:
            A row for each user and rank: ``user``, ``rank`` (from 1), ``item``, ``title`` and ``groups`` where there
            are any, ``score`` (the method's own, as float32).

        Raises:
            BadInput: for an unknown user or item, a k that is no length of a list, and for new users of a method that
                has learnt one vector for each of its own.
        """
        if not isinstance(k, int) or isinstance(k, bool) or not 1 <= k <= self.n_items:
            raise BadInput(
                f"k={as_given(k)}: a whole number between 1 and the catalogue's {self.n_items} items is needed"
            )
        named = named_histories(histories)
        taken = self._matrix(named.values())
        everybody = users is None and histories is None
        asked = np.arange(self.n_users) if everybody else self._user_indices(users or ())
        fresh = self._new_scores(taken) if named else None
        lists = self._lists(asked, fresh, taken, k)
        names = [*self.users["user"].gather(asked).to_list(), *named]
        return self._table(names, *lists)

    @property
    def item_vectors(self) -> npt.NDArray[np.floating]:
        """Vectors whose products with those of users are the scores, shape (n_items, d), in the order of ``items``.

        Raises:
            HarnessError: where the method has none.
        """
        return np.asarray(self._vectors()[1].detach().cpu().numpy())

    def user_vectors(self, histories: Iterable[Ids] | None = None, *, users: Ids | None = None) -> npt.NDArray[Any]:
        """Vectors of people who took these items, or of known users, or of all of them, shape (b, d).

        Raises:
            BadInput: for an unknown user or item, and for new users of a method that has learnt a vector for each.
            HarnessError: where the method has no vectors.
        """
        own = self._vectors()[0]
        if histories is None:
            rows = slice(None) if users is None else torch.from_numpy(self._user_indices(users))
            return np.asarray(own.detach().cpu()[rows].numpy())
        found = self.method.user_vectors(self._matrix(named_histories(histories).values()))
        if found is None:
            raise self._no_new_users()
        return np.asarray(found.detach().cpu().numpy())

    @property
    def representations(self) -> npt.NDArray[np.floating]:
        """Z, the items' text vectors as training has left them, shape (n_items, d_lm), in the order of ``items``.

        Raises:
            HarnessError: where the method has none.
        """
        Z = self.method.representations()
        if Z is None:
            raise HarnessError(f"{self.spec.method} has no representations of items: it reads no text")
        return np.asarray(Z.detach().cpu().numpy())

    def __repr__(self) -> str:
        return f"FittedModel({self._contents.about['title']}, {self.n_users:,} users × {self.n_items:,} items)"

    def _lists(
        self, asked: Indices, fresh: torch.Tensor | None, taken: sparse.csr_array, k: int
    ) -> tuple[Indices, npt.NDArray[np.float32]]:
        """Lists and their scores for the users asked for, and then for new ones, each shape (b, k)."""
        lists, length = self._begun(k)
        n_new = 0 if fresh is None else len(fresh)
        items = np.full((self.n_users + n_new, length), NO_ITEM, dtype=np.int64)
        values = np.full(items.shape, np.nan, dtype=np.float32)
        wanted = np.zeros(self.n_users, dtype=bool)
        wanted[asked] = True
        reranked = lists if isinstance(lists, RerankedLists) else None
        for users, scores in self._passes(wanted, reranked):
            _fill(items, values, users, lists(scores, length), scores)
        if fresh is not None:
            rows, columns = (torch.from_numpy(part.astype(np.int64)) for part in taken.nonzero())
            scores = fresh.to(torch.float32).clone()
            scores[rows.to(scores.device), columns.to(scores.device)] = -torch.inf
            _fill(items, values, np.arange(self.n_users, len(items)), lists(scores, length), scores)
        order = np.concatenate([asked, np.arange(self.n_users, len(items))])
        return items[order, :k], values[order, :k]

    def _passes(
        self, wanted: npt.NDArray[np.bool_], reranked: RerankedLists | None
    ) -> Iterator[tuple[Indices, torch.Tensor]]:
        """Users and their scores, in the order of the run's test and in its blocks, then everybody else's.

        A re-ranker is shown all of them, not those alone that are ``wanted``.
        """
        contents = self._contents
        others = np.setdiff1d(np.arange(self.n_users), contents.ranked)
        masked: list[Interactions] = [contents.training, contents.validation]
        for users in (contents.ranked, others):
            if not len(users):
                continue
            block, these = (None, wanted[users]) if reranked is None else (reranked.block, None)
            sizes = self.n_users, self.n_items
            for start, scores in masked_scores(self.method.score, users, masked, *sizes, block, self._device, these):
                yield users[start : start + len(scores)], scores

    def _begun(self, k: int) -> tuple[Lists, int]:
        """What makes lists from scores, before the first user, and how long it makes them, at least k.

        What a re-ranker gives to later users depends on the first so many places of earlier lists, as in the run.
        """
        spec, membership = self.spec, self._contents.membership
        if not spec.rerank.active:
            return top, k
        shown_places = spec.evaluation.headline_k
        return Reranking(spec.rerank, membership, shown_places, self._device).begin(), max(k, shown_places)

    def _table(self, names: Sequence[str], lists: Indices, values: npt.NDArray[np.float32]) -> pl.DataFrame:
        import polars as pl

        rows, ranks = np.nonzero(lists != NO_ITEM)
        shown_items = self.items[lists[rows, ranks]]
        columns = [
            pl.Series("user", names, dtype=pl.String).gather(rows),
            pl.Series("rank", (ranks + 1).astype(np.int32)),
        ]
        return pl.DataFrame([*columns, *shown_items.get_columns(), pl.Series("score", values[rows, ranks])])

    def _vectors(self) -> tuple[torch.Tensor, torch.Tensor]:
        vectors = self.method.vectors()
        if vectors is None:
            raise HarnessError(f"{self.spec.method} has no vectors: its scores are no products of users and items")
        return vectors

    def _new_scores(self, taken: sparse.csr_array) -> torch.Tensor:
        with torch.no_grad():
            found = self.method.score_histories(taken)
        if found is None:
            raise self._no_new_users()
        return found

    def _no_new_users(self) -> BadInput:
        return BadInput(f"{self.spec.method} has learnt something for each of its users: it knows nothing of new ones")

    def _user_indices(self, users: Ids) -> Indices:
        return indices(users, self.users["user"], "user")

    def _matrix(self, histories: Iterable[Ids]) -> sparse.csr_array:
        """What new users took, 0/1, shape (b, n_items)."""
        rows = [np.unique(indices(items, self.items["item"], "item")) for items in histories]
        starts = np.cumsum([0, *(len(row) for row in rows)])
        columns = np.concatenate([np.empty(0, dtype=np.int64), *rows])
        return sparse.csr_array(
            (np.ones(len(columns), dtype=np.float32), columns, starts), shape=(len(rows), self.n_items)
        )


def _there(contents: Contents) -> str:
    """Where the model was trained, if this machine has that; else the processor."""
    trained = torch.device(contents.about["device"])
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if trained.type == "cuda" and there["cuda"] and (trained.index or 0) >= torch.cuda.device_count():
        return "cuda"
    return str(trained) if there.get(trained.type) else "cpu"


def _fill(
    items: Indices, values: npt.NDArray[np.float32], users: Indices, lists: torch.Tensor, scores: torch.Tensor
) -> None:
    """Put some users' lists, and what they score, where they belong."""
    items[users] = lists.cpu().numpy()
    values[users] = scores.gather(1, lists.to(scores.device).clamp(min=0)).cpu().numpy()
