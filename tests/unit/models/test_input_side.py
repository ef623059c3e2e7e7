"""Propagation on the input side: the operator and its adjoint, and where it equals the exact model."""

from typing import Any

import pytest
import torch
from harness.methods.alpharec import AlphaRec
from harness.methods.bifair.method import BiFair

from harness.models.input_side import InputSide
from harness.models.recommender import Recommender, RecommenderConfig
from harness.plugins import Method
from harness.testing import toy_problem

PROBLEM = toy_problem()


def prepared(kind: type[Method], **options: Any) -> Any:
    common = {"batch_size": 128, "negatives": 16, "dim": 8, "dtype": "float64", "activation": "linear"}
    method = kind(kind.Config.model_validate({**common, **options}))
    method.prepare(PROBLEM)
    return method


@pytest.fixture(params=["alpharec", "two_tower"])
def views(request: pytest.FixtureRequest) -> InputSide:
    found = prepared(AlphaRec, propagation="input", backbone=request.param).views
    assert isinstance(found, InputSide)
    return found


def test_spreading_is_propagation_of_histories_and_items(views: InputSide) -> None:
    Z, backbone = views.Z, views.backbone
    torch.testing.assert_close(views.spread(Z), backbone.propagated(torch.cat([backbone.history @ Z, Z])))


def test_gathering_is_the_adjoint_of_spreading(views: InputSide) -> None:
    """⟨PZ, G⟩ = ⟨Z, PᵀG⟩, over more columns than are propagated at once."""
    draw = torch.Generator().manual_seed(0)
    Z = torch.randn(len(views.Z), 150, generator=draw, dtype=torch.float64)
    G = torch.randn(len(views.base), 150, generator=draw, dtype=torch.float64)
    assert (views.spread(Z) * G).sum().item() == pytest.approx((Z * views.gathered(G)).sum().item(), rel=1e-12)


def test_a_batch_sees_its_own_rows(views: InputSide) -> None:
    sampler = prepared(AlphaRec).batches
    batch = next(iter(sampler))
    view = views.of(batch)
    assert view.nodes is not None
    theta = views.backbone.projector.initial(torch.Generator().manual_seed(0), torch.float64)
    of_batch, of_all = view.factors(view.inputs, theta), views.factors(theta)
    torch.testing.assert_close(of_batch.stacked, of_all.stacked[view.nodes])
    torch.testing.assert_close(of_batch.users[view.batch.users], of_all.users[batch.users])
    torch.testing.assert_close(of_batch.items[view.batch.items], of_all.items[batch.items])


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (AlphaRec, {}),
        (BiFair, {"refresh_every": 1, "min_rows": 4}),
        (BiFair, {"refresh_every": 1, "min_rows": 4, "representations": "low_rank", "rank": 3}),
        (BiFair, {"refresh_every": 1, "min_rows": 4, "hypergradient": "exact", "shared_negatives": True}),
        (BiFair, {"refresh_every": 1, "min_rows": 4, "outer_data": "heldout", "gram": "theta"}),
    ],
)
def test_with_a_linear_projector_it_is_the_exact_model(kind: type[Recommender], options: dict[str, Any]) -> None:
    """g(PZ) = P g(Z) for a linear map without bias: an epoch leads to the same θ, the same Z and the same scores."""
    exact, ours = (prepared(kind, propagation=way, **options) for way in ("exact", "input"))
    for method in (exact, ours):
        method.train_epoch()
    torch.testing.assert_close(ours.theta, exact.theta, rtol=0, atol=1e-8)
    torch.testing.assert_close(ours.Z, exact.Z, rtol=0, atol=1e-8)
    users = torch.arange(PROBLEM.training.n_users)
    torch.testing.assert_close(ours.score(users), exact.score(users), rtol=0, atol=1e-8)


def test_z_waits_for_a_refresh() -> None:
    """With more outer steps to a refresh than an epoch has, Z first moves in the second epoch."""
    steps = len(prepared(BiFair).batches)
    method = prepared(BiFair, propagation="input", refresh_every=steps + 1, min_rows=4)
    method.train_epoch()
    assert torch.equal(method.Z, method.Z0)
    method.train_epoch()
    assert not torch.equal(method.Z, method.Z0)


@pytest.mark.parametrize("name", ["joint", "separate", "fairdual"])
def test_methods_that_need_the_whole_graph_say_so(name: str) -> None:
    from pydantic import ValidationError

    from harness.plugins.registry import registry

    kind = registry.get("method", name)
    assert issubclass(kind.Config, RecommenderConfig)
    with pytest.raises(ValidationError, match="propagation"):
        kind.Config(propagation="input")
