"""The page of a board: what one can ask of it, its pictures, its tables, and the claims that were judged on it."""

from collections import Counter
from collections.abc import Mapping, Sequence

from harness.report.grid.arms import variant_numbers
from harness.report.grid.front_picture import PLANES
from harness.report.grid.point_arms import seed_list
from harness.report.numbers import counted
from harness.report.site.addresses import INDEX, Addresses, link
from harness.report.site.board_claims import claim_html
from harness.report.site.board_table import FAMILIES, board_table
from harness.report.site.boards import Board, Comparison
from harness.report.site.front_svg import framed, front_svg
from harness.report.site.how_to_read import how_to_read
from harness.report.site.leaderboard import Leaderboard
from harness.report.site.page import page_html
from harness.report.site.verdicts import PlacedClaim
from harness.report.writers.html import text_html
from harness.spec.selection import BEST_NDCG, FAIR_WITHIN

MOST = 10
"""Per cent; the slider goes up to here, and then to any loss."""


def board_page(
    board: Board,
    tables: Sequence[Leaderboard],
    boards: Sequence[Board],
    claims: Sequence[PlacedClaim],
    addresses: Addresses,
) -> str:
    """The whole page.

    Args:
        tables: of its comparisons
        boards: all of the site
        claims: those that were judged on this one
    """
    file = addresses.board(board.task, board.rule)
    beside = [other for other in boards if other.task == board.task]
    tabs = "".join(f"<li>{_tab(other, board, file, addresses)}</li>" for other in beside)
    nav = f'<nav aria-label="Selection rules"><ul class="tabs">{tabs}</ul></nav>\n' if len(beside) > 1 else ""
    sections = "\n".join(
        _section(found, board, number, _claims_of(found.comparison, claims), addresses)
        for number, found in enumerate(tables, start=1)
    )
    lead = f'<p class="lead">{text_html(_meaning(board))}</p>\n'
    return page_html(
        board.title, f"{lead}{nav}{_controls()}{sections}\n{how_to_read()}", file, [("Results", INDEX)], script=True
    )


def _claims_of(comparison: Comparison, claims: Sequence[PlacedClaim]) -> list[PlacedClaim]:
    """Those whose runs are in the comparison."""
    return [one for one in claims if one.part is comparison.part and one.judged.tested.own in comparison.arms]


def _tab(other: Board, board: Board, file: str, addresses: Addresses) -> str:
    name = text_html(other.rule_name)
    if other is board:
        return f'<strong aria-current="page">{name}</strong>'
    return f'<a href="{link(file, addresses.board(other.task, other.rule))}">{name}</a>'


def _meaning(board: Board) -> str:
    """The rule in words."""
    if board.rule == BEST_NDCG:
        return (
            "Of each run the epoch with the highest NDCG on validation data was kept, and measured on test data once."
        )
    if board.rule.startswith(f"{FAIR_WITHIN}:"):
        share = 100 * float(board.rule.partition(":")[2])
        return (
            f"Of each run the fairest epoch was kept whose NDCG on validation data is at most {share:g} % below that "
            "of the reference method; it was measured on test data once."
        )
    return "Of each run the epoch was kept that its method's own rule picks on validation data."


def _controls() -> str:
    """What a script makes use of, hidden where there is none."""
    boxes = "".join(
        f'<label><input type="checkbox" name="family" value="{key or "none"}" checked>{word}</label>'
        for key, word in FAMILIES.items()
    )
    return (
        '<div class="controls" id="controls" role="group" aria-label="What is shown" hidden>\n'
        '<label>Variants whose name has <input type="text" id="word" autocomplete="off" spellcheck="false"></label>\n'
        f"<fieldset><legend>Family</legend>{boxes}</fieldset>\n"
        '<div class="field"><label for="lost">NDCG that may be lost against the baseline</label> '
        '<strong id="share">any</strong>\n'
        f'<input type="range" id="lost" min="0" max="{MOST + 0.5}" step="0.5" value="{MOST + 0.5}"></div>\n'
        '</div>\n<p id="told" role="status"></p>\n'
    )


def _section(board: Leaderboard, on: Board, number: int, claims: Sequence[PlacedClaim], addresses: Addresses) -> str:
    comparison = board.comparison
    file, title = addresses.board(on.task, on.rule), on.title_of(comparison)
    pages = {row.name: link(file, addresses.runs(comparison.part, row.arm)) for row in board.rows}
    numbers = variant_numbers(comparison.part.records.runs)
    judged = (
        f"<h3>Claims judged here</h3>\n{''.join(claim_html(one, file, addresses) for one in claims)}" if claims else ""
    )
    return (
        f'<section class="comparison" id="c{number}">\n<h2>{text_html(title)}</h2>\n'
        f"<p>{text_html(_extent(comparison))}</p>\n{_pictures(board, numbers, pages, number)}"
        f"{board_table(board, title, on.rule, pages, numbers)}\n{judged}</section>"
    )


def _extent(comparison: Comparison) -> str:
    """What was compared, and on what terms."""
    part = comparison.part
    made = Counter(trial.arm.search for trial in part.records.stage("trial"))
    trials = {arm.variant: made[arm.search] for arm in comparison.arms}
    counts = sorted({n for n in trials.values() if n})
    untuned = [variant for variant, n in trials.items() if not n]
    tuned = "No variant was tuned." if not counts else f"Tuned with {' or '.join(map(str, counts))} trials each."
    if counts and untuned:
        tuned += f" Not tuned: {', '.join(untuned)}."
    baseline = f"; the baseline is {part.study.baseline}" if part.study.baseline else "; there is no baseline"
    what = part.study.summary.rstrip(".")
    note = f" {part.note}" if part.note else ""
    return (
        f"{what[:1].upper()}{what[1:]}{'' if what.endswith(('?', '!')) else '.'} "
        f"{counted(len(trials), 'variant')}, {seed_list(comparison.seeds)}{baseline}. {tuned}{note}"
    )


def _pictures(board: Leaderboard, numbers: Mapping[str, int], pages: Mapping[str, str], number: int) -> str:
    drawn = [
        front_svg(board, metric, maximise, numbers, pages, f"clip-{number}-{place}")
        for place, (metric, maximise) in enumerate(PLANES)
    ]
    if not any(drawn):
        return ""
    outside = list(dict.fromkeys(row.name for metric, _ in PLANES for row in framed(board, metric)[1]))
    beyond = (
        f" Outside of the frame, with less than three quarters of the best NDCG: {', '.join(outside)}."
        if outside
        else ""
    )
    caption = (
        "Accuracy against fairness, test data: means over seeds with 95 % t-intervals, which may go on beyond the "
        "frame. Filled marks are on the Pareto front (the stepped line), hollow ones are beaten in both directions; "
        f"names that would cover others show where one points.{beyond}"
    )
    return (
        f'<figure class="picture"><div class="pictures">{"".join(drawn)}</div>\n'
        f"<figcaption>{text_html(caption)}</figcaption></figure>\n"
    )
