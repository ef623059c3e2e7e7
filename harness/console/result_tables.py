"""The final table of a run, readable at 80 columns."""

from collections.abc import Iterator

from rich.table import Table

from harness.base.aligned_text import aligned
from harness.console.against_tables import differences_table, paired_bar, sentences
from harness.console.literal_console import LiteralConsole
from harness.domain.metric_key import MetricKey
from harness.evaluation.extremes import extremes, listed
from harness.evaluation.group_row import GroupRow
from harness.runs.against import Against
from harness.runs.summary import Summary

BAR = 20
OWN = "this run"


def print_summary(console: LiteralConsole, summary: Summary) -> None:
    """Print test metrics, the trained grouping's utilities and where to look."""
    console.print()
    console.print(summary.title, style="bold")
    console.print(_metrics(summary))
    if summary.against is not None:
        console.print(differences_table(summary.against, OWN))
    if summary.headline:
        console.print(_groups(summary))
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


def _metrics(summary: Summary) -> Table:
    """Accuracy and exposure first, then each grouping's disparities, a row per metric and a column per cut-off."""
    table = Table(title="Test metrics", title_justify="left", title_style="")
    table.add_column("metric")
    for k in summary.ks:
        table.add_column(f"@{k}", justify="right")
    groupings = sorted(dict.fromkeys(row.grouping for row in summary.groups), key=lambda name: name != summary.headline)
    for grouping in ("", *groupings):
        table.add_section()
        mark = " (trained)" if grouping and grouping == summary.trained else ""
        for name in _names(summary, grouping):
            values = (number(summary.metrics.get(MetricKey(name, k, grouping))) for k in summary.ks)
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
    counts = {row.group: row.interactions for row in _rows(summary, grouping)}
    names = summary.left_out[grouping]
    without, few = [name for name in names if name not in counts], [name for name in names if name in counts]
    total = len(without) + len(counts)
    if without:
        yield f"left out of {grouping} (no test interaction): {listed(without, of=total)}"
    if few:
        told = [f"{name} ({counts[name]:,})" for name in few]
        yield f"left out of {grouping} (too few test interactions to judge: min_test): {listed(told, of=total)}"


def _rows(summary: Summary, grouping: str) -> list[GroupRow]:
    return [row for row in summary.groups if row.grouping == grouping and row.k == summary.headline_k]


def _groups(summary: Summary) -> Table:
    """A row for each group of the headline's grouping; of many groups the best and the worst ones."""
    rows = _rows(summary, summary.headline)
    best, between, worst = extremes(rows)
    shown = f"Best and worst of {len(rows):,} groups" if between else "Utility of each group"
    title = f"{shown} of {summary.headline} @{summary.headline_k}"
    table = Table(title=title, title_justify="left", title_style="")
    table.add_column("group", max_width=24)
    table.add_column("members", justify="right")
    table.add_column("test", justify="right")
    theirs = {} if summary.against is None else summary.against.utilities
    if summary.against is not None:
        table.add_column(summary.against.reference, justify="right")
    table.add_column("utility" if summary.against is None else OWN, justify="right")
    table.add_column("" if summary.against is None else "above: reference", min_width=BAR)
    top = max((*theirs.values(), *(row.utility for row in rows)), default=0.0)
    for row in best:
        table.add_row(*_cells(row, summary.against, top))
    if between:
        table.add_row("…", *[""] * (len(table.columns) - 2), f"{between:,} more")
    for row in worst:
        table.add_row(*_cells(row, summary.against, top))
    return table


def _cells(row: GroupRow, against: Against | None, top: float) -> tuple[str, ...]:
    shown, bar = [f"{row.utility:.4f}"], "█" * round(BAR * row.utility / top) if top > 0 else ""
    if against is not None:
        theirs = against.utilities.get(row.group, 0.0)
        shown, bar = [f"{theirs:.4f}", *shown], paired_bar(theirs, row.utility, top, BAR)
    return row.group, f"{row.members:,}", f"{row.interactions:,}", *shown, bar
