"""Scores at the places of a sparse matrix, and products with it, against dense ones: own and shared columns."""

import pytest
import torch

from harness.models.pattern import Pattern
from harness.models.shared_pattern import SharedPattern


@pytest.fixture(params=[4, 7], ids=["fewer places than columns", "more"])
def places(request: pytest.FixtureRequest) -> tuple[Pattern, torch.Tensor, torch.Tensor]:
    """A pattern of 6 rows over 5 columns, with repeated places and a column never used."""
    draw = torch.Generator().manual_seed(3)
    columns = torch.randint(4, (6, request.param), generator=draw)
    dense = torch.zeros(6, 5, dtype=torch.float64)
    values = torch.randn(6, request.param, generator=draw, dtype=torch.float64)
    return Pattern(columns), values, dense.scatter_add(1, columns, values)


def test_scores_at_a_pattern_are_inner_products(places: tuple[Pattern, torch.Tensor, torch.Tensor]) -> None:
    pattern = places[0]
    rows, others = torch.randn(6, 3, dtype=torch.float64), torch.randn(5, 3, dtype=torch.float64)
    expected = torch.einsum("bd,bcd->bc", rows, others[pattern.columns])
    torch.testing.assert_close(pattern.scores(rows, others), expected, rtol=0, atol=1e-14)


def test_products_with_a_pattern_are_the_dense_ones(places: tuple[Pattern, torch.Tensor, torch.Tensor]) -> None:
    pattern, values, dense = places
    rows, others = torch.randn(6, 3, dtype=torch.float64), torch.randn(5, 3, dtype=torch.float64)
    torch.testing.assert_close(pattern.product(values, others), dense @ others, rtol=0, atol=1e-14)
    torch.testing.assert_close(pattern.transposed_product(values, rows, 5), dense.T @ rows, rtol=0, atol=1e-14)


def test_a_pattern_is_differentiable_twice(places: tuple[Pattern, torch.Tensor, torch.Tensor]) -> None:
    pattern, values, _ = places
    values = values.clone().requires_grad_(True)
    rows, others = (torch.randn(n, 3, dtype=torch.float64, requires_grad=True) for n in (6, 5))
    for function, inputs in (
        (lambda r, o: pattern.scores(r, o).sin(), (rows, others)),
        (lambda v, o: pattern.product(v, o).sin(), (values, others)),
        (lambda v, r: pattern.transposed_product(v, r, 5).sin(), (values, rows)),
    ):
        assert torch.autograd.gradcheck(function, inputs)
        assert torch.autograd.gradgradcheck(function, inputs)


@pytest.fixture(params=["own columns", "shared columns"])
def batch_pattern(request: pytest.FixtureRequest) -> tuple[Pattern | SharedPattern, torch.Tensor]:
    """A pattern of 6 rows over 9 columns, and all of its columns, row by row, shape (6, 5)."""
    first, shared = torch.tensor([0, 3, 3, 8, 1, 0]), torch.tensor([2, 4, 5, 8])
    columns = torch.cat([first[:, None], shared.expand(6, -1)], dim=1)
    nothing = torch.empty(2, 0, dtype=torch.int64)
    return (Pattern(columns) if request.param == "own columns" else SharedPattern(first, shared, nothing)), columns


def test_shared_columns_give_what_own_columns_give(batch_pattern: tuple[Pattern | SharedPattern, torch.Tensor]) -> None:
    pattern, columns = batch_pattern
    draw = torch.Generator().manual_seed(2)
    rows, others = (torch.randn(n, 3, generator=draw, dtype=torch.float64) for n in (6, 9))
    values = torch.randn(6, 5, generator=draw, dtype=torch.float64)
    dense = torch.zeros(6, 9, dtype=torch.float64).scatter_add(1, columns, values)
    torch.testing.assert_close(pattern.scores(rows, others), (rows @ others.T).gather(1, columns))
    torch.testing.assert_close(pattern.product(values, others), dense @ others)


def test_grouped_products_are_one_product_per_group(
    batch_pattern: tuple[Pattern | SharedPattern, torch.Tensor],
) -> None:
    """With overlapping groups, an empty one, and a row in none."""
    pattern, columns = batch_pattern
    draw = torch.Generator().manual_seed(4)
    rows, values = (torch.randn(6, n, generator=draw, dtype=torch.float64) for n in (3, 5))
    weights = torch.tensor(
        [[0.5, 0.5, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0.2, 0.3, 0, 0.5], [0, 1, 0, 0], [0, 0, 0, 1]]
    ).double()
    dense = torch.zeros(6, 9, dtype=torch.float64).scatter_add(1, columns, values)
    expected = torch.stack([dense.T @ (w[:, None] * rows) for w in weights.T])
    torch.testing.assert_close(torch.cat(pattern.grouped_product(values, weights, rows, 9), dim=1), expected)


@pytest.mark.parametrize("columns_per_block", [1, 2, 4, 5])
def test_grouped_products_do_not_depend_on_the_blocks(
    columns_per_block: int, places: tuple[Pattern, torch.Tensor, torch.Tensor]
) -> None:
    """9 columns: blocks that divide them and blocks that do not; the sums are the same to the last bit."""
    pattern, values, _ = places
    draw = torch.Generator().manual_seed(4)
    rows, weights = (torch.rand(6, n, generator=draw, dtype=torch.float64) for n in (3, 2))
    whole = torch.cat(pattern.grouped_product(values, weights, rows, 9), dim=1)
    blocks = pattern.grouped_product(values, weights, rows, 9, block_bytes=columns_per_block * 2 * 3 * 8)
    assert len(blocks) == -(-9 // columns_per_block)
    assert max(block.shape[1] for block in blocks) <= columns_per_block
    assert torch.equal(torch.cat(blocks, dim=1), whole)


def test_values_of_columns_are_spread_over_the_places(
    batch_pattern: tuple[Pattern | SharedPattern, torch.Tensor],
) -> None:
    pattern, columns = batch_pattern
    of_columns = torch.arange(9) ** 2
    assert torch.equal(pattern.spread(of_columns), of_columns[columns])


def test_hidden_entries_have_no_score_no_loss_and_no_gradient() -> None:
    pattern = SharedPattern(torch.tensor([0, 1]), torch.tensor([2, 3, 4]), torch.tensor([[0, 1], [1, 2]]))
    draw = torch.Generator().manual_seed(5)
    rows, others = (torch.randn(n, 3, generator=draw, dtype=torch.float64, requires_grad=True) for n in (2, 5))
    scores = pattern.scores(rows, others)
    assert (scores == -torch.inf).nonzero().tolist() == [[0, 2], [1, 3]]
    (gradient,) = torch.autograd.grad(torch.logsumexp(scores, 1)[1], others, retain_graph=True)
    assert gradient[4].abs().max() == 0
    assert gradient[2].abs().max() > 0
    assert torch.autograd.gradgradcheck(lambda r, o: torch.logsumexp(pattern.scores(r, o), 1), (rows, others))
