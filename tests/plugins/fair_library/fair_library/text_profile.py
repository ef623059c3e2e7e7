"""Items whose texts resemble what the user took."""

from collections.abc import Mapping

import torch

from harness.plugins import EpochReport, Method, Problem


class TextProfile(Method):
    """score(u, i) = z_i · Σ_{j of u} z_j: a profile of texts."""

    name = "text_profile"
    summary = "items whose texts resemble the texts of what a user took"
    reference = "Pazzani and Billsus, 2007"
    iterative = False

    def prepare(self, problem: Problem) -> None:
        if problem.embeddings is None:
            raise ValueError("text vectors are needed")
        self.Z = torch.as_tensor(problem.embeddings, device=problem.device)
        users = torch.as_tensor(problem.training.users)
        taken = self.Z[torch.as_tensor(problem.training.items)]
        self.profiles = torch.zeros(problem.training.n_users, self.Z.shape[1]).index_add_(0, users, taken)

    def train_epoch(self) -> EpochReport:
        return EpochReport(loss=0.0)

    def score(self, users: torch.Tensor) -> torch.Tensor:
        return (self.profiles[users, None, :] * self.Z).sum(-1)

    def state(self) -> dict[str, torch.Tensor]:
        return {"profiles": self.profiles.clone()}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        self.profiles = state["profiles"].clone()
