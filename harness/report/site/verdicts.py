"""Where each claim was judged: the cells of the matrix claims × data sets, each with the board that it rests on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from harness.domain.group_keys import group_keys
from harness.report.grid.claims import Judged, judged_claims
from harness.report.site.boards import Part, under
from harness.study.study_spec import Claim

Task = tuple[str, str]
"""Data set and grouping trained on."""


@dataclass(frozen=True)
class PlacedClaim:
    """A claim as it was judged somewhere.

    Attributes:
        part: the study
        number: of the claim in the study, from 0
        task: data set and grouping
        rule: of the board that shows the runs; empty where none was run
        judged: change, p-value and verdict
        anchor: its place on that board
    """

    part: Part
    number: int
    task: Task
    rule: str
    judged: Judged
    anchor: str


@dataclass(frozen=True)
class Matrix:
    """The claims of a study and what was found wherever it was run.

    Attributes:
        study: its name
        claims: as declared
        columns: where
        cells: by the claim's number and the column, what was found; several where it was judged at several points
    """

    study: str
    claims: tuple[Claim, ...]
    columns: tuple[tuple[Part, Task], ...]
    cells: dict[tuple[int, int], list[PlacedClaim]]

    @cached_property
    def headings(self) -> list[str]:
        """Data set and grouping; with the folder's name where two columns have the same."""
        tasks = [task for _, task in self.columns]
        names = [", ".join(task) for task in tasks]
        return [
            name + (f" ({part.name})" if tasks.count(task) > 1 else "")
            for name, (part, task) in zip(names, self.columns, strict=True)
        ]


def placed_claims(part: Part) -> list[PlacedClaim]:
    """Every claim of a study, wherever it was judged; what could not be tested anywhere is said of every task."""
    tasks = list(dict.fromkeys(part.task(arm) for arm in part.arms))
    judged = judged_claims(part.study, part.records)
    key = group_keys([part.name])[part.name]
    return [
        PlacedClaim(
            part, part.study.claims.index(one.tested.claim), task, _rule(part, one), one, f"claim-{key}-{number}"
        )
        for number, one in enumerate(judged, start=1)
        for task in _tasks(part, one, tasks)
    ]


def _tasks(part: Part, judged: Judged, tasks: Sequence[Task]) -> Iterator[Task]:
    own = judged.tested.own
    if own is None:
        yield from tasks
    else:
        yield part.task(own)


def _rule(part: Part, judged: Judged) -> str:
    """The board on which the claim's runs are: that of its rule, else that of the rule which they had."""
    own = judged.tested.own
    if own is None:
        return ""
    asked = judged.tested.claim.selection or next(iter(part.study.selections), "")
    if asked in part.rules and own in under(asked, part.arms):
        return asked
    return own.rule if own.rule in part.rules else part.rules[0]


def matrices(parts: Sequence[Part]) -> list[Matrix]:
    """A matrix for each study with claims; one that was run on several data sets has a column for each.

    Runs of a study whose declared claims differ do not share a matrix.
    """
    groups: dict[tuple[str, tuple[str, ...]], list[Part]] = {}
    for part in parts:
        if part.study.claims and part.arms:
            texts = tuple(claim.text for claim in part.study.claims)
            groups.setdefault((part.records.study, texts), []).append(part)
    return [_matrix(name, own) for (name, _), own in groups.items()]


def _matrix(name: str, parts: Sequence[Part]) -> Matrix:
    placed = [one for part in parts for one in placed_claims(part)]
    columns = tuple(dict.fromkeys((part, task) for part in parts for arm in part.arms for task in [part.task(arm)]))
    cells: dict[tuple[int, int], list[PlacedClaim]] = {}
    for one in placed:
        cells.setdefault((one.number, columns.index((one.part, one.task))), []).append(one)
    return Matrix(name, parts[0].study.claims, columns, cells)
