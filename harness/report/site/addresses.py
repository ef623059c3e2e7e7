"""Where everything is on the site: files by what they show, and links from one page to another."""

import os
from collections.abc import Sequence
from pathlib import PurePosixPath
from urllib.parse import quote

from harness.domain.group_keys import group_keys
from harness.report.grid.arms import MeasuredArm
from harness.report.site.boards import Board, Part
from harness.study.points import written
from harness.study.records import Record

INDEX, VALUES = "index.html", "leaderboards.csv"
BOARDS, RUNS = "boards", "runs"
"""Folders of pages."""


class Addresses:
    """The files of all boards and of all arms' runs, relative to the site's folder."""

    def __init__(self, parts: Sequence[Part], boards: Sequence[Board]) -> None:
        """Name a file for each board and each arm."""
        titles = {id(board): f"{board.dataset} {board.group} {board.rule_name}" for board in boards}
        of_board = group_keys(titles.values())
        self._boards = {(*board.task, board.rule): f"{BOARDS}/{of_board[titles[id(board)]]}.html" for board in boards}
        self._arms: dict[tuple[int, MeasuredArm], str] = {}
        folders = group_keys(part.name for part in parts)
        for part in parts:
            names = {arm: _name(arm) for arm in part.arms}
            keys = group_keys(names.values())
            for arm, name in names.items():
                self._arms[id(part), arm] = f"{RUNS}/{folders[part.name]}/{keys[name]}.html"

    def board(self, task: tuple[str, str], rule: str) -> str:
        """The page of a board; empty where there is none."""
        return self._boards.get((*task, rule), "")

    def runs(self, part: Part, arm: MeasuredArm) -> str:
        """The page of an arm's runs."""
        return self._arms[id(part), arm]


def _name(arm: MeasuredArm) -> str:
    return " ".join(part for part in (arm.variant, written(arm.point.values), arm.rule) if part)


def anchor(record: Record) -> str:
    """The place of a run on its page."""
    return f"seed-{record.seed}"


def link(page: str, to: str) -> str:
    """The address of the file ``to`` as a page in the file ``page`` names it; a place in it comes after ``#``."""
    file, hash_, place = to.partition("#")
    relative = os.path.relpath(file, PurePosixPath(page).parent).replace(os.sep, "/")
    return quote(relative) + hash_ + quote(place)
