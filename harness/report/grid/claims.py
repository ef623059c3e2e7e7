"""The paper's claims, each with what was measured here and the verdict on it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import Any, NamedTuple

from harness.domain.metric_key import MetricKey
from harness.report.document import Section, Table
from harness.report.grid.arms import NDCG, MeasuredArm, arms_of, counterpart, heading, pairs
from harness.report.numbers import ABSENT, counted, probability
from harness.stats.family import holm
from harness.stats.ratio import RelativeChange, relative_change
from harness.stats.verdict import MIN_PAIRS, NOT_TESTABLE, Verdict, interval_text, signed, verdict
from harness.study.points import written
from harness.study.records import Records
from harness.study.study_spec import Claim, GridSpec

HEADINGS = ("claim", "measured", "published", "here", "95 % interval", "p (Holm)", "seeds", "verdict")


@dataclass(frozen=True)
class Tested:
    """A claim at one point.

    Attributes:
        claim: as declared
        place: the point in words; empty where there is one
        change: of the claim's metric; None where it was not measured
        accuracy: of NDCG; None where the claim does not ask for it, or it was not measured
        missing: why there is no change
        differs: what the runs have other than what was published rests on, as far as the study declares it
        unqualified: runs of which no epoch met their rule
        instead: in words, of which arm no trial met the claim's rule, and which runs of it count
        heading: what was compared, as tables call it; empty where no run tells
        own, other: the arms of the claim's variant and of what it is held against, as far as they were measured
    """

    claim: Claim
    place: str = ""
    change: RelativeChange | None = None
    accuracy: RelativeChange | None = None
    missing: str = ""
    differs: str = ""
    unqualified: int = 0
    instead: str = ""
    heading: str = ""
    own: MeasuredArm | None = None
    other: MeasuredArm | None = None

    @property
    def metric(self) -> str:
        """What is compared, for people."""
        return self.heading or MetricKey.in_words(self.claim.metric)


class Judged(NamedTuple):
    """A claim at one point, its p-value after Holm's correction over all claims (NaN without one), and the verdict."""

    tested: Tested
    p: float
    verdict: Verdict


def judged_claims(study: GridSpec, records: Records) -> list[Judged]:
    """Each claim of the study at each point where it was measured."""
    arms = arms_of(records.runs, lenient=True)
    tested = [entry for claim in study.claims for entry in _tests(study, claim, arms)]
    return [Judged(entry, p, _verdict(entry, p)) for entry, p in zip(tested, family_of(tested), strict=True)]


def claims_section(study: GridSpec, records: Records) -> Section | None:
    """A verdict on each claim of the study, at each point where it was measured; None where none is declared."""
    if not study.claims:
        return None
    judged = judged_claims(study, records)
    lines, data = [_line(*row) for row in judged], [_plain(*row) for row in judged]
    n = sum(not isnan(row.p) for row in judged)
    note = (
        "Here: the ratio of means over shared seeds, less 1, with Fieller's interval, which excludes 0 exactly where "
        "the paired t-test is significant before correction. p is that test's, Holm-corrected over "
        f"{counted(n, 'claim')} that could be tested. Reproduced: p ≤ 0.05 in the claimed direction and, where a claim "
        "is made at comparable accuracy, the interval of the change in NDCG lies above the loss that is allowed. Runs "
        "of which no epoch met the selection rule count with the most accurate epoch, which is what they kept; so does "
        "an arm of which no trial met it, with its runs under best_ndcg."
    )
    table = Table("claims", "Published claims and what was found here.", HEADINGS, tuple(lines), data, note=note,
                  leading=True)  # fmt: skip
    return Section("Verdicts on the claims", (table,))


def family_of(tested: Sequence[Tested]) -> list[float]:
    """p-values corrected over all claims that have one; NaN for the others, which no test could falsely reject."""
    raw = [nan if entry.change is None else entry.change.p for entry in tested]
    corrected = iter(holm([p for p in raw if not isnan(p)]).tolist())
    return [nan if isnan(p) else next(corrected) for p in raw]


def _tests(study: GridSpec, claim: Claim, arms: Sequence[MeasuredArm]) -> Iterable[Tested]:
    if claim.untestable:
        return [Tested(claim, missing=claim.untestable)]
    rule = claim.selection or next(iter(study.selections), "")
    here = [arm for arm in arms if all(arm.point.values.get(key) == value for key, value in claim.point.items())]
    own = under_rule(rule, [arm for arm in here if arm.variant == claim.variant])
    if not own:
        at = f" at {written(claim.point)}" if claim.point else ""
        return [Tested(claim, missing=f"no run of {claim.variant}{f' under {rule}' if rule else ''}{at}")]
    others = under_rule(rule, [arm for arm in here if arm.variant == claim.against])
    several = len(own) > 1
    return [_test(study, claim, rule, arm, counterpart(others, claim.against, arm), several) for arm in own]


