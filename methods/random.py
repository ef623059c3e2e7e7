"""Recommend at random: what ranking without any information gives, and the most even exposure there is."""

from __future__ import annotations

from collections.abc import Mapping

from harness.base.late import sparse, torch
from harness.plugins import EpochReport, Method, Problem

_MASK = (1 << 64) - 1


class Random(Method):
    """score(u, i) uniform on [0, 1), a fixed function of seed, user and item, so that no list depends on another's."""

    name = "random"
    summary = "uniform scores, different for every user and item: no information at all"
    reference = "folklore"
    needs_text = False
    iterative = False
    changes = ()

    def prepare(self, problem: Problem) -> None:
        self.n_users, self.n_items = problem.training.n_users, problem.training.n_items
        generator = problem.streams.generator("scores")
        self.key = torch.randint(2**62, (1,), generator=generator, device=problem.device)

    def train_epoch(self) -> EpochReport:
        return EpochReport(loss=0.0)

    def score(self, users: torch.Tensor) -> torch.Tensor:
        items = torch.arange(self.n_items, device=users.device)
        bits = mixed(self.key + mixed(users[:, None] * self.n_items + items))
        return (bits & 0xFFFFFF).to(torch.float32) / 2**24

    def score_histories(self, histories: sparse.csr_array) -> torch.Tensor:
        """New people are the users after the last one, whatever they took."""
        return self.score(torch.arange(self.n_users, self.n_users + histories.shape[0], device=self.key.device))

    def state(self) -> dict[str, torch.Tensor]:
        return {"key": self.key.clone()}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        self.key = state["key"].clone()


def mixed(counters: torch.Tensor) -> torch.Tensor:
    """SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): int64 counters to well-mixed bits, same shape."""
    bits = counters + _signed(0x9E3779B97F4A7C15)
    bits = (bits ^ _shifted(bits, 30)) * _signed(0xBF58476D1CE4E5B9)
    bits = (bits ^ _shifted(bits, 27)) * _signed(0x94D049BB133111EB)
    return bits ^ _shifted(bits, 31)


def _shifted(bits: torch.Tensor, places: int) -> torch.Tensor:
    """A logical shift to the right: zeros come in, whatever the sign."""
    return (bits >> places) & (_MASK >> places)


def _signed(constant: int) -> int:
    """An unsigned 64-bit constant as the signed integer with the same bits."""
    return constant - (1 << 64) if constant >> 63 else constant
