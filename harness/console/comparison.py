"""Finished runs side by side, readable at 80 columns: several tables where there are many runs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from harness.compare import ComparedRun, Comparison
    from harness.stats.user_bootstrap import BootstrapDifference

RUNS_IN_A_TABLE = 5
MISSING = "none"


def print_comparison(
    console: Console, comparison: "Comparison", differing: Sequence[tuple[str, Sequence[str]]], keys: Sequence[str]
) -> None:
    """Print the runs, what differs between their specs, their test metrics and the intervals over users.

    Args:
        console: where
        comparison: the runs
        differing: keys of the spec with each run's value
        keys: the metrics, in order
    """
    for run in comparison.runs:
        console.print(Text(f"{run.letter}  {run.title}  ({run.id})"), soft_wrap=True)
    _print_specs(console, comparison.runs, differing)
    for chunk in _chunks(comparison.runs):
        console.print(_metrics(chunk, keys))
    for run, found in zip(comparison.runs[1:], comparison.differences, strict=True):
        console.print(_differences(comparison, run, found))
    console.print(Text(_reading(comparison)))


def _chunks(runs: "Sequence[ComparedRun]") -> "Iterator[Sequence[ComparedRun]]":
    for start in range(0, len(runs), RUNS_IN_A_TABLE):
        yield runs[start : start + RUNS_IN_A_TABLE]


def _print_specs(
    console: Console, runs: "Sequence[ComparedRun]", differing: Sequence[tuple[str, Sequence[str]]]
) -> None:
    if not differing:
        console.print("their specs are the same")
        return
    values = dict(zip((run.letter for run in runs), zip(*(row for _, row in differing), strict=True), strict=True))
    for chunk in _chunks(runs):
        table = _table("What differs in their specs", ["key"], [run.letter for run in chunk])
        for i, (key, _) in enumerate(differing):
            table.add_row(Text(key), *(Text(values[run.letter][i]) for run in chunk))
        console.print(table)


def _metrics(runs: "Sequence[ComparedRun]", keys: Sequence[str]) -> Table:
    table = _table("Test metrics", ["metric"], [run.letter for run in runs])
    for key in keys:
        table.add_row(Text(key), *(_number(run.metrics.get(key)) for run in runs))
    return table


def _differences(comparison: "Comparison", other: "ComparedRun", found: "Mapping[str, BootstrapDifference]") -> Table:
    a, b = comparison.runs[0].letter, other.letter
    title = f"{b} − {a}, resampling {comparison.n_users:,} users {comparison.resamples:,} times"
    table = _table(title, ["metric"], [a, b, f"{b} − {a}", "95 % interval", "excludes 0"])
    for key, row in found.items():
        interval = f"{row.low:+.4f} … {row.high:+.4f}"
        verdict = "yes" if row.excludes_zero else "no"
        undefined = f" ({row.undefined:,} resamples undefined)" if row.undefined else ""
        values = (_number(row.first), _number(row.second), f"{row.difference:+.4f}")
        table.add_row(Text(key), *values, interval, verdict + undefined)
    return table


def _reading(comparison: "Comparison") -> str:
    """What the intervals tell and what not."""
    several = len(comparison.differences)
    families = f", and are not corrected for there being {several} comparisons" if several > 1 else ""
    return (
        f"Intervals tell what other users would change, not what other seeds or splits would{families}. Groups are "
        f"those of {comparison.group}, which {comparison.runs[0].letter} was trained on."
    )


def _table(title: str, names: Sequence[str], columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="")
    for name in names:
        table.add_column(name)
    for name in columns:
        table.add_column(name, justify="right", overflow="fold")
    return table


def _number(value: float | None) -> str:
    if value is None:
        return MISSING
    return f"{value:.4f}" if abs(value) < 10 else f"{value:.1f}"