def under_rule(rule: str, arms: Sequence[MeasuredArm]) -> list[MeasuredArm]:
    """The arms under ``rule``; those of a variant that has rules of its own are under the only one that they have."""
    found = [arm for arm in arms if arm.rule == rule]
    return found or (list(arms) if len({arm.rule for arm in arms}) == 1 else [])


def _test(
    study: GridSpec, claim: Claim, rule: str, arm: MeasuredArm, other: MeasuredArm | None, several: bool
) -> Tested:
    place = written(arm.point.values) if several else ""
    if other is None:
        return Tested(claim, place, missing=f"no run of {claim.against} to compare with", own=arm)
    differs = other_than_published(study, claim, arm)
    first, second = pairs(other, arm, claim.metric)
    if not first:
        lacking = f"no shared seed with {heading([arm], claim.metric)}"
        return Tested(claim, place, missing=lacking, differs=differs, own=arm, other=other)
    accuracy = None
    if claim.comparable is not None:
        ndcg = pairs(other, arm, NDCG)
        if not ndcg[0]:
            return Tested(claim, place, missing="no shared seed with NDCG", differs=differs, own=arm, other=other)
        accuracy = relative_change(*ndcg)
    unqualified = sum(not run.qualifies for one in (arm, other) for run in one.runs.values())
    metric, change = heading([arm], claim.metric), relative_change(first, second)
    instead = "; ".join(filter(None, (stands_in(study, rule, one) for one in (arm, other))))
    return Tested(claim, place, change, accuracy, "", differs, unqualified, instead, metric, arm, other)


def stands_in(study: GridSpec, rule: str, arm: MeasuredArm) -> str:
    """In words, where tuning has found nothing under ``rule``: an arm with another one as well counts under that."""
    declared = study.variants.get(arm.variant)
    rules = (declared.selections if declared else None) or study.selections
    if arm.rule == rule or rule not in rules:
        return ""
    return f"no trial of {arm.variant} met {rule}: its runs under {arm.rule}"


def other_than_published(study: GridSpec, claim: Claim, arm: MeasuredArm) -> str:
    """In words, where data set or encoder differ from those of published figures: of the claim's source, or any."""
    told = [one for one in study.published if one.variant in (claim.variant, claim.against)]
    told = [one for one in told if one.source == claim.source] or told
    asked = arm.first.view
    own: Mapping[str, str] = {"data set": asked.dataset, "encoder": asked.encoder}
    theirs = {
        "data set": {one.dataset for one in told if one.dataset},
        "encoder": {one.encoder for one in told if one.encoder},
    }
    return "; ".join(
        f"{what} {own[what]}, published: {', '.join(sorted(names))}"
        for what, names in theirs.items()
        if names and own[what] and own[what] not in names
    )


def _verdict(entry: Tested, p: float) -> Verdict:
    if entry.change is None:
        return Verdict(NOT_TESTABLE, entry.missing)
    if entry.accuracy is not None and entry.accuracy.n < MIN_PAIRS <= entry.change.n:
        return Verdict(NOT_TESTABLE, "NDCG has fewer than 2 paired seeds")
    return verdict(entry.change, p, entry.claim.better, entry.accuracy, entry.claim.comparable)


def _line(entry: Tested, p: float, found: Verdict) -> tuple[str, ...]:
    claim, change = entry.claim, entry.change
    said = claim.text + (f" [{claim.source}]" if claim.source else "") + (f" ({entry.place})" if entry.place else "")
    what = f"{entry.metric}: {claim.variant} against {claim.against}" if claim.metric else ABSENT
    extra = [f"{counted(entry.unqualified, 'run')} met no rule"] if entry.unqualified else []
    extra += [entry.instead] if entry.instead else []
    word = ": ".join(part for part in (found.word, found.reason) if part)
    return (
        said,
        what,
        ABSENT if claim.published is None else f"{claim.published:+g} %".replace("-", "−"),
        ABSENT if change is None or isnan(change.change) else f"{signed(change.change)} %",
        ABSENT if change is None else interval_text(change).replace("none", ABSENT),
        probability(p),
        "0" if change is None else str(change.n),
        "; ".join([word, *extra, *([entry.differs] if entry.differs else [])]),
    )


def _plain(entry: Tested, p: float, found: Verdict) -> dict[str, Any]:
    claim, change, accuracy = entry.claim, entry.change, entry.accuracy
    return {
        "claim": claim.text,
        "source": claim.source,
        "place": entry.place,
        "metric": entry.metric if claim.metric else "",
        "variant": claim.variant,
        "against": claim.against,
        "published_percent": claim.published,
        "percent": None if change is None else 100 * change.change,
        "low": None if change is None else 100 * change.low,
        "high": None if change is None else 100 * change.high,
        "p": None if change is None else change.p,
        "p_holm": p,
        "pairs": 0 if change is None else change.n,
        "ndcg_percent": None if accuracy is None else 100 * accuracy.change,
        "ndcg_low": None if accuracy is None else 100 * accuracy.low,
        "ndcg_high": None if accuracy is None else 100 * accuracy.high,
        "verdict": found.word,
        "reason": found.reason,
        "instead": entry.instead,
        "differs": entry.differs,
    }
