"""Directions instead of lengths: what noise does to either."""

import pytest
import torch

from harness.balance.balancing_options import BalancedConfig
from harness.balance.gram_scale import cosines
from harness.balance.weighting import GroupWeighting, WeightingOptions
from harness.models.group_losses import GroupLosses
from harness.plugins.registry import registry

ROWS = torch.tensor([1000, 100, 10])
EQUAL = GroupLosses(torch.ones(3).double(), ROWS.double(), ROWS)


def weights(gram: torch.Tensor, losses: GroupLosses = EQUAL, **options: str) -> torch.Tensor:
    plugin = registry.get("balancer", "entropy")
    rule = plugin(plugin.Config(T=500))
    return GroupWeighting(rule, ROWS / ROWS.sum(), WeightingOptions(min_rows=1, **options)).refresh(losses, gram)


def test_cosines_are_the_gram_matrix_of_directions() -> None:
    gradients = torch.randn(4, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    directions = gradients / gradients.norm(dim=1, keepdim=True)
    torch.testing.assert_close(cosines(gradients @ gradients.T), directions @ directions.T)


def test_a_group_without_a_gradient_has_no_direction() -> None:
    gram = torch.diag(torch.tensor([4.0, 0.0, 9.0], dtype=torch.float64))
    assert torch.equal(cosines(gram), torch.diag(torch.tensor([1.0, 0.0, 1.0], dtype=torch.float64)))


def test_of_noise_lengths_make_weights_follow_rows_and_directions_do_not() -> None:
    """Gradients that are noise alone: squared lengths σ²/n_k and no common direction."""
    noise = torch.diag(5.0 / ROWS.double())
    torch.testing.assert_close(weights(noise), ROWS / ROWS.sum().double(), atol=1e-6, rtol=0)
    torch.testing.assert_close(weights(noise, gram_scale="own"), torch.full((3,), 1 / 3).double(), atol=1e-6, rtol=0)


def test_a_small_groups_loss_is_heard() -> None:
    """The smallest group loses a tenth more than the others: with lengths its noise drowns that."""
    noise, losses = (
        torch.diag(5.0 / ROWS.double()),
        GroupLosses(torch.tensor([1.0, 1.0, 1.1]).double(), EQUAL.mass, EQUAL.rows),
    )
    assert weights(noise, losses)[2] < 0.05
    assert weights(noise, losses, gram_scale="own")[2] > 1 / 3


def test_gradients_of_one_length_are_compared_as_ever() -> None:
    gradients = torch.nn.functional.normalize(torch.randn(3, 5, generator=torch.Generator().manual_seed(1)).double())
    gram = 7 * gradients @ gradients.T
    torch.testing.assert_close(weights(gram, gram_scale="own"), weights(gram))


def test_methods_have_the_choice() -> None:
    level = BalancedConfig(gram_scale="own").level(ROWS / ROWS.sum(), 0.0)
    assert level.weighting.options.gram_scale == "own"
    assert BalancedConfig().level(ROWS / ROWS.sum(), 0.0).weighting.options.gram_scale == "common"


@pytest.mark.parametrize("scale", ["common", "own"])
def test_absent_groups_get_nothing(scale: str) -> None:
    losses = GroupLosses(torch.ones(3).double(), torch.tensor([60.0, 0.0, 40.0]).double(), torch.tensor([60, 0, 40]))
    assert weights(torch.diag(torch.tensor([1.0, 0.0, 2.0]).double()), losses, gram_scale=scale)[1] == 0
