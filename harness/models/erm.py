"""Empirical risk minimisation by mini-batches: one epoch of it, whatever the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from harness.base.late import torch
from harness.models.batches import Batch
from harness.models.gradient_step import follow, remember
from harness.models.group_losses import group_losses
from harness.models.recommender import BatchGroups, EpochMeans
from harness.plugins import EpochReport

Objective = Callable[[Batch], "tuple[torch.Tensor, torch.Tensor]"]
"""A batch to its rows' losses ℓ, shape (B,), which are reported, and to the scalar whose gradient is followed."""


def erm_epoch(
    batches: Iterable[Batch],
    groups: BatchGroups,
    objective: Objective,
    parameters: Sequence[torch.Tensor],
    optimizer: torch.optim.Optimizer,
) -> EpochReport:
    """One step of ``optimizer`` for every batch; losses are reported as a whole and by group.

    Args:
        batches: one pass over the training interactions
        groups: membership of the batches' rows
        objective: rows' losses and what is minimised
        parameters: what is learnt; they carry no history between steps
        optimizer: of ``parameters``
    """
    means = EpochMeans(groups.names)
    for batch in batches:
        remember(parameters)
        losses, minimised = objective(batch)
        follow(minimised, parameters, optimizer)
        grouped = group_losses(losses.detach(), groups.of(batch))
        means.add(grouped.losses, grouped.mass, grouped.mass / len(batch.users))
    return means.report()
