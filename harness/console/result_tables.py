"""The final table of a run, readable at 80 columns."""

from collections.abc import Iterator, Sequence

from rich.table import Table

from harness.base.aligned_text import aligned
from harness.console.against_tables import differences_table, sentences
from harness.console.group_utilities import FRAME, OWN, groups_table
from harness.console.literal_console import LiteralConsole
from harness.domain.metric_key import MetricKey
from harness.evaluation.extremes import listed
from harness.runs.summary import Summary

LABEL = 20
"""Columns of the terminal that the name of a metric has at least."""


def print_summary(console: LiteralConsole, summary: Summary) -> None:
    """Print test metrics, the trained grouping's utilities and where to look."""
    console.print()
    console.print(summary.title, style="bold")
    for table in _metrics(summary, console.width):
        console.print(table)
    if summary.against is not None:
        console.print(differences_table(summary.against, OWN, console.width))
    if summary.headline:
        console.print(groups_table(summary, console.width))
    for grouping in summary.left_out:
        for line in _left_out(summary, grouping):
            console.print(line)
    for note in summary.notes:
        console.print(note)
    if summary.against is not None:
        for sentence in sentences(summary.against):
            console.print(sentence, style="bold")
    for line in aligned(summary.where.items()):
        console.print(line, soft_wrap=True)


def _metrics(summary: Summary, width: int) -> Iterator[Table]:
    """Accuracy and exposure first, then each grouping's disparities, a row per metric and a column per cut-off.

    Cut-offs that do not fit are in further tables.
    """
    figure = max((len(number(value)) for value in summary.metrics.values()), default=0)
    fitting = max(1, (width - LABEL - FRAME - 1) // (figure + FRAME))
    for start in range(0, len(summary.ks), fitting):
        yield _metrics_at(summary, summary.ks[start : start + fitting], figure)


def _metrics_at(summary: Summary, ks: Sequence[int], figure: int) -> Table:
    table = Table(title="Test metrics", title_justify="left", title_style="")
    table.add_column("metric", overflow="fold")
    for k in ks:
        table.add_column(f"@{k}", justify="right", min_width=figure)
    groupings = sorted(dict.fromkeys(row.grouping for row in summary.groups), key=lambda name: name != summary.headline)
    for grouping in ("", *groupings):
        table.add_section()
        mark = " (trained)" if grouping and grouping == summary.trained else ""
        for name in _names(summary, grouping):
            values = (number(summary.metrics.get(MetricKey(name, k, grouping))) for k in ks)
            table.add_row(f"{grouping}{mark} {name}".strip(), *values)
    return table


def _names(summary: Summary, grouping: str) -> list[str]:
    """The names of metrics of a grouping ("": of none), in the order of their keys."""
    own = [key for key in summary.metrics if key.grouping == grouping and not key.group and key.k is not None]
    return list(dict.fromkeys(key.name for key in own))


def number(value: float | None) -> str:
    """A metric as tables of runs show it; ``none`` where there is no value."""
    if value is None:
        return "none"
    return f"{value:.4f}" if abs(value) < 10 else f"{value:.1f}"


def _left_out(summary: Summary, grouping: str) -> Iterator[str]:
    """A grouping's left-out groups, by reason; of many groups the first few and how many more there are."""
    rows = (row for row in summary.groups if row.grouping == grouping and row.k == summary.headline_k)
    counts = {row.group: row.interactions for row in rows}
    names = summary.left_out[grouping]
    without, few = [name for name in names if name not in counts], [name for name in names if name in counts]
    total = len(without) + len(counts)
    if without:
        yield f"left out of {grouping} (no test interaction): {listed(without, of=total)}"
    if few:
        told = [f"{name} ({counts[name]:,})" for name in few]
        yield f"left out of {grouping} (too few test interactions to judge: min_test): {listed(told, of=total)}"
