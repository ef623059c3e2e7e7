"""The first page: what this is, who is ahead where, which claims hold, how to cite and how to verify."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

from harness.base.errors import BadInput
from harness.plugins.registry import registry
from harness.report.document import Block, Picture, Text
from harness.report.grid.arms import CV
from harness.report.numbers import ABSENT, counted, number
from harness.report.site.addresses import INDEX, VALUES, Addresses, link
from harness.report.site.boards import Board
from harness.report.site.lead_html import lead_html
from harness.report.site.leaderboard import MOST_LOST, Leaderboard
from harness.report.site.page import page_html, table_html
from harness.report.site.verdicts import Matrix, PlacedClaim
from harness.report.writers.html import block_html, text_html
from harness.report.writers.images import svg
from harness.stats.verdict import NOT_REPRODUCED, REPRODUCED, interval_text, signed

PAPER = "https://arxiv.org/abs/2507.04294"
SIGNS = {REPRODUCED: ("yes", "✓"), NOT_REPRODUCED: ("no", "✗")}


@dataclass(frozen=True)
class Index:
    """What the first page says.

    Attributes:
        title, lead: as results.toml has them; the lead in Markdown
        boards: with their leaderboards, in order
        matrices: of verdicts
        synthesis: what is said over data sets: sentences on top, tables below the verdicts
        licence: under which the records are
        citation: the content of CITATION.cff; empty where there is none
    """

    title: str
    lead: str
    boards: Sequence[tuple[Board, Sequence[Leaderboard]]]
    matrices: Sequence[Matrix]
    synthesis: Sequence[Block]
    licence: str
    citation: str


def index_page(index: Index, addresses: Addresses) -> str:
    """The whole page."""
    matrices = "\n".join(_matrix(one, addresses, len(index.matrices) > 1) for one in index.matrices)
    drawn = {block.name: svg(block.figure) for block in index.synthesis if isinstance(block, Picture)}
    short = "\n".join(block_html(block, drawn) for block in index.synthesis if isinstance(block, Text))
    over = "\n".join(block_html(block, drawn) for block in index.synthesis if not isinstance(block, Text))
    answers = f'<section id="short">\n<h2>In short</h2>\n{short}</section>\n' if short else ""
    verdicts = f'<section id="claims">\n<h2>Do the claims hold?</h2>\n{_MATRIX_NOTE}{matrices}\n{over}</section>\n'
    body = (
        '<p class="lead">Methods that make recommendations fair to groups, compared under one protocol: on which '
        "data, by how much, at what cost in accuracy and time, and how sure that is. Every number leads to its runs, "
        f"and every run to the command that makes it again.</p>\n{answers}{_boards(index, addresses)}\n"
        f"{verdicts if index.matrices or index.synthesis else ''}"
        f'<section id="measured">\n<h2>What was measured, and how</h2>\n{lead_html(index.lead)}</section>\n'
        f"{_data(index)}\n{_verify()}\n{_cite(index)}"
    )
    return page_html(index.title, body, INDEX)


def _boards(index: Index, addresses: Addresses) -> str:
    """A line for each study and task, a column for each rule: who is ahead."""
    rules = list(dict.fromkeys(board.rule for board, _ in index.boards))
    found: dict[tuple[tuple[str, str], str], dict[str, tuple[Board, Leaderboard]]] = {}
    for board, tables in index.boards:
        for table in tables:
            line = found.setdefault((board.task, board.title_of(table.comparison)), {})
            line[board.rule] = (board, table)
    rows = []
    for (task, title), line in found.items():
        cells = "".join(
            f"<td>{_winner(*line[rule], addresses)}</td>" if rule in line else f"<td>{ABSENT}</td>" for rule in rules
        )
        told = text_html(", ".join(dict.fromkeys(part for part in (title, *_notes(line)) if part)))
        rows.append(f'<tr><th scope="row">{text_html(", ".join(task))}<small>{told}</small></th>{cells}</tr>')
    names = [next(board.rule_name for board, _ in index.boards if board.rule == rule) for rule in rules]
    head = "".join(f'<th scope="col">{text_html(name)}</th>' for name in ("data, groups", *names))
    shown = table_html("matrix", "The fairest variant of each board, by the rule that selects epochs.", head, rows)
    return (
        f'<section id="boards">\n<h2>Leaderboards</h2>\n{shown}\n<p class="note">The fairest: the lowest mean CV on '
        f"test data, among variants of which every seed counts and which lose at most {100 * MOST_LOST:g} % of the "
        "baseline's NDCG on average. Open: for these rank 1 by CV is not excluded either. All values: "
        f'<a href="{VALUES}">{VALUES}</a>.</p></section>'
    )


def _notes(line: Mapping[str, tuple[Board, Leaderboard]]) -> list[str]:
    return [table.comparison.part.note for _, table in line.values()]


def _winner(board: Board, table: Leaderboard, addresses: Addresses) -> str:
    page = link(INDEX, addresses.board(board.task, board.rule))
    row = table.winner
    if row is None or row.cv is None:
        return f'<a class="go" href="{page}">no variant qualifies</a>'
    change = row.changes.get(CV)
    against = "" if change is None or isnan(change.change) else f", {signed(change.change)} %"
    runs = link(INDEX, addresses.runs(table.comparison.part, row.arm))
    rivals = len(table.rivals)
    rest = f"{counted(rivals, 'other')} open"
    return (
        f'<a class="go" href="{page}">{text_html(row.name)}</a><small>CV <a class="number" '
        f'href="{runs}">{number(row.cv)}{against}</a>'
        f"</small><small>{rest}</small>"
    )


_MATRIX_NOTE = (
    '<p class="note">Each cell: the verdict, the change of the claimed metric with its 95 % interval (Fieller), and '
    "the way to the runs. Reproduced: p ≤ 0.05 in the claimed direction, Holm-corrected over the claims of the study "
    "on that data, and where a claim is made at comparable accuracy, an NDCG that is shown not to fall by more than "
    "it allows.</p>\n"
)


def _matrix(matrix: Matrix, addresses: Addresses, named: bool) -> str:
    head = "".join(f'<th scope="col">{text_html(name)}</th>' for name in ("claim", *matrix.headings))
    rows = []
    for number_, claim in enumerate(matrix.claims):
        cells = "".join(
            _cell(matrix.cells.get((number_, column), []), addresses) for column in range(len(matrix.columns))
        )
        source = f"<small>{text_html(claim.source)}</small>" if claim.source else ""
        rows.append(f'<tr><th scope="row">{text_html(claim.text)}{source}</th>{cells}</tr>')
    title = f"<h3>Study {text_html(matrix.study)}</h3>\n" if named else ""
    return title + table_html("matrix", f"Claims of the study {matrix.study}, and what was found.", head, rows)


def _cell(found: Sequence[PlacedClaim], addresses: Addresses) -> str:
    return f"<td>{'<br>'.join(_verdict(one, addresses) for one in found) or ABSENT}</td>"


def _verdict(one: PlacedClaim, addresses: Addresses) -> str:
    tested, _, verdict = one.judged
    kind, sign = SIGNS.get(verdict.word, ("open", "–"))
    word = f'<span class="verdict {kind}">{sign} {text_html(verdict.word)}</span>'
    place = f"<small>{text_html(tested.place)}</small>" if tested.place else ""
    page = addresses.board(one.task, one.rule) if one.rule else ""
    if tested.change is None or not page:
        return f'{word}{place}<small class="wrap">{text_html(verdict.reason)}</small>'
    size = ABSENT if isnan(tested.change.change) else f"{signed(tested.change.change)} %"
    return (
        f'<a href="{link(INDEX, f"{page}#{one.anchor}")}">{word}<br>{size}</a>'
        f"<small>{text_html(interval_text(tested.change))}</small>{place}"
    )


def _data(index: Index) -> str:
    """What the data sets' cards say of licence and source, as far as they are installed."""
    items = []
    for name in dict.fromkeys(board.dataset for board, _ in index.boards):
        try:
            card = registry.get("dataset", name).card
        except BadInput:
            items.append(f"<li><strong>{text_html(name)}</strong>: its card is not installed here.</li>")
            continue
        items.append(
            f"<li><strong>{text_html(name)}</strong>: {text_html(card.citation.rstrip('.'))}. "
            f"Licence: {text_html(card.licence.rstrip('.'))}.</li>"
        )
    return f'<section id="data">\n<h2>Data</h2>\n<p>No data is shared here.</p>\n<ul>{"".join(items)}</ul></section>'


