"""Training steps: ``alpharec`` against the arithmetic of public code, ``bifair`` against ``alpharec``.

A step of ours draws its own batch and is run by the methods' own ``train_epoch``; the reference is given its batches.
All on the training part (40 %), batch 4096, 256 negatives per interaction, 2 layers, projector 384 → 192 → 64, float32.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

import numpy as np
import torch

from benchmarks.real_data import FOLDERS, genres, training_part
from benchmarks.reference import Reference
from benchmarks.table import Table
from benchmarks.timing import FewBatches, Timings, in_turn
from harness.data.interactions import Training
from harness.data.membership import Membership
from harness.models.batches import BatchSampler
from harness.models.losses import info_nce
from harness.models.recommender import Recommender
from harness.protocols import Problem
from harness.registry import registry
from harness.streams import Streams

STEPS = 4  # per round, so that a method which acts every fourth step is measured whole


def tables() -> Iterator[Table]:
    """Reference against ours; BiFair and its options; balancing against K."""
    yield against_reference()
    yield bifair_options()
    yield number_of_groups()


def against_reference() -> Table:
    """``alpharec`` and the reference on the same data, and the difference of their losses on the same batch."""
    rows = []
    for name in FOLDERS:
        given = problem(name, _one_group(training_part(name)))
        ours = method("alpharec", given)
        reference = Reference(given.training, ours.Z, ours.backbone.projector, ours.theta)
        batch = next(iter(ours.batches))
        with torch.no_grad():
            mine = info_nce(ours.backbone.factors(ours.Z, ours.theta), batch, ours.config.temperature).mean()
            gap = abs(float(mine - reference.loss(batch)))
        timings = in_turn({"reference": _given(reference, ours.batches), "alpharec": _stepped(ours)}, rounds=5)
        seconds = [f"{timings.median(key) / STEPS:.3f} s" for key in ("reference", "alpharec")]
        rows.append([name, *seconds, f"{timings.ratio('reference', 'alpharec'):.1f}×", f"{gap:.1e}"])
    columns = ("data", "reference, a step", "alpharec, a step", "reference / alpharec", "difference of losses")
    return Table("A step of alpharec", columns, rows)


BIFAIR: Mapping[str, Mapping[str, object]] = {
    "bifair": {},
    "bifair, proportional weights": {"balancer": "proportional"},
    "bifair, outer_every = 4": {"outer_every": 4},
    "bifair, balance_every = 4": {"balance_every": 4},
    "bifair, first order": {"hypergradient": "first_order"},
    "bifair, gram = projector": {"gram": "projector"},
    "bifair, gram = theta": {"gram": "theta"},
    "bifair, gram = z": {"gram": "z"},
}


def bifair_options() -> Table:
    """BiFair's options on MovieLens-1M with its 18 genres, in units of a step of ``alpharec``."""
    of_items, names = genres()
    membership = Membership.from_labels("genre", "item", of_items, names)
    timings = _measured(membership, {"alpharec": {}} | dict(BIFAIR))
    rows = []
    for name in timings.seconds:
        ratio = "1" if name == "alpharec" else f"{timings.ratio(name, 'alpharec'):.2f}"
        rows.append([name, f"{timings.median(name) / STEPS:.3f} s", ratio])
    share = 1 - timings.ratio("bifair, proportional weights", "bifair")
    note = f"balancing is {share:.1%} of a step of bifair: what proportional weights, without group gradients, save"
    return Table(
        "A step of bifair (MovieLens-1M, 18 overlapping genres)", ("method", "a step", "/ alpharec"), rows, [note]
    )


def number_of_groups() -> Table:
    """What balancing costs at K groups, each item in two of them at random."""
    seconds = {}
    for K in (5, 18, 50):
        draw = np.random.default_rng(K)
        n_items = training_part("MovieLens-1M").n_items
        labels = [[f"{k:02}" for k in draw.choice(K, 2, replace=False)] for _ in range(n_items)]
        membership = Membership.from_labels("drawn", "item", labels)
        variants = {name: BIFAIR[name] for name in ("bifair", "bifair, proportional weights")}
        timings = _measured(membership, variants)
        whole, plain = (timings.cpu[name] for name in variants)
        seconds[K] = float(np.median(np.subtract(whole, plain))) / STEPS
    rows = [[str(K), f"{value:.3f} s", f"{value / seconds[5]:.2f}"] for K, value in seconds.items()]
    return Table("Balancing against the number of groups", ("K", "balancing, a step", "/ K = 5"), rows)


def problem(name: str, membership: Membership) -> Problem:
    """What a method sees: real interactions, unit vectors of MiniLM's width in the place of text vectors."""
    training = training_part(name)
    Z = np.random.default_rng(0).standard_normal((training.n_items, 384)).astype(np.float32)
    Z /= np.linalg.norm(Z, axis=1, keepdims=True)
    return Problem(training, Z, membership, Streams(0), torch.device("cpu"))


def method(name: str, given: Problem, **config: object) -> Recommender:
    """A method at its defaults but for ``config``, prepared."""
    kind = registry.get("method", name)
    built: Recommender = kind(kind.Config(**config))
    built.prepare(given)
    return built


def _measured(membership: Membership, variants: Mapping[str, Mapping[str, object]]) -> Timings:
    given = problem("MovieLens-1M", membership)
    steps = {name: _stepped(method(name.partition(",")[0], given, **config)) for name, config in variants.items()}
    return in_turn(steps, rounds=5)


def _stepped(built: Recommender) -> Callable[[], object]:
    """``STEPS`` steps by the method's own loop, on batches drawn within them."""
    built.batches = FewBatches(built.batches, STEPS)  # type: ignore[assignment]
    return built.train_epoch


def _given(reference: Reference, sampler: BatchSampler) -> Callable[[], object]:
    batches = list(islice(sampler, STEPS))

    def run() -> None:
        for batch in batches:
            reference.step(batch)

    return run


def _one_group(training: Training) -> Membership:
    return Membership.from_labels("all", "item", [["all"]] * training.n_items)
