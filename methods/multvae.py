"""Mult-VAE: a variational autoencoder that tells a user's whole history from a part of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pydantic import Field

from harness.base.late import functional, sparse, torch
from harness.base.sizes import BatchSize, Size
from harness.models.adam import adam
from harness.models.batches import Batch
from harness.models.gradient_step import follow, remember
from harness.models.group_losses import group_losses
from harness.models.recommender import BatchGroups, EpochMeans
from harness.models.vae import MultinomialVAE, corrupted, kl_to_standard_normal
from harness.plugins import EpochReport, Method, MethodConfig, Problem, SearchRange


class MultVAEConfig(MethodConfig):
    """The network, its noise and its optimiser."""

    hidden: Size = Field(600, description="width of the hidden layers")
    latent: Size = Field(200, description="width of z")
    dropout: float = Field(0.5, ge=0, lt=1, description="share of the input that is dropped")
    beta: float = Field(0.2, ge=0, description="β: largest weight of the KL term")
    anneal_epochs: float = Field(100, gt=0, description="β grows by 1/anneal_epochs an epoch, up to its largest value")
    batch_users: BatchSize = Field(500, description="users per batch")
    learning_rate: float = Field(1e-3, gt=0, description="of Adam")


class MultVAE(Method):
    """min −E_{z~q(z|x)} Σ_i x_ui log π_i(z) + β KL(q(z|x) ‖ N(0, I)), mean over users (Liang et al. 2018, eq. 7).

    Scores are the logits at z = μ(x), x the user's training items. A row's loss is its −log π_i; groups' losses are
    means of those, the KL term belongs to no group and is reported as ``kl``.
    """

    name = "multvae"
    summary = "variational autoencoder of histories with a multinomial likelihood"
    reference = "Liang et al., Variational Autoencoders for Collaborative Filtering, WWW 2018, arXiv 1802.05814"
    needs_text = False
    Config: ClassVar[type[MethodConfig]] = MultVAEConfig
    config: MultVAEConfig
    changes = ("vae", "optimizer", "order", "noise", "steps")
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "learning_rate": SearchRange(3e-4, 1e-2, log=True),
        "beta": SearchRange(0.05, 1.0, log=True),
        "dropout": SearchRange(0.1, 0.8),
    }

    def prepare(self, problem: Problem) -> None:
        config, streams = self.config, problem.streams
        self.device = problem.device
        self.matrix = problem.training.matrix()
        self.users = torch.as_tensor(np.unique(problem.training.users), device=self.device)
        self.vae = MultinomialVAE(self.matrix.shape[1], config.hidden, config.latent, streams.generator("init"))
        self.optimizer = adam(self.vae.learnt(), lr=config.learning_rate, foreach=False)
        self.groups = BatchGroups(problem, torch.float32)
        self.order, self.noise = streams.generator("batches"), streams.generator("noise")
        self.steps = 0

    def train_epoch(self) -> EpochReport:
        means = EpochMeans(self.groups.names)
        permutation = torch.randperm(len(self.users), generator=self.order, device=self.device)
        for chosen in permutation.split(self.config.batch_users):
            batch, losses, kl = self._step(self.users[chosen])
            grouped = group_losses(losses, self.groups.of(batch))
            means.add(grouped.losses, grouped.mass, grouped.mass / len(batch.users))
            means.value("kl", kl)
        return means.report()

    def score(self, users: torch.Tensor) -> torch.Tensor:
        return self.score_histories(self.matrix[users.cpu().numpy()])

    def score_histories(self, histories: sparse.csr_array) -> torch.Tensor:
        with torch.no_grad():
            mean, _ = self.vae.encode(functional.normalize(self._dense(histories), dim=1))
            return self.vae.decode(mean)

    def state(self) -> dict[str, torch.Tensor]:
        return {name: parameter.clone() for name, parameter in self.vae.parameters.items()}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        for name, parameter in self.vae.parameters.items():
            parameter.copy_(state[name])

    @property
    def beta(self) -> float:
        """The present weight of the KL term."""
        steps_per_epoch = -(-len(self.users) // self.config.batch_users)
        return min(self.config.beta, self.steps / (steps_per_epoch * self.config.anneal_epochs))

    def _step(self, users: torch.Tensor) -> tuple[Batch, torch.Tensor, torch.Tensor]:
        """One step on these users; their interactions, the losses of these, and the mean KL term."""
        x = self._histories(users)
        learnt = self.vae.learnt()
        remember(learnt)
        mean, log_variance = self.vae.encode(corrupted(x, self.config.dropout, self.noise))
        z = mean + torch.exp(log_variance / 2) * torch.randn(mean.shape, generator=self.noise, device=self.device)
        rows, items = x.nonzero(as_tuple=True)
        losses = -torch.log_softmax(self.vae.decode(z), dim=1)[rows, items]
        kl = kl_to_standard_normal(mean, log_variance).mean()
        follow(losses.sum() / len(users) + self.beta * kl, learnt, self.optimizer)
        self.steps += 1
        return Batch(users[rows], items, items.new_empty(len(items), 0)), losses.detach(), kl.detach()

    def _histories(self, users: torch.Tensor) -> torch.Tensor:
        """x, 0/1, shape (b, n_items)."""
        return self._dense(self.matrix[users.cpu().numpy()])

    def _dense(self, histories: sparse.csr_array) -> torch.Tensor:
        return torch.from_numpy(histories.toarray()).to(self.device)
