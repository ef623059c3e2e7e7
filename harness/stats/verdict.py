"""What seeds say about a published claim: reproduced, not reproduced and why, or not testable here."""

from dataclasses import dataclass
from math import isfinite, isnan
from typing import Literal

from harness.stats.ratio import RelativeChange

REPRODUCED: Literal["reproduced"] = "reproduced"
NOT_REPRODUCED: Literal["not reproduced"] = "not reproduced"
NOT_TESTABLE: Literal["not testable here"] = "not testable here"
SIGNIFICANT = 0.05
MIN_PAIRS = 2


@dataclass(frozen=True)
class Verdict:
    """``word``, and in words why; the reason of what is reproduced says what else was asked of it."""

    word: Literal["reproduced", "not reproduced", "not testable here"]
    reason: str = ""


def verdict(
    change: RelativeChange,
    p: float,
    better: Literal["lower", "higher"],
    accuracy: RelativeChange | None = None,
    comparable: float | None = None,
) -> Verdict:
    """Judge a claim that the second method's values are lower (higher) than the first one's.

    Reproduced: the change is significant, in the claimed direction, and where ``comparable`` is given accuracy is
    shown not to fall by more: the lower end of its interval lies above −``comparable`` (non-inferiority).

    Args:
        change: of the claimed metric
        p: of that change, corrected for all claims that are tested together
        better: the claimed direction
        accuracy: the change in NDCG, where ``comparable`` is given
        comparable: the share of NDCG that may be lost at most

    Raises:
        ValueError: where ``comparable`` is given without ``accuracy``.
    """
    if comparable is not None and accuracy is None:
        raise ValueError("comparable accuracy cannot be judged without the change in accuracy")
    if change.n < MIN_PAIRS:
        return Verdict(NOT_TESTABLE, f"{change.n} paired seed{'' if change.n == 1 else 's'}: at least 2 are needed")
    if isnan(change.change):
        return Verdict(NOT_TESTABLE, "relative to 0, no change has a size")
    if not p <= SIGNIFICANT:
        alone = change.low > 0 or change.high < 0
        what = "not significant among all claims" if alone else "no significant difference"
        return Verdict(NOT_REPRODUCED, f"{what}: interval {interval_text(change)}")
    if (change.change < 0) != (better == "lower"):
        return Verdict(NOT_REPRODUCED, "the other way")
    if accuracy is None or comparable is None:
        return Verdict(REPRODUCED)
    return _at_comparable_accuracy(accuracy, comparable)


def _at_comparable_accuracy(accuracy: RelativeChange, comparable: float) -> Verdict:
    found = f"NDCG {interval_text(accuracy)}"
    if accuracy.low > -comparable:
        return Verdict(REPRODUCED, found)
    fell = "fell" if accuracy.high < -comparable else "may have fallen"
    return Verdict(NOT_REPRODUCED, f"accuracy {fell} by more than {100 * comparable:g} %: {found}")


def interval_text(change: RelativeChange) -> str:
    """``−3.1 … +5.0 %``; in words where there is none or none that ends."""
    if isnan(change.low):
        return "none"
    if not (isfinite(change.low) and isfinite(change.high)):
        return "without bounds"
    return f"{signed(change.low)} … {signed(change.high)} %"


def signed(share: float) -> str:
    """A share as per cent with its sign: ``−3.1``, ``+5.0``, ``0.0``."""
    text = f"{100 * share:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", "−")
