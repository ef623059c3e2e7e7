"""Products of a constant sparse matrix with a dense one, differentiable any number of times."""

import warnings
from typing import Any

import torch
from scipy.sparse import csr_array


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
        product: torch.Tensor = _Product.apply(self._matrix, self._adjoint, dense)  # type: ignore[no-untyped-call]
        return product


class _Product(torch.autograd.Function):
    """A @ X whose backward is again such a product, so that double backward works."""

    @staticmethod
    def forward(ctx: Any, matrix: torch.Tensor, adjoint: torch.Tensor, dense: torch.Tensor) -> torch.Tensor:
        ctx.operators = (matrix, adjoint)
        return matrix @ dense

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[None, None, torch.Tensor]:
        matrix, adjoint = ctx.operators
        return None, None, _Product.apply(adjoint, matrix, gradients[0].contiguous())  # type: ignore[no-untyped-call]


def _to_torch(matrix: csr_array, device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    matrix = csr_array(matrix)
    matrix.sum_duplicates()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
        warnings.filterwarnings("ignore", message="Sparse invariant checks")
        return torch.sparse_csr_tensor(
            torch.as_tensor(matrix.indptr, dtype=torch.int64),
            torch.as_tensor(matrix.indices, dtype=torch.int64),
            torch.as_tensor(matrix.data, dtype=dtype),
            size=matrix.shape,
            device=device,
        )
