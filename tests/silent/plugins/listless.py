"""A method that likes all items alike."""

import torch

from harness.plugins import EpochReport, Method, Problem


class Listless(Method):
    """Scores of zero."""

    name = "listless"
    summary = "all items alike"
    reference = "none"
    needs_text = False
    iterative = False

    def prepare(self, problem: Problem) -> None:
        self.scores = torch.zeros(problem.training.n_items, device=problem.device)

    def train_epoch(self) -> EpochReport:
        return EpochReport(loss=0.0)

    def score(self, users: torch.Tensor) -> torch.Tensor:
        return self.scores.expand(len(users), -1)

    def state(self) -> dict[str, torch.Tensor]:
        return {"scores": self.scores.clone()}

    def restore(self, state: dict[str, torch.Tensor]) -> None:
        self.scores = state["scores"].clone()
