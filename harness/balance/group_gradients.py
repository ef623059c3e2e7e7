"""Losses of groups, and their gradients with respect to the final factors, from one pass.

The gradient of a row's InfoNCE loss with respect to the scores is closed: (softmax(s_b/τ) − onehot_0)/τ. A group's
gradient is a weighted sum of its rows' gradients, so all K of them are one partition of one backward pass instead of K
backward passes (MGDA-UB's argument, Sener & Koltun 2018, section 3.3: gradients at the shared representation suffice).
"""

from __future__ import annotations

from functools import cached_property

from harness.base.late import torch
from harness.models.alpharec import SMALLEST_NORM, Factors
from harness.models.batches import Batch
from harness.models.group_losses import GroupLosses, group_losses
from harness.models.losses import gradient_by_score, scores, softened
from harness.models.sparse import csr, index_dtype, multiplied, sampled_product

STRIP = 32  # columns of a Gram matrix at a time: narrower ones are slow on a CPU, wider ones compute both triangles


def group_gradients(
    factors: Factors, batch: Batch, shares: torch.Tensor, temperature: float, columns: torch.Tensor | None = None
) -> tuple[GroupLosses, GroupGradients]:
    """Group losses and the groups' gradients at the final factors.

    Args:
        factors: final factors, (n_users + n_items, d); taken as constants
        batch: B rows
        shares: C of the batch's rows, shape (B, K), rows sum to 1
        temperature: τ of InfoNCE
        columns: C of what gradients are wanted of, shape (B, K'): some of the groups, or groups taken together; unset:
            all groups
    """
    factors = factors.detached()
    soft = softened(scores(factors, batch), temperature)
    grouped = group_losses(soft.losses, shares)
    by_score = gradient_by_score(torch.ones_like(soft.losses), soft.exponentials, soft.totals, temperature)
    columns = shares if columns is None else columns
    return grouped, GroupGradients(factors, batch, by_score, columns / columns.sum(dim=0).clamp(min=1e-12))


