"""Products with a constant sparse matrix, differentiable any number of times, and what sparse matrices are made of."""

from __future__ import annotations

import warnings

import numpy as np

from harness.base.late import functional, sparse, torch

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
        self, matrix: sparse.csr_array, *, symmetric: bool = False, device: torch.device, dtype: torch.dtype
    ) -> None:
        self.shape = matrix.shape
        self._matrix = to_torch(matrix, device, dtype)
        self._adjoint = self._matrix if symmetric else to_torch(sparse.csr_array(matrix.T), device, dtype)

    def __matmul__(self, dense: torch.Tensor) -> torch.Tensor:
        """A @ dense, shape (m, d) for dense of shape (n, d)."""
        from harness.models.constant_product import ConstantProduct

        return ConstantProduct.apply(self._matrix, self._adjoint, dense)  # type: ignore[no-untyped-call]

    def adjoint_product(self, dense: torch.Tensor) -> torch.Tensor:
        """Aᵀ @ dense, shape (n, d) for dense of shape (m, d)."""
        return multiplied(self._adjoint, dense)


def multiplied(matrix: torch.Tensor, dense: torch.Tensor) -> torch.Tensor:
    """A @ X, shape (m, d), for A in CSR form, shape (m, n), and X (n, d); not differentiable.

    Row by row A @ X is a weighted sum of rows of X, a bag of embeddings. On a CPU in single precision PyTorch has a
    kernel for these that is generated for the width at hand and takes 40 % of the time of the CSR product.
    """
    if dense.device.type != "cpu" or dense.dtype != torch.float32:
        return matrix @ dense
    return functional.embedding_bag(
        matrix.col_indices(),
        dense.detach(),
        matrix.crow_indices(),
        mode="sum",
        per_sample_weights=matrix.values(),
        include_last_offset=True,
    )


def dense_product(A: sparse.csr_array, B: sparse.csr_array) -> torch.Tensor:
    """A @ B of sparse matrices as a dense one in single precision, on the CPU, shape (m, n).

    Of whole numbers it is exact up to 2²⁴. Intel's library for sparse matrices, where PyTorch has it, adds up rows in
    place: a fifth of the time that SciPy's product takes, which first counts the entries and then keeps a list of them.

    Args:
        A, B: shapes (m, l) and (l, n)
    """
    if not torch.backends.mkl.is_available():
        return torch.from_numpy((A.astype(np.float32) @ B.astype(np.float32)).toarray())
    left, right = (to_torch(matrix, torch.device("cpu"), torch.float32) for matrix in (A, B))
    result = torch.zeros(A.shape[0], B.shape[1])
    return torch.addmm(result, left, right, beta=0, out=result)


def sampled_product(
    starts: torch.Tensor, columns: torch.Tensor, left: torch.Tensor, right: torch.Tensor
) -> torch.Tensor:
    """⟨left_i, right_j⟩ at the places (i, j) of a CSR pattern, one after the other; not differentiable.

    Args:
        starts, columns: the places, shapes (m + 1,) and (entries,)
        left, right: shapes (m, d) and (n, d)
    """
    values = torch.zeros(len(columns), dtype=left.dtype, device=left.device)
    matrix = csr(starts, columns, values, (len(left), len(right)))  # shares the values: filled in without a copy of it
    torch.sparse.sampled_addmm(matrix, left.contiguous(), right.contiguous().T, beta=0, out=matrix)
    return matrix.values()


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
        turned = sparse.csr_array((every, columns.numpy(), starts), shape=(len(starts) - 1, n)).tocsc()
        parts = (turned.indptr, turned.indices, turned.data)
        return tuple(torch.from_numpy(part.astype(every.dtype, copy=False)) for part in parts)  # type: ignore[return-value]
    order = torch.sort(columns, stable=True).indices
    ends = torch.bincount(columns, minlength=n).cumsum(0).to(dtype)
    return torch.cat([ends.new_zeros(1), ends]), (order // max(per_row, 1)).to(dtype), order.to(dtype)


def transposed(columns: torch.Tensor, values: torch.Tensor, n: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Starts, columns and values of Sᵀ in CSR form, for an S that is used once (see ``transposed_places``).

    Args:
        columns: of the entries in each row, in [0, n), shape (m, c)
        values: shape (m, c)
    """
    m, c = columns.shape
    if columns.device.type == "cpu":  # the values are sorted on the way
        every = np.arange(0, m * c + 1, max(c, 1), dtype=columns.numpy().dtype)
        turned = sparse.csr_array(
            (values.reshape(-1).numpy(), columns.reshape(-1).numpy(), every), shape=(m, n)
        ).tocsc()
        starts, rows = (part.astype(every.dtype, copy=False) for part in (turned.indptr, turned.indices))
        return torch.from_numpy(starts), torch.from_numpy(rows), torch.from_numpy(turned.data)
    found, rows, order = transposed_places(columns.reshape(-1), c, n)
    return found, rows, values.reshape(-1).index_select(0, order)


def csr(starts: torch.Tensor, columns: torch.Tensor, values: torch.Tensor, shape: tuple[int, ...]) -> torch.Tensor:
    """A CSR matrix from its three vectors, which are trusted (columns may repeat and need no order)."""
    return torch.sparse_csr_tensor(starts, columns, values, size=shape, check_invariants=False)


def index_dtype(entries: int) -> torch.dtype:
    """32-bit indices where they suffice: the kernels convert wider ones at every product."""
    return torch.int32 if entries < 2**31 else torch.int64


def to_torch(matrix: sparse.csr_array, device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    """The same matrix as PyTorch has it, with indices of 32 bits where they suffice."""
    matrix = sparse.csr_array(matrix)
    matrix.sum_duplicates()
    index = index_dtype(max(matrix.nnz, *matrix.shape))
    starts, columns = (torch.as_tensor(part, dtype=index, device=device) for part in (matrix.indptr, matrix.indices))
    return csr(starts, columns, torch.as_tensor(matrix.data, dtype=dtype, device=device), matrix.shape)
