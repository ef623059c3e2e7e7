"""The page of a board: what one can ask of it, its pictures, its tables, and the claims that were judged on it."""

from collections.abc import Mapping, Sequence
from math import isnan

from harness.report.grid.arms import MeasuredArm, variant_numbers
from harness.report.grid.front_picture import PLANES
from harness.report.grid.point_arms import seed_list
from harness.report.numbers import ABSENT, counted, number, probability
from harness.report.site.addresses import INDEX, Addresses, anchor, link
from harness.report.site.board_table import FAMILIES, board_table
from harness.report.site.boards import Board, Comparison
from harness.report.site.front_svg import framed, front_svg
from harness.report.site.leaderboard import Leaderboard
from harness.report.site.page import page_html, table_html
from harness.report.site.verdicts import PlacedClaim
from harness.report.writers.html import text_html
from harness.spec.selection import BEST_NDCG, FAIR_WITHIN
from harness.stats.verdict import interval_text, signed

MOST = 10
"""Per cent; the slider goes up to here, and then to any loss."""
HOW = (
    "<h2>How to read this</h2>\n<ul>\n"
    "<li>Values are means over seeds on test data ± half of the 95 % t-interval. A seed is a split of its own, the "
    "same "
    "for all variants. Runs of which no epoch met the rule do not count.</li>\n"
    "<li><strong>Bold</strong>: significantly better than the baseline, by paired t-tests over shared seeds, "
    "Holm-corrected over all variants × three metrics of the table; nothing else is bold.</li>\n"
    "<li>Changes are those of the means over shared seeds, in % of the baseline's, with Fieller's 95 % interval below, "
    "which is not corrected.</li>\n"
    "<li>Rank by CV: the ranks that cannot be excluded, from 1 + the number of variants that are significantly "
    "better to "
    "the number of those that are not significantly worse, itself among them. All pairs of variants in the table are "
    "compared by paired t-tests over shared seeds, Holm-corrected as one family (p ≤ 0.05): the probability that any "
    "true rank is outside of its range is about 5 % at most. A pair without two shared seeds counts and excludes "
    "nothing.</li>\n"
    "<li>Cost: seconds of training by the clock, on a machine that may have done other things as well, and as a "
    "multiple "
    "of the baseline's over shared seeds. Tuning is not counted.</li>\n"
    "<li>Family: whether a variant intervenes before (pre), in or after (post) training; none: a recommender that does "
    "nothing for fairness.</li>\n"
    "<li>The slider goes by the mean change of NDCG, not by its interval: a variant that stays may lose "
    "more.</li>\n</ul>"
)


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
        _section(found, board, number, [one for one in claims if one.part is found.comparison.part], addresses)
        for number, found in enumerate(tables, start=1)
    )
    lead = f'<p class="lead">{text_html(_meaning(board))}</p>\n'
    return page_html(board.title, f"{lead}{nav}{_controls()}{sections}\n{HOW}", file, [("Results", INDEX)], script=True)


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
            "of the "
            "reference method; it was measured on test data once."
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
        '<label><span>NDCG that may be lost against the baseline: <output id="share" for="lost">any</output></span>\n'
        f'<input type="range" id="lost" min="0" max="{MOST + 0.5}" step="0.5" value="{MOST + 0.5}"></label>\n'
        '</div>\n<p id="told" role="status"></p>\n'
    )


def _section(board: Leaderboard, on: Board, number: int, claims: Sequence[PlacedClaim], addresses: Addresses) -> str:
    comparison = board.comparison
    file = addresses.board(on.task, on.rule)
    pages = {row.name: link(file, addresses.runs(comparison.part, row.arm)) for row in board.rows}
    numbers = variant_numbers(comparison.part.records.runs)
    judged = f"<h3>Claims judged here</h3>\n{''.join(_claim(one, file, addresses) for one in claims)}" if claims else ""
    return (
        f'<section class="comparison" id="c{number}">\n<h2>{text_html(comparison.title)}</h2>\n'
        f"<p>{text_html(_extent(comparison))}</p>\n{_pictures(board, numbers, pages, number)}"
        f"{board_table(board, on.rule, pages, numbers)}\n{judged}</section>"
    )


