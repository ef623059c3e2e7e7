"""Finished runs side by side, with intervals over users."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

from harness.api.asked import several
from harness.api.finished_run import Run, id_of
from harness.api.metric_table import cells_of
from harness.api.session import session
from harness.base.errors import BadInput, as_given
from harness.evaluation.user_bootstrap import RESAMPLES
from harness.runs.comparison import Comparison as Compared
from harness.runs.comparison import compare as compare_runs
from harness.runs.comparison import spec_differences
from harness.stats.family import benjamini_hochberg, holm
from harness.track import Tracker

if TYPE_CHECKING:
    import polars as pl

_DIFFERENCE = ("difference", "low", "high", "excludes_zero", "undefined")


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """What :func:`compare` found; printed, it is what ``harness compare`` prints.

    Attributes:
        compared: everything, as the engine has it

    >>> import harness as h
    >>> shop = dict(dataset="long-tail", dataset_options={"n_users": 60, "n_items": 60, "n_groups": 3})
    >>> runs = [h.run(h.RunSpec(method=method, **shop)) for method in ("random", "most_popular")]
    >>> found = h.compare(runs, resamples=100)
    >>> found.specs["method"]
    ['random', 'most_popular']
    >>> found.to_frame().filter(run=runs[1].id, metric="ndcg", k=20).select("grouping", "excludes_zero").rows()
    [(None, True)]
    """

    compared: Compared

    @property
    def specs(self) -> dict[str, list[str]]:
        """Keys of the specs whose values differ, with each run's; ``–`` where a run has none."""
        return spec_differences([run.spec.tree for run in self.compared.runs])

    def to_frame(self) -> "pl.DataFrame":
        """A row per run and test metric.

        Columns ``run``, ``grouping``, ``metric``, ``k``, ``label``, ``value``; and where there is an interval over
        users, ``difference`` from the first run, its 95 % interval from ``low`` to ``high``, ``excludes_zero``, and how
        many resamples were ``undefined``.
        """
        import polars as pl

        schema: dict[str, Any] = {
            "run": pl.String, "grouping": pl.String, "metric": pl.String, "k": pl.Int64, "label": pl.String,
            "value": pl.Float64, "difference": pl.Float64, "low": pl.Float64, "high": pl.Float64,
            "excludes_zero": pl.Boolean, "undefined": pl.Int64,
        }  # fmt: skip
        return pl.DataFrame(list(self._rows()), schema=schema, orient="row")

    @property
    def tests(self) -> "pl.DataFrame":
        """A row per run but the first: whether its NDCG at the first one's headline cut-off differs by user.

        Columns ``run``, ``n`` users, of whom ``differ`` are served differently, the mean ``difference``, and p-values
        of a paired t-test (``t``), of signed ranks (``wilcoxon``) and of a ``permutation`` of signs, the last also
        corrected for the number of runs: ``holm``, ``benjamini_hochberg``.
        """
        import polars as pl

        found, ids = self.compared.tests, [run.id for run in self.compared.runs[1:]]
        table = pl.DataFrame([{"run": run_id, **asdict(one)} for run_id, one in zip(ids, found, strict=True)])
        permuted = [one.permutation for one in found]
        corrected = {adjust.__name__: adjust(permuted) for adjust in (holm, benjamini_hochberg)}
        return table.with_columns(pl.Series(name, values) for name, values in corrected.items())

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        found = self.compared
        for run, differences in zip(found.runs, [{}, *found.differences], strict=True):
            for key in found.metric_keys(everything=True):
                if key in run.metrics:
                    difference = differences.get(key)
                    interval = (difference and getattr(difference, name) for name in _DIFFERENCE)
                    yield run.id, *cells_of(key.on("test"))[1:], run.metrics[key], *interval

    def __repr__(self) -> str:
        from harness.console.comparison_tables import print_comparison
        from harness.console.literal_console import LiteralConsole

        text = io.StringIO()
        print_comparison(LiteralConsole(file=text, width=80, color_system=None), self.compared)
        return text.getvalue().rstrip()


def compare(
    runs: Sequence[Run | str],
    *,
    resamples: int = RESAMPLES,
    data: str | PathLike[str] | None = None,
    offline: bool = False,
    tracking_uri: str | None = None,
    verbose: bool = False,
) -> Comparison:
    """Specs and test metrics of runs on one split, and differences from the first with intervals over users.

    Nothing is trained: intervals come from the top-K lists that the runs kept.

    Args:
        runs: two or more, or their ids
        resamples: how often users are resampled
        data, offline, tracking_uri, verbose: as for :func:`harness.run`; runs know their own store

    Raises:
        BadInput: for runs on different data or splits, and those that only selected.

    >>> import harness as h
    >>> shop = dict(dataset="long-tail", dataset_options={"n_users": 60, "n_items": 60, "n_groups": 3})
    >>> runs = [h.run(h.RunSpec(method=method, **shop)) for method in ("random", "most_popular")]
    >>> print(h.compare(runs, resamples=100))  # doctest: +ELLIPSIS
    A  random on long-tail, trained on genre groups, seed 0  (...)
    B  most_popular on long-tail, trained on genre groups, seed 0  (...)
    ...
    """
    runs = several(runs, "compare")
    if not isinstance(resamples, int) or resamples < 1:
        raise BadInput(f"resamples: a whole number of at least 1 is needed, not {as_given(resamples)}")
    with session(store=store_of(runs, tracking_uri), data=data, offline=offline, verbose=verbose) as here:
        ids = [id_of(run, here.tracker) for run in runs]
        return Comparison(compare_runs(ids, here, resamples=resamples))


def store_of(runs: Sequence[Run | str], tracking_uri: str | None) -> Tracker | str | None:
    """Where the runs are recorded: their own store, where they know it.

    Raises:
        BadInput: where they are in several.
    """
    stores = {run.store.location: run.store for run in runs if isinstance(run, Run)}
    if len(stores) > 1:
        raise BadInput(f"the runs are in several stores, {' and '.join(sorted(stores))}: one is needed")
    return next(iter(stores.values()), tracking_uri)