class GroupGradients:
    """G_k = ∂L_k/∂(final factors) for all groups, kept in parts, because most uses do not need the whole (K, n, d).

    A user's part of G_k is a sum over the few rows of that user. An item's part is a sum over the rows that score it,
    hundreds of them, and is worked out as one sparse product for all groups.

    Args:
        factors: without history
        batch: B rows
        by_score: ∂ℓ_b/∂s_bj, shape (B, 1 + N)
        scaled: C_bk / n_k, shape (B, K)
    """

    def __init__(self, factors: Factors, batch: Batch, by_score: torch.Tensor, scaled: torch.Tensor) -> None:
        self.factors = factors
        self.batch = batch
        self.scaled = scaled
        self._by_score = by_score
        self._by_user = batch.pattern.product(by_score, factors.items)  # ∂ℓ_b/∂(the row's user factor), shape (B, d)

    def dense(self) -> torch.Tensor:
        """G, shape (K, n_users + n_items, d)."""
        stacked, n_users = self.factors.stacked, self.factors.n_users
        G = torch.zeros(self.scaled.shape[1], *stacked.shape, dtype=stacked.dtype, device=stacked.device)
        G[:, n_users:] = torch.cat(self._by_item, dim=1) * self._item_norms
        return G.index_add_(1, self.batch.users, self.scaled.T[:, :, None] * self._by_user)

    def weighted(self, w: torch.Tensor) -> torch.Tensor:
        """Σ_k w_k G_k, shape (n_users + n_items, d)."""
        stacked, n_users = self.factors.stacked, self.factors.n_users
        w = w.to(stacked.dtype)
        total = torch.zeros_like(stacked)
        by_item = torch.cat([torch.tensordot(w, block, dims=1) for block in self._by_item])
        total[n_users:] = by_item * self._item_norms
        return total.index_add_(0, self.batch.users, (self.scaled @ w)[:, None] * self._by_user)

    def gram(self) -> torch.Tensor:
        """M = G'G'ᵀ, shape (K, K), of the gradients G' at the factors before the loss normalises them.

        With e = x/‖x‖ the gradient at x is the part of the gradient at e that is orthogonal to e, divided by ‖x‖.
        Without ``norms`` the factors were not normalised, and M = GGᵀ.
        """
        return self._gram_of_users() + self._gram_of_items()

    def _gram_of_users(self) -> torch.Tensor:
        """Σ_u ⟨G'_k[u], G'_l[u]⟩ = Σ C_bk C_b'l ⟨f_b, f_b'⟩ / (n_k n_l) over pairs of rows of one user."""
        order = torch.argsort(self.batch.users)
        users = self.batch.users.index_select(0, order)
        f = self._by_user.index_select(0, order)
        if self.factors.norms is not None:
            e = self.factors.users.index_select(0, users)
            f = (f - (f * e).sum(1, keepdim=True) * e) / self.factors.norms.index_select(0, users).clamp(SMALLEST_NORM)
        c = self.scaled.index_select(0, order)
        places = _pairs_of_equals(users)
        products = csr(*places, sampled_product(*places, f, f), (len(f), len(f)))
        return c.T @ multiplied(products, c)

    def _gram_of_items(self) -> torch.Tensor:
        K = self.scaled.shape[1]
        gram = torch.zeros(K, K, dtype=self.factors.stacked.dtype, device=self.scaled.device)
        widths = [block.shape[1] for block in self._by_item]
        for block, e in zip(self._by_item, self.factors.items.split(widths), strict=True):
            _add_gram(gram, block.reshape(K, -1))
            if self.factors.norms is not None:
                along = (block * e).sum(dim=2)  # ⟨G_k[i], e_i⟩/‖x_i‖
                gram.addmm_(along, along.T, alpha=-1)
        return gram.tril() + gram.tril(-1).T

    @property
    def _item_norms(self) -> torch.Tensor:
        """‖x_i‖, shape (n_items, 1); 1 where factors were not normalised."""
        items = self.factors.items
        if self.factors.norms is None:
            return torch.ones(len(items), 1, dtype=items.dtype, device=items.device)
        return self.factors.norms[self.factors.n_users :].clamp(min=SMALLEST_NORM)

    @cached_property
    def _by_item(self) -> list[torch.Tensor]:
        """The items' parts of G over ‖x_i‖, Σ_b C_bk/n_k ∂ℓ_b/∂s_bi · (factor of b's user), in blocks (K, items, d)."""
        pattern, users = self.batch.pattern, self.factors.users.index_select(0, self.batch.users)
        values = self._by_score
        if self.factors.norms is not None:
            values = values * pattern.spread(1 / self._item_norms.squeeze(1))
        return pattern.grouped_product(values, self.scaled, users, len(self.factors.items))


def _add_gram(gram: torch.Tensor, rows: torch.Tensor) -> None:
    """Add the lower triangle of rows·rowsᵀ, (K, K), and little of the upper: strips from the diagonal down."""
    for begin in range(0, len(rows), STRIP):
        own = slice(begin, begin + STRIP)
        gram[begin:, own].addmm_(rows[begin:], rows[own].T)


def _pairs_of_equals(ordered: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """CSR places of all pairs (b, b') with equal values, for values in ascending order."""
    _, inverse, counts = torch.unique_consecutive(ordered, return_inverse=True, return_counts=True)
    per_row = counts[inverse]
    first = (counts.cumsum(0) - counts)[inverse]  # where the row's run of equals begins
    ends = per_row.cumsum(0)
    starts = torch.cat([ends.new_zeros(1), ends])
    columns = (first - ends + per_row).repeat_interleave(per_row)
    columns += torch.arange(len(columns), device=ordered.device)
    dtype = index_dtype(len(columns))
    return starts.to(dtype), columns.to(dtype)
