"""A finished run as a value: what it was asked, what it measured, and the tables that it kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from harness.api.asked import text_of
from harness.api.metric_table import metric_table
from harness.base.errors import HarnessError
from harness.domain.metric_key import MetricKey, of_split
from harness.runs.artifacts import LISTS_FILE, kept_groups
from harness.runs.group_tables import groups_table, read_top_lists
from harness.runs.kept_file import SPEC_FILE, kept_file, kept_spec
from harness.spec.build import build_spec
from harness.spec.run_spec import RunSpec
from harness.track import RecordedRun, Tracker
from harness.track.run_names import id_meant

if TYPE_CHECKING:
    import polars as pl

    from harness.runs.against import Against
    from harness.runs.fitted.fitted_model import FittedModel

BY_EPOCH = ("train", "epoch")
"""Splits of metrics that have a value at every epoch, of which the last one says nothing."""
SHOWN = ("method", "rerank", "dataset", "group", "seed")
"""Tags that tell people which run it is."""


@dataclass(frozen=True, eq=False, repr=False)
class Run:
    """A finished run in a tracking store. Tables are read from the store when they are first looked at.

    Attributes:
        id: in the store
        tags: what the store knows it by: hashes, versions, machine

    >>> import harness as h
    >>> shop = dict(dataset="long-tail", dataset_options={"n_users": 60, "n_items": 60, "n_groups": 3})
    >>> run = h.run(h.RunSpec(method="most_popular", **shop))
    >>> run.spec.method, run.spec.group
    ('most_popular', 'genre')
    >>> run.metrics["test/ndcg_at_20"] == run.metrics["test/ndcg_at_20"] > 0
    True
    >>> run.to_frame().filter(split="test", metric="cv", k=20)["grouping"].to_list()
    ['genre', 'popularity']
    >>> run.groups.columns
    ['grouping', 'group', 'k', 'utility', 'interactions', 'members']
    >>> run.top_lists.columns
    ['user', 'rank', 'item', 'hit']
    """

    id: str
    tags: Mapping[str, str]
    store: Tracker
    _values: Mapping[str, float]
    _asked: RunSpec | None = field(default=None)

    @classmethod
    def of(cls, found: RecordedRun, store: Tracker, spec: RunSpec | None = None) -> "Run":
        """The run that ``store`` has found; ``spec`` where it is known already."""
        return cls(found.id, found.tags, store, found.metrics, spec)

    @cached_property
    def metrics(self) -> Mapping[str, float]:
        """Values by key, as the store has them: ``test/ndcg_at_20``, ``test/genre/cv_at_20``, ``training_seconds``.

        ``validation/…`` are those of the epoch that was kept; ``test/…`` are there where test data was touched.
        """
        return {key: value for key, value in self._values.items() if MetricKey.parse(key).split not in BY_EPOCH}

    @cached_property
    def spec(self) -> RunSpec:
        """Everything that defines the run.

        Raises:
            HarnessError: where the run only selected: those keep no file.
            BadInput: where it names a plug-in that is not there now.
        """
        if self._asked is not None:
            return self._asked
        self._require_lists(SPEC_FILE)
        return build_spec(dict(kept_spec(self.store, self.id)))

    def to_frame(self) -> "pl.DataFrame":
        """A row per metric: ``split``, ``grouping``, ``metric``, ``k``, ``label``, ``value``."""
        return metric_table(self.metrics)

    @cached_property
    def groups(self) -> "pl.DataFrame":
        """What each group gets: ``grouping``, ``group``, ``k``, ``utility``, ``interactions``, ``members``.

        Raises:
            HarnessError: where the run only selected, or was not recorded.
        """
        self._require_lists("table of groups")
        return groups_table(kept_groups(self.store, self.id))

    @cached_property
    def top_lists(self) -> "pl.DataFrame":
        """What each user of the test data was recommended: ``user``, ``rank`` (from 1), ``item``, ``hit``; raw ids.

        Raises:
            HarnessError: where the run only selected, or was not recorded.
        """
        self._require_lists("top-K lists")
        return read_top_lists(kept_file(self.store, self.id, LISTS_FILE))

    @cached_property
    def against(self) -> "Against | None":
        """The run beside the one that ``fair_within`` measured it by, on test data, with intervals over users.

        None where the epoch was chosen without one, and for runs of studies, whose report compares them.

        Raises:
            Unavailable: where what was kept of it is damaged.

        >>> import harness as h
        >>> shop = dict(dataset="long-tail", dataset_options={"n_users": 60, "n_items": 60, "n_groups": 3})
        >>> found = h.run(h.RunSpec(method="reweight", training={"max_epochs": 1}, **shop)).against
        >>> found.reference, [str(key) for key in found.differences]
        ('alpharec', ['ndcg_at_20', 'genre/cv_at_20', 'genre/min25_at_20'])
        """
        from harness.runs.against import kept_against

        return kept_against(self.store, self.id)

    @cached_property
    def model(self) -> "FittedModel":
        """What the run has learnt: it recommends, scores and gives its vectors away, without data or training.

        Raises:
            HarnessError: where the run has kept no model: runs that only select, those of earlier versions.
            BadInput: where a file of it is a pickle, or the spec names a plug-in that is not there now.
            Unavailable: where a file of it is damaged.

        >>> import harness as h
        >>> shop = dict(dataset="long-tail", dataset_options={"n_users": 60, "n_items": 60, "n_groups": 3})
        >>> model = h.load_run(h.run(h.RunSpec(method="ease", **shop)).id).model
        >>> model.recommend(["57"], k=2).columns
        ['user', 'rank', 'item', 'groups', 'score']
        >>> model.recommend(histories=[["12", "49"]], k=3).height
        3
        """
        from harness.runs.fitted.kept_model import load_model

        return load_model(self.store, self.id)

    @property
    def curves(self) -> "pl.DataFrame":
        """What was measured at every epoch: ``key``, ``epoch``, ``value``; keys are ``train/…`` and, of validation
        data, ``epoch/…``."""
        import polars as pl

        keys = sorted(key for key in self._values if MetricKey.parse(key).split in BY_EPOCH)
        found = self.store.histories(self.id, keys) if keys else {}
        rows = [(key, step, value) for key in keys for step, value in found[key]]
        return pl.DataFrame(rows, schema={"key": pl.String, "epoch": pl.Int64, "value": pl.Float64}, orient="row")

    def _require_lists(self, what: str) -> None:
        if not of_split(self._values, "test"):
            raise HarnessError(
                f"run {self.id} has no {what}: it has no test metrics, as it only selects (trials and whole studies do)"
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and (self.id, self.store.location) == (other.id, other.store.location)

    def __hash__(self) -> int:
        return hash((self.id, self.store.location))

    def __repr__(self) -> str:
        asked = [f"{key}={self.tags[key]}" for key in SHOWN if key in self.tags]
        leading = {key: value for key, value in of_split(self._values, "test").items() if key.name == "ndcg"}
        return f"Run({', '.join([self.id, *asked, *(f'{key.label} {value:.4f}' for key, value in leading.items())])})"


def id_of(run: Run | str, store: Tracker) -> str:
    """The id of a run that is given as such, or by its id, the beginning of that, its name, or ``last``.

    Raises:
        BadInput: for anything else.
    """
    return run.id if isinstance(run, Run) else id_meant(store, text_of(run, "the id of a run"))
