"""Training steps: ``alpharec`` against the arithmetic of public code, ``bifair`` against ``alpharec``.

A step of ours draws its own batch and is run by the methods' own ``train_epoch``; the reference is given its batches.
All on the training part (40 %), batch 4096, 256 negatives per interaction, 2 layers, projector 384 → 192 → 64, float32.
Seconds and ratios are of processor time (of one thread with ``--threads 1``), so that neighbours count less.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

import numpy as np
import torch

from benchmarks.real_data import FOLDERS, genres, training_part
from benchmarks.reference import Reference
from benchmarks.table import Table
from benchmarks.timing import FewBatches, Timings, in_turn
from harness.balance.group_gradients import group_gradients
from harness.base.streams import Streams
from harness.domain.interactions import Training
from harness.domain.membership import Membership
from harness.models.alpharec import Factors
from harness.models.batches import BatchSampler
from harness.models.losses import info_nce
from harness.models.recommender import Recommender
from harness.plugins import Problem
from harness.plugins.registry import registry

GROUPS = (5, 18, 50)
ROUNDS, FEWER_ROUNDS = 9, 3
STEPS = 24  # per round: six turns of a method that acts every fourth step, and little of what each epoch adds


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
        steps = {"reference": _given(reference, ours.batches, 1), "alpharec": _stepped(ours, 1)}
        timings = in_turn(steps, rounds=3)
        seconds = [f"{timings.cpu_median(key):.3f} s" for key in steps]
        rows.append([name, *seconds, f"{timings.ratio('reference', 'alpharec'):.1f}×", f"{gap:.1e}"])
    columns = ("data", "reference, a step", "alpharec, a step", "reference / alpharec", "difference of losses")
    return Table("A step of alpharec", columns, rows)


BIFAIR: Mapping[str, Mapping[str, object]] = {
    "bifair": {},
    "bifair, proportional weights": {"balancer": "proportional"},
    "bifair, outer_every = 4": {"outer_every": 4},
}
CHEAPER: Mapping[str, Mapping[str, object]] = {
    "bifair, balance_every = 4": {"balance_every": 4},
    "bifair, first order": {"hypergradient": "first_order"},
}
DEARER: Mapping[str, Mapping[str, object]] = {
    "bifair, gram = projector": {"gram": "projector"},
    "bifair, gram = theta": {"gram": "theta"},
    "bifair, gram = z": {"gram": "z"},
}


def bifair_options() -> Table:
    """BiFair's options on MovieLens-1M with its 18 genres, in units of a step of ``alpharec``."""
    of_items, names = genres()
    membership = Membership.from_labels("genre", "item", of_items, names)
    timings = _measured(membership, BIFAIR, STEPS, ROUNDS)
    rows = [["alpharec", f"{timings.cpu_median('alpharec') / STEPS:.3f} s", "1"]]
    rows += _by_method(timings, STEPS)
    rows += _by_method(_measured(membership, CHEAPER, STEPS, FEWER_ROUNDS), STEPS)
    rows += _by_method(_measured(membership, DEARER, 1, FEWER_ROUNDS), 1)
    share = 1 - timings.ratio("bifair, proportional weights", "bifair")
    notes = [
        f"medians of {ROUNDS} rounds in which every method has its turn ({FEWER_ROUNDS} from balance_every on); "
        "in brackets the quartiles",
        f"balancing is {share:.1%} of a step of bifair: what proportional weights, without group gradients, save",
    ]
    return Table(
        "A step of bifair (MovieLens-1M, 18 overlapping genres)", ("method", "a step", "/ alpharec"), rows, notes
    )


