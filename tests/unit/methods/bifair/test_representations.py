"""Z free or Z₀ + A·B: the chain rule, the start, and what BiFair makes of either."""

import torch
from harness.methods.bifair.config import BiFairConfig
from harness.methods.bifair.method import BiFair
from harness.methods.bifair.representations import Free, LowRank

from harness.models.batches import Batch
from harness.models.input_side import Rows
from harness.models.projector import Projector
from harness.models.views import View
from harness.testing import toy_problem

VIEW = View(torch.empty(0), Batch(*(torch.empty(0),) * 3), Rows(Projector(1, 1, 1), 0))
"""Of a whole graph, where gradients at a view's inputs are gradients at Z."""


def test_free_is_adam_on_z() -> None:
    Z = torch.randn(5, 3, dtype=torch.float64)
    expected, gradient = Z.clone(), torch.randn(5, 3, dtype=torch.float64)
    representation = Free(Z, 0.01)
    for _ in range(3):
        representation.add(VIEW, gradient)
        representation.step()
    # Under a constant gradient both bias-corrected moments are its powers: every step has length η in each entry.
    torch.testing.assert_close(Z, expected - 3 * 0.01 * gradient.sign())


def test_low_rank_starts_at_the_initial_representations_and_keeps_its_rank() -> None:
    Z = torch.randn(20, 8, dtype=torch.float64)
    initial = Z.clone()
    representation = LowRank(Z, 0.05, rank=2, generator=torch.Generator().manual_seed(0))
    assert torch.equal(Z, initial)
    for _ in range(5):
        representation.add(VIEW, Z - 1.0)  # ∇ ½‖Z − 1‖²
        representation.step()
    assert torch.linalg.matrix_rank(Z - initial) == 2
    torch.testing.assert_close(Z, initial + representation.A @ representation.B)
    assert (Z - 1).norm() < (initial - 1).norm()


def test_low_rank_follows_the_chain_rule() -> None:
    Z = torch.randn(6, 4, dtype=torch.float64)
    representation = LowRank(Z, 0.0, rank=3, generator=torch.Generator().manual_seed(1))
    representation.A += torch.randn(6, 3, dtype=torch.float64)
    A, B = (factor.clone().requires_grad_(True) for factor in (representation.A, representation.B))
    loss = ((Z + A @ B) ** 3).sum()
    loss.backward()
    representation.add(VIEW, 3 * (Z + A @ B).detach() ** 2)
    representation.step()
    torch.testing.assert_close(representation.A.grad, A.grad)
    torch.testing.assert_close(representation.B.grad, B.grad)


def test_bifair_learns_in_the_subspace() -> None:
    config = BiFairConfig(representations="low_rank", rank=2, batch_size=64, min_rows=1, dtype="float64")
    method = BiFair(config)
    method.prepare(toy_problem(0))
    method.train_epoch()
    change = method.Z - method.Z0
    assert change.norm() > 0
    assert torch.linalg.matrix_rank(change) <= 2
