"""What a busy reader takes away from several data sets: a paragraph, the matrix of verdicts, the arms."""

from collections.abc import Sequence

from harness.report.document import Section, Text
from harness.report.over_sets.arms_table import ArmOverSets, arms_over_sets, arms_table
from harness.report.over_sets.claims_matrix import OverSets, claims_matrix, over_sets, verdict_of
from harness.report.over_sets.one_set import OneSet, claimed_rule
from harness.report.over_sets.pooled_change import in_words


def over_sets_section(sets: Sequence[OneSet]) -> Section:
    """Answers first."""
    claims, arms = over_sets(sets), arms_over_sets(sets)
    blocks = (_summary(sets, claims, arms), claims_matrix(sets, claims), arms_table(sets, arms))
    return Section(_title(sets), blocks)


def _title(sets: Sequence[OneSet]) -> str:
    return f"{sets[0].records.study} over {len({one.dataset for one in sets})} data sets"


def _summary(sets: Sequence[OneSet], claims: Sequence[OverSets], arms: Sequence[ArmOverSets]) -> Text:
    """The claims' verdicts in a sentence each, then what is as fair for less."""
    items = [f"{one.claim.text}: {_found(one)}" for one in claims]
    study = sets[0].study
    subject = next((claim.variant for claim in study.claims if claim.variant), "")
    own = next((arm for arm in arms if arm.variant == subject), None)
    if own is not None:
        items.append(_price(own, study.baseline))
        items.append(_cheaper(own, arms))
    names = "; ".join(one.name for one in sets if one.pooled)
    return Text(f"On test data of {names} (epochs selected by {claimed_rule(study)}):", tuple(items))


def _found(one: OverSets) -> str:
    """The verdict, and what it is made of: how often the change is significant, and at what accuracy."""
    parts = [verdict_of(one)]
    if one.tested and one.claim.comparable is not None:
        kept = f", {one.reproduced} of these with at most {100 * one.claim.comparable:g} % of NDCG shown to be lost"
        parts.append(f"significant on {one.significant}{kept if one.significant else ''}")
    mean = f"mean {in_words(one.pooled, one.tested)}"
    parts.append(f"{mean}, of NDCG {in_words(one.accuracy, one.tested)}" if one.accuracy else mean)
    return "; ".join(parts)


def _price(own: ArmOverSets, baseline: str) -> str:
    times = "" if own.times is None else f", for {own.times:.1f} times the training time"
    return f"{own.variant} against {baseline}: {_changes(own, 'cv', 'min', 'ndcg')}{times}"


def _cheaper(own: ArmOverSets, arms: Sequence[ArmOverSets]) -> str:
    """Arms that lower CV as much on average and take less time, on as many sets."""
    mine = own.changes["cv"]
    found = [
        f"{arm.variant} ({_changes(arm, 'cv', 'ndcg')}, {arm.times:.1f} times the training time)"
        for arm in arms
        if arm is not own and (theirs := arm.changes["cv"]) and mine and theirs.mean <= mine.mean
        if arm.sets == own.sets and arm.times is not None and own.times is not None and arm.times < own.times
    ]
    return f"CV falls as much on average for less time under: {', '.join(found) or 'no other arm'}"


def _changes(arm: ArmOverSets, *names: str) -> str:
    return ", ".join(f"{name.upper()} {in_words(arm.changes[name], arm.sets)}" for name in names)
