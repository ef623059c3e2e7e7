"""Adam is torch's, to the bit, and brings no compiler."""

import subprocess
import sys
from typing import Any

import pytest
import torch

from harness.models.adam import adam

CHILD = """
import sys, torch
from harness.models.adam import adam
weight = torch.ones(3, requires_grad=True)
optimizer = adam([weight], lr=0.1, foreach=False)
for _ in range(2):
    optimizer.zero_grad()
    weight.square().sum().backward()
    optimizer.step()
print(weight.mean().item() < 1, "torch._dynamo" in sys.modules)
"""


@pytest.mark.parametrize(
    "options",
    [
        {"lr": 2e-3, "foreach": False},
        {"lr": 2e-3, "weight_decay": 1e-2, "foreach": False},
        {"lr": 1e-3, "fused": True},
        {"lr": 1e-3, "betas": (0.0, 0.5), "eps": 1e-4},
    ],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_steps_are_those_of_torch(options: dict[str, Any], dtype: torch.dtype) -> None:
    start, target = torch.randn(2, 40, 7, generator=torch.Generator().manual_seed(3), dtype=dtype)
    ends = []
    for make in (adam, torch.optim.Adam):
        weight = start.clone().requires_grad_()
        optimizer = make([weight], **options)
        for _ in range(20):
            optimizer.zero_grad()
            ((weight - target) ** 4).sum().backward()
            optimizer.step()
        ends.append((weight, *optimizer.state[weight].values()))
    assert all(torch.equal(own, theirs) for own, theirs in zip(*ends, strict=True))


def test_gradients_are_not_recorded_and_stay_enabled_outside() -> None:
    weight = torch.ones(2)
    weight.grad = torch.ones(2)
    optimizer = adam([weight.requires_grad_()], lr=0.5)
    optimizer.step()
    assert torch.is_grad_enabled()
    assert weight.is_leaf
    assert weight.tolist() == pytest.approx([0.5, 0.5])


def test_more_parameters_with_a_rate_of_their_own() -> None:
    one, two = torch.zeros(1), torch.zeros(1)
    one.grad, two.grad = torch.ones(1), torch.ones(1)
    optimizer = adam([one], lr=0.1)
    optimizer.add_param_group({"params": [two], "lr": 0.2})
    optimizer.step()
    assert (one.item(), two.item()) == pytest.approx((-0.1, -0.2))


def test_no_compiler_is_imported() -> None:
    done = subprocess.run([sys.executable, "-P", "-c", CHILD], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
