"""The pattern of a batch whose rows share their negatives: dense but for the first column."""

from __future__ import annotations

from harness.base.late import torch


class SharedPattern:
    """A column of its own for each row, then columns that all rows share; the interface of ``Pattern``.

    Args:
        first: the column that is the row's own, shape (m,)
        shared: distinct columns, shape (c,)
        hidden: (row, position in ``shared``) of entries that do not count: their score is −∞; shape (2, p)
    """

    def __init__(self, first: torch.Tensor, shared: torch.Tensor, hidden: torch.Tensor) -> None:
        self.first = first
        self.shared = shared
        self.hidden = hidden

    def scores(self, rows: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
        """Shape (m, 1 + c), for rows (m, d) and others (n, d)."""
        own = (rows * others.index_select(0, self.first)).sum(dim=1, keepdim=True)
        common = rows @ others.index_select(0, self.shared).T
        off = torch.zeros_like(common).index_put_((self.hidden[0], self.hidden[1]), common.new_tensor(-torch.inf))
        return torch.cat([own, common + off], dim=1)

    def product(self, values: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
        """S @ others, shape (m, d), for values (m, 1 + c); 0 at hidden entries."""
        own = values[:, :1] * others.index_select(0, self.first)
        return own + values[:, 1:] @ others.index_select(0, self.shared)

    def spread(self, by_column: torch.Tensor) -> torch.Tensor:
        """A value of each column, (n,), at all places, shape (m, 1 + c)."""
        common = by_column.index_select(0, self.shared).expand(len(self.first), -1)
        return torch.cat([by_column.index_select(0, self.first)[:, None], common], dim=1)

    def grouped_product(
        self, values: torch.Tensor, weights: torch.Tensor, rows: torch.Tensor, n: int
    ) -> list[torch.Tensor]:
        """Sᵀ diag(weights_k) rows for every group k, one block of shape (K, n, d).

        Args:
            values: s, shape (m, 1 + c)
            weights: of the rows in each group, mostly 0, shape (m, K)
            rows: shape (m, d)
        """
        n_groups, d = weights.shape[1], rows.shape[1]
        group, row = weights.T.nonzero(as_tuple=True)  # ordered by group
        weighted = rows.index_select(0, row) * weights[row, group][:, None]
        chosen = values.index_select(0, row)
        found = torch.zeros(n_groups * n, d, dtype=rows.dtype, device=rows.device)
        found.index_add_(0, group * n + self.first.index_select(0, row), chosen[:, :1] * weighted)
        found = found.view(n_groups, n, d)
        ends = torch.bincount(group, minlength=n_groups).cumsum(0).tolist()
        for k, (begin, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
            found[k].index_add_(0, self.shared, chosen[begin:end, 1:].T @ weighted[begin:end])
        return [found]
