"""Sparse products against dense ones: values, gradients, gradients of gradients."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array, random_array

from harness.models.sparse import SparseOperator, csr, dense_product, multiplied, transposed_places

CPU = torch.device("cpu")


@pytest.fixture(params=["rectangular", "symmetric"])
def pair(request: pytest.FixtureRequest) -> tuple[SparseOperator, torch.Tensor]:
    """The same matrix, sparse and dense."""
    matrix = random_array((7, 7 if request.param == "symmetric" else 5), density=0.4, rng=np.random.default_rng(1))
    matrix = matrix + matrix.T if request.param == "symmetric" else matrix
    operator = SparseOperator(
        csr_array(matrix), symmetric=request.param == "symmetric", device=CPU, dtype=torch.float64
    )
    return operator, torch.as_tensor(matrix.toarray())


def test_products_and_gradients_are_the_dense_ones(pair: tuple[SparseOperator, torch.Tensor]) -> None:
    operator, dense = pair
    X = torch.randn(dense.shape[1], 3, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(dense.shape[0], 3, dtype=torch.float64)
    torch.testing.assert_close(operator @ X, dense @ X)
    (gradient,) = torch.autograd.grad((operator @ X).mul(weight).sum(), X)
    torch.testing.assert_close(gradient, dense.T @ weight)


def test_differentiable_twice(pair: tuple[SparseOperator, torch.Tensor]) -> None:
    operator, dense = pair
    X = torch.randn(dense.shape[1], 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda X: (operator @ X).sin(), X)
    assert torch.autograd.gradgradcheck(lambda X: (operator @ X).sin(), X)


def test_a_gradient_that_is_an_expanded_scalar(pair: tuple[SparseOperator, torch.Tensor]) -> None:
    """The gradient of a sum has stride 0, which sparse kernels do not take."""
    operator, dense = pair
    X = torch.randn(dense.shape[1], 3, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad((operator @ X).sum(), X)
    torch.testing.assert_close(gradient, dense.sum(0)[:, None].expand(-1, 3))


def test_duplicate_entries_are_added() -> None:
    twice = csr_array(([1.0, 2.0], ([0, 0], [1, 1])), shape=(1, 2))
    product = SparseOperator(twice, device=CPU, dtype=torch.float32) @ torch.tensor([[5.0], [7.0]])
    assert product.item() == 21.0


def test_transposed_places_are_a_stable_sort() -> None:
    columns = torch.randint(7, (40,), generator=torch.Generator().manual_seed(0), dtype=torch.int32)
    starts, rows, order = transposed_places(columns, 4, 9)
    expected = torch.sort(columns, stable=True).indices
    assert torch.equal(order.long(), expected)
    assert torch.equal(rows.long(), expected // 4)
    assert torch.equal(starts.diff(), torch.bincount(columns, minlength=9).int())


@pytest.mark.parametrize("width", [1, 3, 64, 65])
@pytest.mark.parametrize("index", [torch.int32, torch.int64])
def test_the_kernel_for_single_precision_gives_what_that_for_double_gives(width: int, index: torch.dtype) -> None:
    """With empty rows at both ends, repeated places and a matrix on the right that does not lie row by row."""
    starts, columns = torch.tensor([0, 0, 4, 5, 5], dtype=index), torch.tensor([2, 0, 2, 2, 1], dtype=index)
    values, dense = torch.randn(5, dtype=torch.float64), torch.randn(width, 3, dtype=torch.float64).T
    expected = multiplied(csr(starts, columns, values, (4, 3)), dense.contiguous())
    found = multiplied(csr(starts, columns, values.float(), (4, 3)), dense.float())
    assert found.dtype == torch.float32
    torch.testing.assert_close(found.double(), expected, rtol=0, atol=1e-5)
    assert found[[0, 3]].abs().sum() == 0


def test_a_matrix_without_entries_gives_zeros_in_single_precision() -> None:
    nothing = torch.empty(0, dtype=torch.int32)
    found = multiplied(csr(torch.zeros(4, dtype=torch.int32), nothing, nothing.float(), (3, 2)), torch.ones(2, 5))
    assert torch.equal(found, torch.zeros(3, 5))


@pytest.mark.parametrize("vendor", [True, False])
def test_a_dense_product_of_counts_is_exact(vendor: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With and without the library for sparse matrices, up to counts that single precision still tells apart."""
    if vendor and not torch.backends.mkl.is_available():
        pytest.skip("this PyTorch has no such library")
    monkeypatch.setattr(torch.backends.mkl, "is_available", lambda: vendor)
    rng = np.random.default_rng(0)
    left, right = (csr_array(rng.integers(0, 2000, shape) * (rng.random(shape) < 0.4)) for shape in ((7, 9), (9, 5)))
    expected = left.toarray() @ right.toarray()
    assert expected.max() > 2**22
    np.testing.assert_array_equal(dense_product(left, right).numpy(), expected)
    assert dense_product(csr_array((7, 9), dtype=np.int64), right).count_nonzero() == 0
