"""A leaderboard as a table that is complete without a script, and sorts and filters with one."""

from collections.abc import Mapping
from math import isfinite, isnan

from harness.plugins.protocols.intervention import Family
from harness.report.grid.arms import CV, MIN, NDCG
from harness.report.grid.columns import Column
from harness.report.grid.metric_tables import ARROWS, seeds_of
from harness.report.grid.point_arms import PointArms, gaps
from harness.report.grid.run_provenance import mismatches
from harness.report.numbers import ABSENT, number, with_half
from harness.report.site.front_svg import DARK
from harness.report.site.leaderboard import METRICS, Leaderboard, Row
from harness.report.site.page import table_html
from harness.report.style import SHAPES, marks
from harness.report.writers.html import text_html
from harness.stats.ranks import RankRange
from harness.stats.ratio import RelativeChange
from harness.stats.verdict import interval_text, signed
from harness.study.points import GridPoint

FAMILIES: Mapping[Family, str] = {"pre": "pre", "in": "in", "post": "post", "": "none"}
"""Where variants intervene, in a word."""


def board_table(board: Leaderboard, title: str, rule: str, pages: Mapping[str, str], numbers: Mapping[str, int]) -> str:
    """The table and what has to be known of it.

    Args:
        title: of the comparison
        rule: of the board; variants under another one say so
        pages: the address of the runs of each row, by its name
        numbers: what decides colour and marker, by variant
    """
    rows = [_row(board, row, rule, pages[row.name], numbers) for row in board.rows]
    caption = f"{title}: test data, the fairest first."
    return table_html("board", caption, _head(board), rows) + _notes(board)


def _head(board: Leaderboard) -> str:
    arrows = {NDCG: ARROWS["higher"], CV: ARROWS["lower"], MIN: ARROWS["higher"]}
    baseline = board.comparison.part.study.baseline
    headings = [("variant", "text", ""), ("rank by CV", "", "")]
    for metric in METRICS:
        name = board.headings.get(metric, metric)
        order = ' aria-sort="ascending"' if metric == CV else ""
        headings += [
            (f"{name}{arrows[metric]}", "", order),
            (f"{name.partition('@')[0]} against {baseline or ABSENT}", "", ""),
        ]
    headings += [("training, s", "", ""), ("× baseline", "", ""), ("family", "text", ""), ("seeds", "", "")]
    kinds = [' data-sort="text"' if kind else ' class="n"' for _, kind, _ in headings]
    return "".join(
        f'<th scope="col"{kind}{order}>{text_html(name)}</th>'
        for (name, _, order), kind in zip(headings, kinds, strict=True)
    )


def _row(board: Leaderboard, row: Row, rule: str, page: str, numbers: Mapping[str, int]) -> str:
    comparison = board.comparison
    lost = "" if row.lost is None else f"{100 * row.lost:.4f}"
    if is_baseline := row.arm.variant == comparison.part.study.baseline:
        lost = "0"
    told = ["baseline"] if is_baseline else []
    told += [f"selected by {row.arm.rule}"] if rule and row.arm.rule != rule else []
    own = f"<small>{text_html(', '.join(told))}</small>" if told else ""
    style = marks(numbers[row.arm.variant])
    colour = style["color"]
    key = (
        f'<svg class="key" viewBox="-1 -1 12 12" aria-hidden="true" style="--light:{colour};--dark:'
        f'{DARK.get(colour, colour)}"><path d="{SHAPES[style["marker"]]}"/></svg>'
    )
    cells = [_cell(*_rank(row.rank), page)]
    for metric in METRICS:
        found = row.means[metric]
        text = ABSENT if found is None else with_half(found)
        strong = metric in row.better
        cells.append(_cell("" if found is None else repr(found.mean), text, "", page, strong=strong))
        cells.append(_cell(*_change(row.changes.get(metric)), page))
    seconds = row.seconds
    cells.append(
        _cell("", ABSENT, "", page) if seconds is None else _cell(repr(seconds.mean), number(seconds.mean), "", page)
    )
    times = row.times
    cells.append(_cell("", ABSENT, "", page) if times is None else _cell(repr(times), f"{times:.2f}", "", page))
    families = ", ".join(FAMILIES[one] for one in row.families) or FAMILIES[""]
    cells.append(f'<td data-value="{families}">{families}</td>')
    here = PointArms(GridPoint(), comparison.arms, (), comparison.seeds)
    cells.append(_cell(str(len(row.arm.runs)), seeds_of(row.arm, here), "", page))
    return (
        f'<tr data-name="{text_html(row.name)}" data-families="{" ".join(row.families) or "none"}" data-lost="{lost}">'
        f'<th scope="row" data-value="{text_html(row.name)}">{key}<a href="{text_html(page)}">{text_html(row.name)}</a>'
        f"{own}</th>{''.join(cells)}</tr>"
    )


def _cell(value: str, text: str, small: str, page: str, *, strong: bool = False) -> str:
    """A number that leads to its runs; the row's name does so too, and is the one that keys come to."""
    shown = f"<strong>{text_html(text)}</strong>" if strong else text_html(text)
    below = f"<small>{text_html(small)}</small>" if small else ""
    link = f'<a class="number" tabindex="-1" href="{text_html(page)}">{shown}</a>'
    return f'<td class="n" data-value="{value}">{link}{below}</td>'


def _rank(rank: RankRange | None) -> tuple[str, str, str]:
    if rank is None:
        return "", ABSENT, ""
    text = str(rank.best) if rank.best == rank.worst else f"{rank.best}–{rank.worst}"
    return f"{rank.best + rank.worst / 1000:g}", text, ""


def _change(change: RelativeChange | None) -> tuple[str, str, str]:
    if change is None or not isfinite(change.change):
        return "", ABSENT, ""
    interval = "" if isnan(change.low) else interval_text(change).removesuffix(" %")
    return repr(change.change), f"{signed(change.change)} %", interval


def _notes(board: Leaderboard) -> str:
    comparison = board.comparison
    view = next((arm.first.view for arm in comparison.arms if arm.runs), None)
    keys = () if view is None else tuple(view.metric(metric) for metric in METRICS)
    here = PointArms(GridPoint(), comparison.arms, tuple(Column(key, key.heading) for key in keys), comparison.seeds)
    told = [*gaps(here), *mismatches([run for arm in comparison.arms for run in arm.runs.values()])]
    items = "".join(f"<li>{text_html(one)}</li>" for one in told)
    return f'<ul class="note">{items}</ul>' if items else ""
