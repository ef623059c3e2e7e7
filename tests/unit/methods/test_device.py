"""What a step asks of its device; and, where there is a CUDA device, that everything runs there as it does here."""

import traceback
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from harness.balance.group_gradients import group_gradients
from harness.models.batches import Batch, SharedBatch
from harness.models.losses import info_nce
from harness.models.recommender import Recommender
from harness.plugins import Method, Problem
from harness.plugins.registry import registry
from harness.testing import SMALL, toy_problem

LARGE = {"propagation": "input", "shared_negatives": True, "representations": "low_rank", "rank": 2, "refresh_every": 2}
AFTER_THE_STEPS = "report"
"""The epoch's report reads its means back, once."""
ON_THE_HOST = {"_get_value", "preconditioner", "momentum_share"}
"""Adam counts its steps on the host; these read that count."""

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


class ReadBacks(TorchDispatchMode):
    """Notes where single numbers are read out of tensors, and where tensors are sent to a device."""

    def __init__(self) -> None:
        super().__init__()
        self.places: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        sent = "_to_copy" in func.name() and (kwargs or {}).get("device") is not None
        if func.name() == "aten::_local_scalar_dense" or sent:
            frames = traceback.extract_stack()[:-1]
            if not {frame.name for frame in frames} & {AFTER_THE_STEPS, *ON_THE_HOST}:
                self.places.append(f"{func.name()} in {frames[-1].name}, {frames[-1].filename}:{frames[-1].lineno}")
        return func(*args, **(kwargs or {}))


def prepared(name: str, problem: Problem | None = None, **options: Any) -> Method:
    kind = registry.get("method", name)
    small = {key: value for key, value in SMALL.items() if key in kind.Config.model_fields}
    method: Method = kind(kind.Config.model_validate({**small, **options}))
    method.prepare(problem or toy_problem())
    return method


@pytest.mark.parametrize(
    ("name", "options"),
    [("alpharec", {}), ("bifair", {}), ("joint", {}), ("group_dro", {}), ("mgda", {"gram": "theta"})],
)
def test_a_step_reads_no_number_back(name: str, options: dict[str, Any]) -> None:
    method = prepared(name, **options)
    method.train_epoch()
    with ReadBacks() as found:
        method.train_epoch()
    assert found.places == []


def on_cuda(problem: Problem) -> Problem:
    from harness.base.streams import Streams

    device = torch.device("cuda")
    return Problem(problem.training, problem.embeddings, problem.membership, Streams(0, device), device)


@needs_cuda
@pytest.mark.parametrize("name", registry.names("method"))
def test_every_method_trains_on_cuda(name: str) -> None:
    needs_text = registry.get("method", name).needs_text
    method = prepared(name, on_cuda(toy_problem(text=needs_text)))
    method.train_epoch()
    scores = method.score(torch.arange(60, device="cuda"))
    assert scores.device.type == "cuda" or not registry.get("method", name).iterative
    assert torch.isfinite(scores).all()


@needs_cuda
@pytest.mark.parametrize("options", [LARGE, {"precision": "mixed"}, {"gram": "theta"}, {"hypergradient": "exact"}])
def test_options_train_on_cuda(options: dict[str, Any]) -> None:
    method = prepared("bifair", on_cuda(toy_problem()), **options)
    report = method.train_epoch()
    assert report.loss == pytest.approx(report.loss)
    assert torch.isfinite(method.score(torch.arange(60, device="cuda"))).all()


@needs_cuda
@pytest.mark.parametrize("shared", [False, True])
def test_losses_and_group_gradients_are_those_of_the_processor(shared: bool) -> None:
    here = prepared("bifair", shared_negatives=shared, dtype="float64")
    there = prepared("bifair", on_cuda(toy_problem()), shared_negatives=shared, dtype="float64")
    assert isinstance(here, Recommender)
    assert isinstance(there, Recommender)
    there.theta.copy_(here.theta)
    batch = next(iter(here.batches))
    parts = [batch.users, batch.items, batch.negatives]
    kind: type[Batch] = Batch
    if isinstance(batch, SharedBatch):
        kind, parts = SharedBatch, [*parts, batch.hidden]
    moved = kind(*(part.cuda() for part in parts))
    results = []
    for method, rows in ((here, batch), (there, moved)):
        factors = method.factors()
        grouped, G = group_gradients(factors, rows, method.groups.of(rows), 0.15)
        found = (info_nce(factors, rows, 0.15), grouped.losses, G.gram(), G.dense())
        results.append([value.detach().cpu() for value in found])
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(theirs, ours, rtol=0, atol=1e-10)