def number_of_groups() -> Table:
    """What balancing costs at K groups, each item in two of them at random, on one batch's final factors."""
    cases = {K: _balancing(K) for K in GROUPS}
    steps = {f"{part}, {K}": step for K, parts in cases.items() for part, step in parts.items()}
    timings = in_turn(steps, rounds=15, warm_up=2)
    added = {K: np.subtract(timings.cpu[f"balanced, {K}"], timings.cpu[f"plain, {K}"]) for K in GROUPS}
    first, rows = GROUPS[0], []
    for K in GROUPS:
        ratios = np.divide(timings.cpu[f"balanced, {K}"], timings.cpu[f"balanced, {first}"])
        own = [f"{timings.cpu_median(f'{part}, {K}'):.3f} s" for part in ("balanced", "plain")]
        more = np.median(added[K])
        rows.append([str(K), *own, f"{more:.3f} s", _spread(ratios), f"{more / np.median(added[first]):.2f}"])
    columns = ("K", "balancing", "plain", "added", f"balancing / K = {first}", f"added / K = {first}")
    notes = [
        "balancing: from a batch's final factors to the gradient there under balanced weights: scores, group "
        "gradients, Gram matrix, Frank–Wolfe, weighted sum; plain: the gradient of the mean loss by autograd; added: "
        "the difference",
        "medians of 15 rounds in which every K has its turn; in brackets the quartiles of the ratio",
    ]
    return Table("Balancing against the number of groups", columns, rows, notes)


def _balancing(K: int) -> dict[str, Callable[[], object]]:
    """The gradient at the final factors of a batch, under balanced weights and of the mean loss."""
    draw = np.random.default_rng(K)
    labels = [
        [f"{k:02}" for k in draw.choice(K, 2, replace=False)] for _ in range(training_part("MovieLens-1M").n_items)
    ]
    bifair = method("bifair", problem("MovieLens-1M", Membership.from_labels("drawn", "item", labels)))
    batch, temperature = next(iter(bifair.batches)), bifair.config.temperature
    shares, weighting = bifair.groups.of(batch), bifair.config.level(bifair.groups.data_shares, 0.0).weighting
    factors = bifair.factors()
    _ = batch.pattern  # both use it, whoever is first would pay for it

    def balanced() -> torch.Tensor:
        losses, gradients = group_gradients(factors, batch, shares, temperature)
        return gradients.weighted(weighting.refresh(losses, gradients.gram()))

    def plain() -> torch.Tensor:
        leaf = factors.stacked.detach().requires_grad_(True)
        loss = info_nce(Factors(leaf, factors.n_users), batch, temperature).mean()
        return torch.autograd.grad(loss, leaf)[0]

    return {"balanced": balanced, "plain": plain}


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


def _measured(membership: Membership, variants: Mapping[str, Mapping[str, object]], steps: int, rounds: int) -> Timings:
    """``alpharec`` and variants of other methods, so many steps of each per round."""
    given = problem("MovieLens-1M", membership)
    every = {"alpharec": {}, **variants}
    built = {name: method(name.partition(",")[0], given, **config) for name, config in every.items()}
    return in_turn({name: _stepped(one, steps) for name, one in built.items()}, rounds)


def _by_method(timings: Timings, steps: int) -> list[list[str]]:
    """Rows of all methods but ``alpharec``, in units of it."""
    ratios = {name: np.divide(cpu, timings.cpu["alpharec"]) for name, cpu in timings.cpu.items() if name != "alpharec"}
    return [[name, f"{timings.cpu_median(name) / steps:.3f} s", _spread(ratio)] for name, ratio in ratios.items()]


def _spread(ratios: np.ndarray) -> str:
    least, median, most = np.quantile(ratios, (0.25, 0.5, 0.75))
    return f"{median:.2f} ({least:.2f}–{most:.2f})"


def _stepped(built: Recommender, steps: int) -> Callable[[], object]:
    """So many steps by the method's own loop, on batches drawn within them."""
    built.batches = FewBatches(built.batches, steps)  # type: ignore[assignment]
    return built.train_epoch


def _given(reference: Reference, sampler: BatchSampler, steps: int) -> Callable[[], object]:
    batches = list(islice(sampler, steps))

    def run() -> None:
        for batch in batches:
            reference.step(batch)

    return run


def _one_group(training: Training) -> Membership:
    return Membership.from_labels("all", "item", [["all"]] * training.n_items)
