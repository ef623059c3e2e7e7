"""Sparse products against dense ones: values, gradients, gradients of gradients."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array, random_array

from harness.models.sparse import SparseOperator, csr, multiplied, transposed_places

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
