"""The rules that pick the epoch that is kept, by name; validation alone selects.

``best_ndcg`` keeps the most accurate epoch. ``fair_within:x`` keeps the fairest one (lowest CV of the grouping trained
on) among those that are nearly as accurate as the reference method: NDCG of at least (1 − x) times its own, on the same
seed, split and data. Where no epoch is, the most accurate one is kept and the run says so.
"""

from dataclasses import dataclass
from math import inf, isfinite

from harness.base.errors import nearest
from harness.domain.metric_key import MetricKey

BEST_NDCG = "best_ndcg"
FAIR_WITHIN = "fair_within"
REFERENCE_RUN = "selection.reference"
"""The tag of a run under ``fair_within`` that says which run it was compared with."""
NONE_QUALIFIES = "none_qualifies"
"""The tag of a run none of whose epochs reached the bar."""


@dataclass(frozen=True)
class Rule:
    """A rule; ``share`` is the x of ``fair_within:x``, and None for ``best_ndcg``."""

    share: float | None = None

    def __str__(self) -> str:
        return BEST_NDCG if self.share is None else f"{FAIR_WITHIN}:{self.share:g}"


def parse(text: str) -> Rule:
    """The rule that ``text`` names.

    Raises:
        ValueError: one line, for an unknown rule, and for a share that is no number from 0 to below 1.
    """
    name, colon, given = text.strip().partition(":")
    if name == BEST_NDCG and not colon:
        return Rule()
    if name != FAIR_WITHIN:
        close = nearest(name, (BEST_NDCG, FAIR_WITHIN))
        shown = {BEST_NDCG: BEST_NDCG, FAIR_WITHIN: f"{FAIR_WITHIN}:0.02"}
        hint = f"did you mean '{shown[close]}'?" if close else f"choose from: {', '.join(shown.values())}"
        raise ValueError(f"unknown rule: {hint}")
    share = _number(given)
    if share is None or not 0 <= share < 1:
        raise ValueError(
            f"the share after '{FAIR_WITHIN}:' is a number from 0 to below 1: two per cent is {FAIR_WITHIN}:0.02"
        )
    return Rule(share)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def reference_key(k: int) -> MetricKey:
    """The metric in which a run under ``fair_within`` keeps the reference's validation NDCG@k."""
    return MetricKey("reference_ndcg", k, split="selection")


def required_key(k: int) -> MetricKey:
    """The metric in which it keeps the validation NDCG@k that qualifies."""
    return MetricKey("required_ndcg", k, split="selection")


@dataclass(frozen=True)
class Bar:
    """What ``fair_within:x`` asks of an epoch.

    Attributes:
        share: x
        reference: the method compared with
        run: id of its run
        ndcg: that run's validation NDCG at the headline cut-off
    """

    share: float
    reference: str
    run: str
    ndcg: float

    @property
    def required(self) -> float:
        """The NDCG that qualifies: (1 − x) · NDCG of the reference."""
        return (1 - self.share) * self.ndcg

    def reached(self, ndcg: float) -> bool:
        """Whether an epoch of this NDCG qualifies."""
        return ndcg >= self.required

    def preference(self, ndcg: float, cv: float) -> tuple[float, float]:
        """What is compared between epochs, part by part, larger being better.

        Any that qualifies beats any that does not; of those that qualify the lower CV wins (one without a CV, as where
        nobody is shown anything, comes last), of those that do not the higher NDCG.
        """
        if not self.reached(ndcg):
            return 0.0, ndcg
        return 1.0, -cv if isfinite(cv) else -inf
