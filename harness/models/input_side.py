"""Propagation on the input side: X̄ = PZ is kept, and factors are g_θ of its rows, for catalogues of any size.

AlphaRec propagates what g_θ gives, mean_l Â^l g_θ([R̃Z ; Z]), which needs the whole graph for every batch. Here the same
linear operator is applied before g_θ: factors are g_θ(X̄), X̄ = PZ, P = mean_l Â^l [R̃ ; I] (as in SGC, Wu et al., ICML
2019). A batch then needs the rows of its own users and items alone. With a ``linear`` projector the two are equal; with
LeakyReLU this is another model, whose cost in accuracy and fairness is measured in ``benchmarks/results``.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.base.late import torch
from harness.models.alpharec import AlphaRecBackbone, Factors, normalised
from harness.models.batches import Batch
from harness.models.graph import NewUsers
from harness.models.projector import Projector
from harness.models.views import View

COLUMNS = 64
"""Columns of Z that are propagated at once: temporaries are so wide instead of d_lm."""
ROWS = 65_536
"""Rows that the projector is given at once when factors of everybody are asked for."""


class InputSide:
    """X̄ for all users and items, and batches' views of it.

    Args:
        backbone: its graph is what is propagated over
        Z: shape (n_items, d_lm)

    Attributes:
        base: X̄, shape (n_users + n_items, d_lm); the part of it that is not in ``change``
        change: (PA, B) where X̄ = base + PA·B, or None
    """

    def __init__(self, backbone: AlphaRecBackbone, Z: torch.Tensor) -> None:
        self.backbone = backbone
        self.Z = Z
        self.base = self.spread(Z)
        self.change: tuple[torch.Tensor, torch.Tensor] | None = None

    def of(self, batch: Batch) -> View:
        own, users, items = batch.renumbered()
        nodes = torch.cat([users, self.backbone.n_users + items])
        return View(self.rows(nodes), own, Rows(self.backbone.projector, len(users)), nodes)

    def rows(self, nodes: torch.Tensor) -> torch.Tensor:
        """Rows of X̄, shape (len(nodes), d_lm)."""
        rows = self.base.index_select(0, nodes)
        if self.change is not None:
            PA, B = self.change
            rows = rows.addmm_(PA.index_select(0, nodes), B)
        return rows

    def factors(self, theta: torch.Tensor) -> Factors:
        everybody = Rows(self.backbone.projector, self.backbone.n_users)
        parts = []
        with torch.no_grad():
            for nodes in torch.arange(len(self.base), device=self.base.device).split(ROWS):
                H = everybody.first(self.rows(nodes), theta)
                parts.append(everybody.rest(H, theta).stacked)
        return Factors(torch.cat(parts), self.backbone.n_users)

    def user_factors(self, new: NewUsers, theta: torch.Tensor) -> torch.Tensor | None:
        backbone, parts = self.backbone, []
        with torch.no_grad():
            for part in self.Z.split(COLUMNS, dim=1):
                part = part.contiguous()
                parts.append(backbone.joined(new, new.mean @ part, torch.cat([backbone.history @ part, part])))
            rows = Rows(backbone.projector, len(parts[0]))
            return rows.rest(rows.first(torch.cat(parts, dim=1), theta), theta).users

    def changed(self) -> None:
        """Z has changed in place: propagate it again."""
        self.change = None
        self.base = self.spread(self.Z, self.base)

    def spread(self, Z: torch.Tensor, into: torch.Tensor | None = None) -> torch.Tensor:
        """PZ, shape (n_users + n_items, d) for Z of shape (n_items, d); written to ``into`` where it is given."""
        backbone = self.backbone
        if into is None:
            into = torch.empty(backbone.n_users + len(Z), Z.shape[1], dtype=Z.dtype, device=Z.device)
        with torch.no_grad():
            for start in range(0, Z.shape[1], COLUMNS):
                part = Z[:, start : start + COLUMNS].contiguous()
                into[:, start : start + COLUMNS] = backbone.propagated(torch.cat([backbone.history @ part, part]))
        return into

    def gathered(self, G: torch.Tensor) -> torch.Tensor:
        """PᵀG, shape (n_items, d) for G of shape (n_users + n_items, d): gradients at X̄ as gradients at Z."""
        backbone = self.backbone
        parts = []
        with torch.no_grad():
            for part in G.split(COLUMNS, dim=1):
                back = backbone.propagated(part.contiguous())  # Â is symmetric: propagation is its own adjoint
                users, items = back[: backbone.n_users], back[backbone.n_users :]
                parts.append(items + backbone.history.adjoint_product(users))
        return torch.cat(parts, dim=1)


@dataclass(frozen=True)
class Rows:
    """From rows of X̄ to their factors, each row by itself; the first ``n_users`` rows are users'."""

    projector: Projector
    n_users: int

    def first(self, X: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
        """H = XW₁ᵀ, shape (rows, hidden)."""
        return self.projector.first_product(theta, X)

    def first_adjoint(self, G: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
        """GW₁, shape of X."""
        return self.projector.first_adjoint(theta, G)

    def rest(self, H: torch.Tensor, theta: torch.Tensor) -> Factors:
        """Normalised g_θ(X) from H."""
        projected = self.projector.finish(theta, H)
        return normalised(projected, self.n_users, projected)
