"""Products with sparse matrices, differentiable any number of times: a constant matrix, and a constant pattern."""

import warnings
from functools import cached_property
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_array

warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")


class SparseOperator:
    """A constant sparse matrix A, used as ``A @ X``.

    The backward pass of A @ X is Aᵀ @ gradient. Keeping A and Aᵀ both in CSR form makes forward and backward row-wise
    products (on a CPU several times faster than COO); a symmetric A is its own adjoint and is kept once.

    Args:
        matrix: A, shape (m, n)
        symmetric: promise that A = Aᵀ
        device, dtype: of the products
    """

    def __init__(
        self, matrix: csr_array, *, symmetric: bool = False, device: torch.device, dtype: torch.dtype = torch.float32
    ) -> None:
        self.shape = matrix.shape
        self._matrix = _to_torch(matrix, device, dtype)
        self._adjoint = self._matrix if symmetric else _to_torch(csr_array(matrix.T), device, dtype)

    def __matmul__(self, dense: torch.Tensor) -> torch.Tensor:
        """A @ dense, shape (m, d) for dense of shape (n, d)."""
        product: torch.Tensor = _ConstantProduct.apply(self._matrix, self._adjoint, dense)  # type: ignore[no-untyped-call]
        return product


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
        values: torch.Tensor = _Scores.apply(self, rows, others)  # type: ignore[no-untyped-call]
        return values

    def product(self, values: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
        """S @ others, shape (m, d), for values (m, c) and others (n, d)."""
        product: torch.Tensor = _Product.apply(self, values, others, len(others), False)  # type: ignore[no-untyped-call]
        return product

    def transposed_product(self, values: torch.Tensor, rows: torch.Tensor, n: int) -> torch.Tensor:
        """Sᵀ @ rows, shape (n, d), for values (m, c) and rows (m, d)."""
        product: torch.Tensor = _Product.apply(self, values, rows, n, True)  # type: ignore[no-untyped-call]
        return product

    def matrix(self, values: torch.Tensor, n: int) -> torch.Tensor:
        """S in CSR form, shape (m, n)."""
        return csr(*self._places, values.reshape(-1), (len(self.columns), n))

    def transposed_matrix(self, values: torch.Tensor, n: int) -> torch.Tensor:
        """Sᵀ in CSR form, shape (n, m)."""
        starts, rows, order = self._transposed_places(n)
        return csr(starts, rows, values.reshape(-1).index_select(0, order), (n, len(self.columns)))

    @cached_property
    def _places(self) -> tuple[torch.Tensor, torch.Tensor]:
        m, c = self.columns.shape
        dtype = index_dtype(m * c)
        starts = torch.arange(0, m * c + 1, max(c, 1), dtype=dtype, device=self.columns.device)
        return starts, self.columns.reshape(-1).to(dtype)

    def _transposed_places(self, n: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        if not hasattr(self, "_transposed"):
            self._transposed = transposed_places(self._places[1], self.columns.shape[1], n)
        return self._transposed


def transposed_places(columns: torch.Tensor, per_row: int, n: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The rows of Sᵀ for an S with ``per_row`` entries in each row.

    Args:
        columns: of the entries, row by row, shape (m · per_row,), in [0, n)

    Returns:
        where each row of Sᵀ starts (n + 1,), the column of each entry of Sᵀ, and its position in ``columns``.
    """
    size, dtype = len(columns), columns.dtype
    if columns.device.type == "cpu":  # a counting sort, linear in the entries
        every = np.arange(size, dtype=columns.numpy().dtype)
        starts = np.arange(0, size + 1, max(per_row, 1), dtype=every.dtype)
        turned = csr_array((every, columns.numpy(), starts), shape=(len(starts) - 1, n)).tocsc()
        parts = (turned.indptr, turned.indices, turned.data)
        return tuple(torch.from_numpy(part.astype(every.dtype, copy=False)) for part in parts)  # type: ignore[return-value]
    order = torch.sort(columns, stable=True).indices
    ends = torch.bincount(columns, minlength=n).cumsum(0).to(dtype)
    return torch.cat([ends.new_zeros(1), ends]), (order // max(per_row, 1)).to(dtype), order.to(dtype)


def csr(starts: torch.Tensor, columns: torch.Tensor, values: torch.Tensor, shape: tuple[int, ...]) -> torch.Tensor:
    """A CSR matrix from its three vectors, which are trusted (columns may repeat and need no order)."""
    return torch.sparse_csr_tensor(starts, columns, values, size=shape, check_invariants=False)


def index_dtype(entries: int) -> torch.dtype:
    """32-bit indices where they suffice: the kernels convert wider ones at every product."""
    return torch.int32 if entries < 2**31 else torch.int64


class _ConstantProduct(torch.autograd.Function):
    """A @ X whose backward is again such a product, so that double backward works."""

    @staticmethod
    def forward(ctx: Any, matrix: torch.Tensor, adjoint: torch.Tensor, dense: torch.Tensor) -> torch.Tensor:
        ctx.operators = (matrix, adjoint)
        return matrix @ dense

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[None, None, torch.Tensor]:
        matrix, adjoint = ctx.operators
        return None, None, _ConstantProduct.apply(adjoint, matrix, gradients[0].contiguous())  # type: ignore[no-untyped-call]


class _Scores(torch.autograd.Function):
    """(rows, others) → their scores at a pattern's places."""

    @staticmethod
    def forward(ctx: Any, pattern: Pattern, rows: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
        ctx.pattern = pattern
        ctx.save_for_backward(rows, others)
        if pattern.columns.shape[1] >= len(
            others
        ):  # all scores are fewer than those asked for
            return (rows @ others.T).gather(1, pattern.columns)
        empty = pattern.matrix(torch.zeros_like(pattern.columns, dtype=rows.dtype), len(others))
        found = torch.sparse.sampled_addmm(empty, rows.contiguous(), others.contiguous().T, beta=0)
        return found.values().view(pattern.columns.shape)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[None, torch.Tensor | None, torch.Tensor | None]:
        pattern, (rows, others), values = ctx.pattern, ctx.saved_tensors, gradients[0]
        by_row = pattern.product(values, others) if ctx.needs_input_grad[1] else None
        by_other = pattern.transposed_product(values, rows, len(others)) if ctx.needs_input_grad[2] else None
        return None, by_row, by_other


class _Product(torch.autograd.Function):
    """(values, X) → S @ X, or Sᵀ @ X."""

    @staticmethod
    def forward(
        ctx: Any, pattern: Pattern, values: torch.Tensor, dense: torch.Tensor, n: int, transposed: bool
    ) -> torch.Tensor:
        ctx.pattern, ctx.transposed = pattern, transposed
        ctx.save_for_backward(values, dense)
        matrix = pattern.transposed_matrix(values, n) if transposed else pattern.matrix(values, n)
        return matrix @ dense.contiguous()

    @staticmethod
    def backward(
        ctx: Any, *gradients: torch.Tensor
    ) -> tuple[None, torch.Tensor | None, torch.Tensor | None, None, None]:
        pattern, (values, dense), G = ctx.pattern, ctx.saved_tensors, gradients[0]
        by_value = by_dense = None
        if ctx.needs_input_grad[1]:
            by_value = pattern.scores(dense, G) if ctx.transposed else pattern.scores(G, dense)
        if ctx.needs_input_grad[2]:
            if ctx.transposed:
                by_dense = pattern.product(values, G)
            else:
                by_dense = pattern.transposed_product(values, G, len(dense))
        return None, by_value, by_dense, None, None


def _to_torch(matrix: csr_array, device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    matrix = csr_array(matrix)
    matrix.sum_duplicates()
    index = index_dtype(max(matrix.nnz, *matrix.shape))
    starts, columns = (torch.as_tensor(part, dtype=index, device=device) for part in (matrix.indptr, matrix.indices))
    return csr(starts, columns, torch.as_tensor(matrix.data, dtype=dtype, device=device), matrix.shape)
