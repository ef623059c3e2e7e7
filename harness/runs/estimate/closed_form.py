"""The fit of a closed form on a catalogue too large to try it: told from fits on parts of its items."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness.domain.interactions import Training
from harness.plugins import Method, Problem
from harness.runs.estimate.cost import growth
from harness.runs.estimate.stopwatch import Stopwatch
from harness.runs.resources import MEGABYTE, PeakMemory

LARGE = 4000
"""Items from which on the fit is tried on a part first."""
SECONDS = 15.0
"""Of a whole fit: one that takes no longer is made."""
PARTS = (16, 8, 4, 2)
"""What the items are divided by, one after the other."""
LONG = 2.0
"""Seconds of a fit from which on a larger part would tell nothing new: what does not grow with it is small by then."""
CUBIC, SQUARE = 3.0, 2.0
"""Exponents, at most, of what a fit takes in time and in memory as the catalogue grows."""
FEW_USERS = 256


@dataclass(frozen=True)
class Told:
    """What a fit will take that has not been made.

    Attributes:
        seconds: of it
        scoring: seconds of one user's scores
        peak_memory: bytes of the process's resident set while it is made; None where the system does not say
    """

    seconds: float
    scoring: float
    peak_memory: float | None


@dataclass(frozen=True)
class _Fit:
    items: int
    seconds: float
    scoring: float
    before: float
    more: float


def told_from_parts(kind: type[Method], config: Any, problem: Problem, watch: Stopwatch) -> Told | None:
    """The whole fit, from those on two parts of the items; None where it may as well be made."""
    n_items = problem.training.n_items
    if n_items < LARGE:
        return None
    small, large = _two_fits(kind, config, problem, watch)
    sizes = (small.items, large.items)
    seconds = growth(sizes, (small.seconds, large.seconds), n_items, CUBIC)
    if seconds <= SECONDS:
        return None
    scoring = large.scoring * (n_items / large.items) ** 2  # a history has more items then, and each has more to add to
    more = growth(sizes, (small.more, large.more), n_items, SQUARE)
    return Told(seconds, scoring, large.before + more if large.before else None)


def _two_fits(kind: type[Method], config: Any, problem: Problem, watch: Stopwatch) -> tuple[_Fit, _Fit]:
    """The last two of ever larger parts, the larger one of which takes a while."""
    fits: list[_Fit] = []
    for part in PARTS:
        fits.append(_fit(kind(config), _part(problem, problem.training.n_items // part), watch))
        if len(fits) > 1 and fits[-1].seconds > LONG:
            break
    return fits[-2], fits[-1]


def _fit(method: Method, problem: Problem, watch: Stopwatch) -> _Fit:
    import torch

    memory = PeakMemory(problem.device)
    before = memory.metrics().get("peak_memory_mb", 0.0) * MEGABYTE
    began = watch.now()
    method.prepare(problem)
    method.train_epoch()
    fitted = watch.now()
    users = torch.arange(min(FEW_USERS, problem.training.n_users), device=problem.device)
    method.score(users)
    scored = watch.now()
    peak = memory.metrics().get("peak_memory_mb", 0.0) * MEGABYTE
    return _Fit(problem.training.n_items, fitted - began, (scored - fitted) / len(users), before, peak - before)


def _part(problem: Problem, n_items: int) -> Problem:
    """The first items, which are any: indices follow a hash."""
    training = problem.training
    kept = np.flatnonzero(training.items < n_items)
    part = Training(training.users[kept], training.items[kept], training.n_users, n_items)
    embeddings = None if problem.embeddings is None else problem.embeddings[:n_items]
    return replace(problem, training=part, embeddings=embeddings)
