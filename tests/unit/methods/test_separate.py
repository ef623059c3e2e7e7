"""θ first, then Z."""

import pytest
import torch
from harness.methods.separate import has_converged

from harness.testing import toy_problem


def test_first_phase_is_joint_with_frozen_z(train):
    reference, _ = train("joint", epochs=2, eta=0)
    method, report = train("separate", epochs=2)
    assert torch.equal(method.theta, reference.theta)
    assert torch.equal(method.Z, reference.Z)
    assert report.values["phase"] == 1
    assert "drift_of_Z" not in report.values


def test_second_phase_moves_z_alone(prepared):
    method = prepared("separate", theta_epochs=2, plateau=0)
    for _ in range(2):
        method.train_epoch()
    theta, Z = method.theta.clone(), method.Z.clone()
    reports = [method.train_epoch() for _ in range(3)]
    assert torch.equal(method.theta, theta)
    assert not torch.equal(method.Z, Z)
    assert {report.values["phase"] for report in reports} == {2}
    assert reports[-1].loss < reports[0].loss
    assert 0 < reports[0].values["drift_of_Z"] < reports[-1].values["drift_of_Z"]


def test_second_phase_starts_where_the_first_has_converged(prepared):
    method = prepared("separate", theta_epochs=60, plateau=0.9)
    phases = [method.train_epoch().values["phase"] for _ in range(6)]
    assert phases == [1, 1, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("losses", "plateau", "expected"),
    [
        ([4.0, 3.0, 2.0], 0.5, False),  # too few epochs to tell
        ([4.0, 3.0, 2.0, 1.0], 0.5, False),
        ([1.0, 0.999, 0.998, 0.997], 0.005, True),
        ([1.0, 0.999, 0.998, 0.990], 0.005, False),
        ([1.0, 1.0, 1.0, 1.0], 0.0, False),
        ([1.0, 1.1, 1.2, 1.3], 0.005, True),
    ],
)
def test_convergence(losses, plateau, expected):
    assert has_converged(losses, plateau) is expected


def test_a_checkpoint_brings_both_back(train):
    method, _ = train("separate", toy_problem(), epochs=2, theta_epochs=1)
    state = method.state()
    method.train_epoch()
    method.restore(state)
    assert torch.equal(method.Z, state["Z"])


def test_only_z_is_made_fair_after_a_plain_first_phase(prepared, train):
    plain, _ = train("joint", epochs=2, eta=0, loss="erm")
    method = prepared("separate", theta_loss="erm", theta_epochs=2, plateau=0)
    for _ in range(2):
        method.train_epoch()
    assert torch.equal(method.theta, plain.theta)
    weights = method.train_epoch().group_weights
    shares = {name: float(share) for name, share in zip(method.groups.names, method.groups.data_shares, strict=True)}
    assert any(abs(weights[name] - shares[name]) > 0.02 for name in weights), "the second phase is balanced"
