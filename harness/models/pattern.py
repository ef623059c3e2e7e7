"""Which items each row of a batch is scored against: the scores there, and products with matrices that live there."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

from harness.base.late import torch
from harness.models.sparse import csr, index_dtype, multiplied, transposed, transposed_places

BLOCK_BYTES = 4 * 2**20


class Pattern:
    """Where the entries of a sparse matrix S are, the same number in each row; their values come with each use.

    With values s (m, c), row b of S has s_bj at column ``columns[b, j]``; entries at the same place add up. Products
    with S, and the scores at its places, are each other's derivatives, so both can be differentiated without end, at
    a cost of m·c·d where a dense S would cost m·n·d. What the transposed products need is worked out once.

    Args:
        columns: shape (m, c), each in [0, n)
    """

    def __init__(self, columns: torch.Tensor) -> None:
        self.columns = columns

    def scores(self, rows: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
        """s_bj = ⟨rows_b, others_{columns[b, j]}⟩, shape (m, c), for rows (m, d) and others (n, d)."""
        from harness.models.pattern_functions import PatternScores

        return PatternScores.apply(self, rows, others)  # type: ignore[no-untyped-call]

    def product(self, values: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
        """S @ others, shape (m, d), for values (m, c) and others (n, d)."""
        from harness.models.pattern_functions import PatternProduct

        return PatternProduct.apply(self, values, others, len(others), False)  # type: ignore[no-untyped-call]

    def transposed_product(self, values: torch.Tensor, rows: torch.Tensor, n: int) -> torch.Tensor:
        """Sᵀ @ rows, shape (n, d), for values (m, c) and rows (m, d)."""
        from harness.models.pattern_functions import PatternProduct

        return PatternProduct.apply(self, values, rows, n, True)  # type: ignore[no-untyped-call]

    def matrix(self, values: torch.Tensor, n: int) -> torch.Tensor:
        """S in CSR form, shape (m, n)."""
        return csr(*self.places, values.reshape(-1), (len(self.columns), n))

    def transposed_matrix(self, values: torch.Tensor, n: int) -> torch.Tensor:
        """Sᵀ in CSR form, shape (n, m)."""
        starts, rows, order = self._transposed_places(n)
        return csr(starts, rows, values.reshape(-1).index_select(0, order), (n, len(self.columns)))

    @cached_property
    def places(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Where rows start and which columns follow, shapes (m + 1,) and (m·c,)."""
        m, c = self.columns.shape
        dtype = index_dtype(m * c)
        starts = torch.arange(0, m * c + 1, max(c, 1), dtype=dtype, device=self.columns.device)
        return starts, self.columns.reshape(-1).to(dtype)

    def _transposed_places(self, n: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        if not hasattr(self, "_transposed"):
            self._transposed = transposed_places(self.places[1], self.columns.shape[1], n)
        return self._transposed

    def spread(self, by_column: torch.Tensor) -> torch.Tensor:
        """A value of each column, (n,), at the places of S, shape (m, c)."""
        return by_column.index_select(0, self.places[1]).view(self.columns.shape)

    def grouped_product(
        self,
        values: torch.Tensor,
        weights: torch.Tensor,
        rows: torch.Tensor,
        n: int,
        block_bytes: int = BLOCK_BYTES,
    ) -> list[torch.Tensor]:
        """Sᵀ diag(weights_k) rows for every group k, not differentiable: blocks (K, n_j, d) with Σ_j n_j = n, in order.

        Each row is repeated for each of its groups, and (block, group, column) are the columns of a sparse matrix over
        these rows, whose transpose is multiplied block by block.

        Args:
            values: s, shape (m, c)
            weights: of the rows in each group, mostly 0, shape (m, K)
            rows: shape (m, d)
            block_bytes: of a block, at most, on a CPU
        """
        n_groups = weights.shape[1]
        group, row = weights.T.nonzero(as_tuple=True)  # ordered by group
        width = _block_width(n, n_groups * rows.shape[1] * rows.element_size(), rows.device, block_bytes)
        size, n_blocks = n_groups * width, -(-n // width)
        dtype = index_dtype(max(len(row) * self.columns.shape[1], n_blocks * size))
        column = torch.arange(n, dtype=dtype, device=rows.device)
        of_first_group = self.spread(column // width * size + column % width)
        places = of_first_group.index_select(0, row).add_((group * width).to(dtype)[:, None])
        starts, kept, turned = transposed(places, values.index_select(0, row), n_blocks * size)
        weighted = rows.index_select(0, row) * weights[row, group][:, None]
        found = []
        for number, (begin, end) in enumerate(pairwise(starts[::size].tolist())):
            own = starts[number * size : (number + 1) * size + 1] - begin
            block = csr(own, kept[begin:end], turned[begin:end], (size, len(row)))
            found.append(multiplied(block, weighted).view(n_groups, width, rows.shape[1])[:, : n - number * width])
        return found


def _block_width(n: int, bytes_per_column: int, device: torch.device, block_bytes: int) -> int:
    """Columns in a block: on a CPU what a cache holds, and few enough that the next step is given the same memory.

    Tens of megabytes at once would come from the system each time, at the price of clearing their pages.
    """
    if device.type != "cpu":
        return max(n, 1)
    n_blocks = max(1, -(-n * bytes_per_column // block_bytes))
    return max(1, -(-n // n_blocks))