def _verify() -> str:
    return (
        '<section id="verify">\n<h2>How to verify</h2>\n<ul>\n'
        "<li>That these files are those that were written: <code>sha256sum -c SHA256SUMS</code> in this folder. What "
        'they are and what made them: <a href="ro-crate-metadata.json">ro-crate-metadata.json</a>, in the words of '
        "RO-Crate 1.2.</li>\n"
        "<li>That they come of the records: <code>harness results results --site FOLDER</code> in a checkout makes "
        "the same files, byte for byte, without training anything.</li>\n"
        "<li>That the records come of the code: <code>harness results verify results --sample 3</code> trains some of "
        "the runs again and compares every metric; each run's page has the command for that run alone, with the "
        "hashes of data and split, versions and commit that it had. Equal code, data, libraries, machine and number of "
        "threads give equal bits.</li>\n"
        "</ul></section>"
    )


def _cite(index: Index) -> str:
    file = (
        '<p>Software: <a href="CITATION.cff">CITATION.cff</a>.</p>\n'
        f'<details><summary>Show it</summary><pre tabindex="0">{text_html(index.citation)}</pre></details>\n'
        if index.citation
        else ""
    )
    return (
        '<section id="cite">\n<h2>How to cite, and licence</h2>\n'
        f'{file}<p>The paper whose method is at its heart: Zhang et al. 2025, <a href="{PAPER}">arXiv 2507.04294</a>. '
        "Cite the data sets above as well, and the papers of the methods that you compare.</p>\n"
        f"<p>Records and pages: {text_html(index.licence)}</p></section>"
    )
