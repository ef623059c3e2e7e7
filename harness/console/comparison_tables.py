"""Finished runs side by side, readable at 80 columns: several tables where there are many runs."""

from collections.abc import Iterator, Mapping, Sequence

from rich.table import Table

from harness.console.literal_console import LiteralConsole
from harness.console.result_tables import number
from harness.domain.metric_key import MetricKey
from harness.evaluation.bootstrap_difference import BootstrapDifference
from harness.runs.comparison import ABSENT, ComparedRun, Comparison, spec_differences
from harness.stats.family import benjamini_hochberg, holm

RUNS_IN_A_TABLE = 5
TESTS = ("differ", "paired t", "signed ranks", "permutation")
CORRECTIONS = ("Holm", "B-H")
NAME, FIGURE = 30, len("-0.0123")
"""Columns of the terminal for the name of a metric or key, if there are so many, and for a figure."""


def print_comparison(console: LiteralConsole, comparison: Comparison, everything: bool = False) -> None:
    """Print the runs, what differs between their specs, their test metrics and the intervals over users.

    With ``everything`` also options that not every run has, other cut-offs and single groups' utilities.
    """
    for run in comparison.runs:
        console.print(f"{run.letter}  {run.spec.title}  ({run.id})", soft_wrap=True)
    _print_specs(console, comparison.runs, everything)
    keys = comparison.metric_keys(everything)
    for chunk in _chunks(comparison.runs, console.width):
        console.print(_metrics(chunk, keys))
    for run, found in zip(comparison.runs[1:], comparison.differences, strict=True):
        console.print(_differences(comparison, run, found))
    console.print(_tests(comparison))
    for line in _reading(comparison):
        console.print(line)


def _chunks(runs: Sequence[ComparedRun], width: int) -> Iterator[Sequence[ComparedRun]]:
    """As many runs at a time as a table has room for."""
    size = max(1, min(RUNS_IN_A_TABLE, (width - NAME) // (FIGURE + 3)))
    for start in range(0, len(runs), size):
        yield runs[start : start + size]


def _print_specs(console: LiteralConsole, runs: Sequence[ComparedRun], everything: bool) -> None:
    differing = spec_differences([run.spec.tree for run in runs])
    if not differing:
        console.print("their specs are the same")
        return
    shown = {key: values for key, values in differing.items() if everything or ABSENT not in values}
    for chunk in _chunks(runs, console.width):
        table = _table("What differs in their specs", "key", [run.letter for run in chunk])
        places = [runs.index(run) for run in chunk]
        for key, values in shown.items():
            table.add_row(key, *(values[place] for place in places))
        console.print(table)
    if len(shown) < len(differing):
        console.print(f"and {len(differing) - len(shown)} options that not every run has (--all shows them)")


def _metrics(runs: Sequence[ComparedRun], keys: Sequence[MetricKey]) -> Table:
    table = _table("Test metrics", "metric", [run.letter for run in runs])
    for key in keys:
        table.add_row(str(key), *(number(run.metrics.get(key)) for run in runs))
    return table


def _differences(comparison: Comparison, other: ComparedRun, found: Mapping[MetricKey, BootstrapDifference]) -> Table:
    difference = f"{other.letter} − {comparison.runs[0].letter}"
    title = f"{difference}, resampling {comparison.n_users:,} users {comparison.resamples:,} times"
    table = _table(title, "metric", [difference, "95 % from", "to", "excludes 0"])
    for key, row in found.items():
        undefined = f" ({row.undefined:,} undefined)" if row.undefined else ""
        values = (f"{value:+.4f}" for value in (row.difference, row.low, row.high))
        table.add_row(str(key), *values, ("yes" if row.excludes_zero else "no") + undefined)
    return table


def _tests(comparison: Comparison) -> Table:
    """Tests of each run's NDCG against the first one's by user; of several runs, also corrected for their number."""
    first, several = comparison.runs[0].letter, len(comparison.tests) > 1
    table = _table(f"NDCG@{comparison.k} by user, p-values", "runs", TESTS)
    permuted = [found.permutation for found in comparison.tests]
    corrected = [holm(permuted), benjamini_hochberg(permuted)] if several else []
    for heading in CORRECTIONS[: len(corrected)]:
        table.add_column(heading, justify="right", overflow="fold", min_width=FIGURE)
    for place, (run, found) in enumerate(zip(comparison.runs[1:], comparison.tests, strict=True)):
        values = [found.t, found.wilcoxon, found.permutation, *(adjusted[place] for adjusted in corrected)]
        served = f"{found.differ:,} of {found.n:,}"
        table.add_row(f"{run.letter} − {first}", served, *(f"{value:.4f}" for value in values))
    return table


def _reading(comparison: Comparison) -> Iterator[str]:
    """What the intervals and the p-values tell and what not."""
    several = len(comparison.differences)
    families = f", and are not corrected for there being {several} comparisons" if several > 1 else ""
    yield (
        f"Intervals tell what other users would change, not what other seeds or splits would{families}. Groups are "
        f"those of {comparison.group}, which {comparison.runs[0].letter} was trained on."
    )
    corrected = " Holm and B-H correct the permutation's for their number." if several > 1 else ""
    yield (
        f"So do the p-values: of these trained models alone. Whether training again makes such models is tested over "
        f"seeds: harness run --study main --seeds 5.{corrected}"
    )


def _table(title: str, name: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="")
    table.add_column(name, overflow="fold")
    for heading in columns:
        table.add_column(heading, justify="right", overflow="fold", min_width=FIGURE)
    return table
