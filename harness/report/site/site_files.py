"""The whole site as texts, by the names of their files: a pure function of the records."""

from collections.abc import Sequence

from harness.report.document import Block
from harness.report.site.addresses import INDEX, VALUES, Addresses
from harness.report.site.board_page import board_page
from harness.report.site.boards import Part, boards_of
from harness.report.site.index_page import Index, index_page
from harness.report.site.leaderboard import leaderboard
from harness.report.site.runs_page import runs_page
from harness.report.site.values_csv import values_csv
from harness.report.site.verdicts import matrices


def site_files(
    title: str, lead: str, parts: Sequence[Part], synthesis: Sequence[Block], licence: str, citation: str
) -> dict[str, str]:
    """Every page, and the values of all boards.

    Args:
        title, lead: of the first page; the lead in Markdown
        parts: the studies
        synthesis: what is said over data sets
        licence: of the records, in words
        citation: the content of a CITATION.cff; empty where there is none
    """
    boards = boards_of(parts)
    tables = [[leaderboard(comparison) for comparison in board.comparisons] for board in boards]
    addresses = Addresses(parts, boards)
    found = matrices(parts)
    claims = [one for matrix in found for cell in matrix.cells.values() for one in cell]
    both = list(zip(boards, tables, strict=True))
    index = Index(title, lead, both, found, synthesis, licence, citation)
    files = {INDEX: index_page(index, addresses), VALUES: values_csv(both)}
    for board, own in both:
        here = [one for one in claims if (one.task, one.rule) == (board.task, board.rule)]
        files[addresses.board(board.task, board.rule)] = board_page(board, own, boards, here, addresses)
    files |= {addresses.runs(part, arm): runs_page(part, arm, addresses) for part in parts for arm in part.arms}
    return files
