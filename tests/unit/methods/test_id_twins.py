"""AlphaRec's ID twins: the representation is the only difference."""

import dataclasses

import numpy as np
import pytest
import torch
from harness.methods.alpharec import AlphaRec
from harness.methods.alpharec_id import AlphaRecID, AlphaRecIDConfig
from harness.methods.joint import Joint
from harness.methods.lightgcn_infonce import LightGCNInfoNCE, LightGCNInfoNCEConfig

from harness.models.recommender import Recommender, RecommenderConfig
from harness.plugins import Method
from harness.testing import toy_problem

SMALL = {"dim": 8, "batch_size": 128, "negatives": 16, "dtype": "float64"}


def trained(method: Method, table: np.ndarray | None = None, epochs: int = 2) -> tuple[Method, dict[str, float]]:
    """The method after its epochs, and the last one's group losses; ``table`` takes the place of the text vectors."""
    problem = toy_problem(text=False)
    method.prepare(dataclasses.replace(problem, embeddings=table))
    for _ in range(epochs):
        report = method.train_epoch()
    return method, dict(report.group_losses)


def initial_table() -> np.ndarray:
    method = AlphaRecID(AlphaRecIDConfig(**SMALL, width=16))
    method.prepare(toy_problem(text=False))
    return method.Z.numpy().astype(np.float32)


@pytest.mark.parametrize("backbone", ["alpharec", "two_tower"])
def test_a_frozen_table_is_alpharec_on_that_table(backbone: str) -> None:
    options = {**SMALL, "backbone": backbone}
    twin, losses = trained(AlphaRecID(AlphaRecIDConfig(**options, width=16, table="frozen")))
    reference, expected = trained(AlphaRec(RecommenderConfig(**options)), initial_table())
    assert isinstance(twin, Recommender)
    assert isinstance(reference, Recommender)
    assert torch.equal(twin.theta, reference.theta)
    assert torch.equal(twin.Z, reference.Z)
    assert losses == expected
    assert torch.equal(twin.score(torch.arange(60)), reference.score(torch.arange(60)))


def test_a_trained_table_is_joint_training_from_that_table() -> None:
    config = AlphaRecIDConfig(**SMALL, width=16, table_learning_rate=3e-3)
    twin, _ = trained(AlphaRecID(config))
    reference, _ = trained(Joint(Joint.Config(**SMALL, loss="erm", eta=3e-3)), initial_table())
    assert isinstance(twin, Recommender)
    assert isinstance(reference, Recommender)
    torch.testing.assert_close(twin.Z, reference.Z, rtol=0, atol=1e-9)
    torch.testing.assert_close(twin.theta, reference.theta, rtol=0, atol=1e-9)


def test_the_table_has_rows_of_about_unit_length() -> None:
    method = AlphaRecID(AlphaRecIDConfig())
    method.prepare(toy_problem(text=False))
    assert method.Z.shape == (50, 384)
    torch.testing.assert_close(method.Z.norm(dim=1), torch.ones(50), rtol=0, atol=0.15)


@pytest.mark.parametrize(("layers", "backbone"), [(2, "alpharec"), (0, "two_tower")])
def test_free_vectors_in_the_place_of_projected_text_give_alpharecs_scores(layers: int, backbone: str) -> None:
    problem = toy_problem()
    reference = AlphaRec(RecommenderConfig(**SMALL, backbone=backbone))
    reference.prepare(problem)
    twin = LightGCNInfoNCE(LightGCNInfoNCEConfig(**SMALL, layers=layers))
    twin.prepare(problem)
    Z, projector = reference.Z, reference.backbone.projector
    X = torch.cat([reference.backbone.history @ Z, Z])
    twin.restore({"E": projector.finish(reference.theta, projector.first_product(reference.theta, X))})
    users = torch.arange(60)
    torch.testing.assert_close(twin.score(users), reference.score(users))


def test_the_same_batches_and_negatives() -> None:
    twin, reference = LightGCNInfoNCE(LightGCNInfoNCEConfig(**SMALL)), AlphaRec(RecommenderConfig(**SMALL))
    for method in (twin, reference):
        method.prepare(toy_problem())
    for mine, its in zip(twin.batches, reference.batches, strict=True):
        for name in ("users", "items", "negatives"):
            assert torch.equal(getattr(mine, name), getattr(its, name))


def test_shared_options_have_alpharecs_defaults() -> None:
    reference = RecommenderConfig()
    for config in (AlphaRecIDConfig(), LightGCNInfoNCEConfig()):
        shared = type(config).model_fields.keys() & RecommenderConfig.model_fields.keys()
        assert {"dim", "layers", "temperature", "negatives", "batch_size", "learning_rate", "weight_decay"} <= shared
        for name in shared:
            assert getattr(config, name) == getattr(reference, name), name