def _extent(comparison: Comparison) -> str:
    """What was compared, and on what terms."""
    part = comparison.part
    trials = {
        variant: sum(trial.variant == variant for trial in part.records.stage("trial"))
        for variant in dict.fromkeys(arm.variant for arm in comparison.arms)
    }
    counts = sorted({n for n in trials.values() if n})
    untuned = [variant for variant, n in trials.items() if not n]
    tuned = "No variant was tuned." if not counts else f"Tuned with {' or '.join(map(str, counts))} trials each."
    if counts and untuned:
        tuned += f" Not tuned: {', '.join(untuned)}."
    baseline = f"; the baseline is {part.study.baseline}" if part.study.baseline else "; there is no baseline"
    what = part.study.summary.rstrip(".")
    return (
        f"{what[:1].upper()}{what[1:]}{'' if what.endswith(('?', '!')) else '.'} "
        f"{counted(len(trials), 'variant')}, {seed_list(comparison.seeds)}{baseline}. {tuned}"
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
        "frame. "
        f"Filled marks are on the Pareto front (the stepped line), hollow ones are beaten in both directions; "
        f"names that would cover others show where one points.{beyond}"
    )
    return (
        f'<figure class="picture"><div class="pictures">{"".join(drawn)}</div>\n'
        f"<figcaption>{text_html(caption)}</figcaption></figure>\n"
    )


def _claim(one: PlacedClaim, file: str, addresses: Addresses) -> str:
    """A claim with what it rests on, seed by seed."""
    tested, p, found = one.judged
    claim = tested.claim
    parts = [f"{found.word}{f': {found.reason}' if found.reason else ''}"]
    if tested.change is not None:
        size = (
            f"{signed(tested.change.change)} % ({interval_text(tested.change)})"
            if not isnan(tested.change.change)
            else ABSENT
        )
        parts.append(f"{tested.metric} of {claim.variant} against {claim.against} {size}, p (Holm) {probability(p)}")
    if claim.published is not None:
        parts.append(f"published: {claim.published:+g} %".replace("-", "−"))
    parts += [tested.differs] if tested.differs else []
    source = f"<p>{text_html(claim.source)}</p>" if claim.source else ""
    place = f" ({tested.place})" if tested.place else ""
    return (
        f'<div class="claim" id="{text_html(one.anchor)}"><h4>{text_html(claim.text + place)}</h4>\n{source}'
        f"<p>{text_html('; '.join(parts))}</p>\n{_pairs(one, file, addresses)}</div>\n"
    )


def _pairs(one: PlacedClaim, file: str, addresses: Addresses) -> str:
    tested = one.judged.tested
    own, other = tested.own, tested.other
    if own is None or other is None:
        return ""
    mine, theirs = own.values(tested.claim.metric), other.values(tested.claim.metric)

    def cell(arm: MeasuredArm, values: Mapping[int, float], seed: int) -> str:
        page = link(file, f"{addresses.runs(one.part, arm)}#{anchor(arm.runs[seed])}")
        mark = "" if arm.runs[seed].qualifies else "*"
        return f'<td class="n"><a class="number" href="{page}">{number(values[seed])}</a>{mark}</td>'

    shared = [seed for seed in mine if seed in theirs]
    rows = [
        f'<tr><th scope="row">{seed}</th>{cell(other, theirs, seed)}{cell(own, mine, seed)}'
        f'<td class="n">{signed(mine[seed] / theirs[seed] - 1) + " %" if theirs[seed] else ABSENT}</td></tr>'
        for seed in shared
    ]
    names = ("seed", other.variant, own.variant, "change")
    head = "".join(
        f'<th scope="col"{" class=n" if place else ""}>{text_html(name)}</th>' for place, name in enumerate(names)
    )
    unmet = any(not arm.runs[seed].qualifies for arm in (own, other) for seed in shared)
    note = '<p class="note">* No epoch met the rule: the most accurate one counts.</p>' if unmet else ""
    return table_html("pairs", f"{tested.metric} by seed", head, rows) + note
