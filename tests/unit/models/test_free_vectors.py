"""The backbones without language: what they compute, what they are, and who cannot run on them."""

import pytest
import torch
from harness.methods.alpharec import AlphaRec
from harness.methods.lightgcn_infonce import LightGCNInfoNCE, LightGCNInfoNCEConfig
from torch.nn import functional

from harness.base.errors import BadInput
from harness.models.free_vectors import FreeVectors
from harness.models.graph import adjacency
from harness.plugins.registry import registry
from harness.spec.build import build_spec
from harness.testing import toy_problem

PROBLEM = toy_problem(n_users=12, n_items=20, cold_items=2)
FLOAT64 = {"device": torch.device("cpu"), "dtype": torch.float64}


@pytest.mark.parametrize("layers", [0, 1, 3])
def test_factors_are_the_mean_of_the_dense_powers_normalised(layers: int) -> None:
    built = FreeVectors(PROBLEM.training, 5, 4, layers, **FLOAT64)
    theta = built.initial(torch.Generator().manual_seed(0), torch.float64)
    A = torch.as_tensor(adjacency(PROBLEM.training).toarray())
    P = torch.stack([torch.linalg.matrix_power(A, power) for power in range(layers + 1)]).mean(dim=0)
    expected = functional.normalize(P @ theta.view(32, 4), dim=1)
    found = built.factors(torch.zeros(20, 5, dtype=torch.float64), theta).stacked
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(("backbone", "layers"), [("lightgcn", 2), ("mf", 0)])
def test_alpharec_on_it_is_lightgcn_under_alpharecs_loss(backbone: str, layers: int) -> None:
    """Two ways in the code to one model: the same draws, the same steps."""
    shared = {"dim": 8, "batch_size": 64, "negatives": 4, "dtype": "float64"}
    one = AlphaRec(AlphaRec.Config(backbone=backbone, **shared))
    other = LightGCNInfoNCE(LightGCNInfoNCEConfig(layers=layers, **shared))
    for method in (one, other):
        method.prepare(toy_problem())
        losses = [method.train_epoch().loss for _ in range(3)]
    everybody = torch.arange(60)
    torch.testing.assert_close(one.score(everybody), other.score(everybody), atol=1e-9, rtol=1e-9)
    assert losses[-1] < losses[0], "learnt something"


def test_new_people_have_no_vector() -> None:
    built = FreeVectors(PROBLEM.training, 5, 4, 2, **FLOAT64)
    theta = built.initial(torch.Generator().manual_seed(0), torch.float64)
    assert built.user_factors(None, torch.zeros(20, 5), theta) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("backbone", ["lightgcn", "mf"])
@pytest.mark.parametrize("method", ["bifair", "joint", "separate", "alpharec_id"])
def test_methods_that_learn_representations_are_refused(method: str, backbone: str) -> None:
    with pytest.raises(BadInput, match=f"backbone={backbone}: it has no representations of items' texts"):
        build_spec({"method": method, "config": {"backbone": backbone}})


def test_all_others_are_not() -> None:
    configs = {name: registry.get("method", name).Config for name in registry.names("method")}
    names = [name for name, config in configs.items() if not getattr(config, "learns_representations", True)]
    assert {"pd", "pda", "macr", "popgo", "fairneg", "dpr", "pfcn", "group_dro", "reweight"} <= set(names)
    for name in names:
        assert build_spec({"method": name, "config": {"backbone": "mf"}}).method == name
