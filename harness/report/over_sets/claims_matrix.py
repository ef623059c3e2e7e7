"""The matrix of verdicts: claims × data sets, and what holds over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.report.document import Table
from harness.report.grid.claims import Judged
from harness.report.numbers import ABSENT
from harness.report.over_sets.one_set import OneSet
from harness.report.over_sets.pooled_change import in_words, pooled_change
from harness.stats.random_effects import Pooled
from harness.stats.verdict import NOT_TESTABLE, REPRODUCED, interval_text, signed, verdict
from harness.study.study_spec import Claim


@dataclass(frozen=True)
class OverSets:
    """A claim over data sets.

    Attributes:
        claim: as declared
        here: what each set says
        tested: on how many of the pooled sets it could be tested
        reproduced: on how many of these it was
        significant: on how many of these the change is significant in the claimed direction, whatever it costs
        holds: whether that is more than the share that the study declares
        pooled: the mean change over the pooled sets
        accuracy: that of NDCG, where the claim asks for it
    """

    claim: Claim
    here: tuple[Judged, ...]
    tested: int
    reproduced: int
    significant: int
    holds: bool
    pooled: Pooled | None
    accuracy: Pooled | None


def over_sets(sets: Sequence[OneSet]) -> list[OverSets]:
    """Each claim of a study, over the sets that it was run on."""
    study = sets[0].study
    found = []
    for place, claim in enumerate(study.claims):
        here = tuple(one.claims[place] for one in sets)
        own = [judged for judged, one in zip(here, sets, strict=True) if one.pooled]
        tested = [judged for judged in own if judged.verdict.word != NOT_TESTABLE]
        reproduced = sum(judged.verdict.word == REPRODUCED for judged in tested)
        significant = sum(_significant(judged) for judged in tested)
        holds = bool(tested) and reproduced > study.held_on * len(tested)
        pooled = pooled_change(judged.tested.change for judged in tested)
        accuracy = pooled_change(judged.tested.accuracy for judged in tested)
        found.append(OverSets(claim, here, len(tested), reproduced, significant, holds, pooled, accuracy))
    return found


def _significant(judged: Judged) -> bool:
    """Whether the verdict would be the same good one if nothing were asked of accuracy."""
    claim, change = judged.tested.claim, judged.tested.change
    return change is not None and verdict(change, judged.p, claim.better).word == REPRODUCED


def verdict_of(claim: OverSets) -> str:
    """In words."""
    if not claim.tested:
        return NOT_TESTABLE
    return f"{'holds' if claim.holds else 'does not hold'}: {claim.reproduced} of {claim.tested}"


def claims_matrix(sets: Sequence[OneSet], claims: Sequence[OverSets]) -> Table:
    """A row for each claim, a column for each data set with its grouping."""
    lines = tuple(
        (claim.claim.text, *map(_cell, claim.here), in_words(claim.pooled, claim.tested), verdict_of(claim))
        for claim in claims
    )
    share = sets[0].study.held_on
    return Table(
        "verdicts",
        "Claims on every data set, and over them.",
        ("claim", *(one.name for one in sets), "mean over sets", "verdict over sets"),
        lines,
        [_plain(claim, sets) for claim in claims],
        note="Each cell: reproduced or not, the relative change and its 95 % interval; each data set's verdicts are "
        "corrected for all its claims, and ask for the accuracy that a claim names. Over sets a claim holds if it is "
        f"reproduced on more than {100 * share:g} % of those where it could be tested, as declared before any of them "
        "was run. The mean is that of a random-effects model of the logarithms of ratios (Paule and "
        "Mandel; Hartung and Knapp's interval)." + _second(sets),
    )


def _second(sets: Sequence[OneSet]) -> str:
    others = [one.name for one in sets if not one.pooled]
    return f" Shown and not counted, being of data that are counted already: {'; '.join(others)}." if others else ""


def _cell(judged: Judged) -> str:
    word, change = judged.verdict.word, judged.tested.change
    if word == NOT_TESTABLE or change is None:
        return ABSENT
    size = f"{signed(change.change)} % ({interval_text(change).removesuffix(' %')})"
    return f"{'yes' if word == REPRODUCED else 'no'}: {size}"


def _plain(claim: OverSets, sets: Sequence[OneSet]) -> dict[str, Any]:
    pooled = claim.pooled
    return {
        "claim": claim.claim.text,
        **{one.name: judged.verdict.word for one, judged in zip(sets, claim.here, strict=True)},
        "tested": claim.tested,
        "reproduced": claim.reproduced,
        "significant": claim.significant,
        "holds": claim.holds,
        "percent": None if pooled is None else 100 * pooled.mean,
        "low": None if pooled is None else 100 * pooled.low,
        "high": None if pooled is None else 100 * pooled.high,
        "tau": None if pooled is None else pooled.tau,
    }
