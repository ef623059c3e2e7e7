"""Z and θ trained together."""

import pytest
import torch

from harness.models.losses import info_nce
from harness.testing import toy_problem


@pytest.mark.parametrize("backbone", ["alpharec", "two_tower", "vbpr"])
def test_frozen_z_and_plain_loss_is_alpharec(train, backbone):
    reference, expected = train("alpharec", epochs=2, backbone=backbone)
    method, report = train("joint", epochs=2, backbone=backbone, loss="erm", eta=0)
    torch.testing.assert_close(method.theta, reference.theta, rtol=0, atol=1e-9)
    assert torch.equal(method.Z, reference.Z)
    assert report.loss == pytest.approx(expected.loss, abs=1e-9)
    assert report.group_losses == pytest.approx(expected.group_losses)
    assert report.group_weights == pytest.approx(expected.group_weights)


def test_plain_loss_is_the_balanced_one_with_proportional_weights(train):
    plain, _ = train("joint", epochs=2, loss="erm")
    proportional, _ = train("joint", epochs=2, balancer="proportional")
    assert torch.equal(plain.theta, proportional.theta)
    assert torch.equal(plain.Z, proportional.Z)


def test_one_optimiser_with_a_rate_for_each(prepared):
    """The first step of Adam moves every coordinate by rate · g/(|g| + 1e-8), g found by autograd on its own."""
    method = prepared("joint", batch_size=100_000, loss="erm", eta=0.03, learning_rate=0.01, weight_decay=0)
    twin = prepared("joint", batch_size=100_000, loss="erm", eta=0.03, learning_rate=0.01, weight_decay=0)
    (batch,) = twin.batches
    Z, theta = twin.Z.requires_grad_(True), twin.theta.requires_grad_(True)
    g_z, g_theta = torch.autograd.grad(info_nce(twin.backbone.factors(Z, theta), batch, 0.15).mean(), (Z, theta))
    method.train_epoch()
    torch.testing.assert_close(method.Z, Z - 0.03 * g_z / (g_z.abs() + 1e-8), rtol=0, atol=1e-9)
    torch.testing.assert_close(method.theta, theta - 0.01 * g_theta / (g_theta.abs() + 1e-8), rtol=0, atol=1e-9)


def test_reports_how_far_z_has_moved(train):
    method, report = train("joint")
    Z0 = torch.as_tensor(toy_problem().embeddings, dtype=torch.float64)
    assert report.values["drift_of_Z"] == pytest.approx(float((method.Z - Z0).norm() / Z0.norm()))
    assert "drift_of_Z" not in train("joint", eta=0)[1].values


def test_balanced_loss_narrows_the_gap_between_groups(train):
    def gap(loss):
        losses = train("joint", epochs=20, loss=loss, lam=30)[1].group_losses.values()
        return max(losses) - min(losses)

    assert gap("balanced") < gap("erm")
