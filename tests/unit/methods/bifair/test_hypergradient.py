"""h = ∇²_{Zθ}F_in · u: against closed forms, against each other, and on real batches."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import torch
from harness.methods.bifair.config import BiFairConfig
from harness.methods.bifair.hypergradient import exact, finite_difference, opposite_gradients
from harness.methods.bifair.inner import LookAhead
from harness.methods.bifair.method import BiFair
from harness.methods.bifair.outer import InnerLoss, implicit_gradient

from harness.base.streams import Streams
from harness.models.alpharec import AlphaRecBackbone
from harness.models.batches import BatchSampler
from harness.models.losses import info_nce
from harness.models.projector import Activation, Projector
from harness.models.vbpr import VBPRBackbone
from harness.models.views import Backbone
from harness.plugins import Problem
from harness.testing import toy_problem

if TYPE_CHECKING:
    from harness.runs.experiment import Experiment

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


# --- a quadratic with known Hessians ---------------------------------------------------------------------------------


@dataclass
class Quadratic:
    """F_in = ½θᵀAθ + ⟨Z, B·θ⟩ + ½‖Z‖², so that ∇²_{Zθ}F_in · u = B·u."""

    A: torch.Tensor
    B: torch.Tensor
    Z: torch.Tensor
    theta: torch.Tensor
    u: torch.Tensor

    def loss(self, Z: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
        return 0.5 * theta @ self.A @ theta + (Z * (self.B @ theta)).sum() + 0.5 * Z.square().sum()

    @property
    def product(self) -> torch.Tensor:
        return self.B @ self.u


@pytest.fixture
def quadratic() -> Quadratic:
    torch.manual_seed(0)
    A = torch.randn(6, 6, dtype=torch.float64)
    return Quadratic(
        A @ A.T,
        torch.randn(4, 3, 6, dtype=torch.float64),
        torch.randn(4, 3, dtype=torch.float64),
        torch.randn(6, dtype=torch.float64),
        torch.randn(6, dtype=torch.float64),
    )


@pytest.mark.parametrize("epsilon", [1e-4, 1e-2, 1.0])
def test_finite_difference_of_a_quadratic_is_its_closed_form(quadratic: Quadratic, epsilon: float) -> None:
    q = quadratic
    h = finite_difference(opposite_gradients(q.loss, q.Z, q.theta), q.u, epsilon)
    torch.testing.assert_close(h, q.product, rtol=0, atol=1e-9)


def test_double_backward_of_a_quadratic_is_its_closed_form(quadratic: Quadratic) -> None:
    q = quadratic
    torch.testing.assert_close(exact(q.loss, q.Z, q.theta, q.u), q.product, rtol=0, atol=1e-12)


def test_the_step_has_the_length_epsilon(quadratic: Quadratic) -> None:
    """‖θ± − θ‖ = ε whatever the length of u."""
    q, seen = quadratic, []

    def spy(Z: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
        seen.append(theta - q.theta)
        return Z.sum()

    finite_difference(opposite_gradients(spy, q.Z, q.theta), 1e5 * q.u, 0.02)
    assert [step.norm().item() for step in seen] == pytest.approx([0.02, 0.02])
    torch.testing.assert_close(seen[0], -seen[1])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_no_direction_no_product(quadratic: Quadratic, dtype: torch.dtype) -> None:
    q = quadratic
    B, Z, theta = q.B.to(dtype), q.Z.to(dtype), q.theta.to(dtype)

    def loss(Z: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
        return (Z * (B @ theta)).sum()

    zero = torch.zeros_like(theta)
    assert finite_difference(opposite_gradients(loss, Z, theta), zero, 1e-2).abs().sum() == 0
    assert exact(loss, Z, theta, zero).abs().sum() == 0


def test_parameters_are_untouched_to_the_last_bit(quadratic: Quadratic) -> None:
    q = quadratic
    before = q.theta.clone(), q.Z.clone()
    finite_difference(opposite_gradients(q.loss, q.Z, q.theta), q.u, 1e-2)
    exact(q.loss, q.Z, q.theta, q.u)
    assert torch.equal(q.theta, before[0])
    assert torch.equal(q.Z, before[1])


# --- the model -------------------------------------------------------------------------------------------------------


class OuterGradients(NamedTuple):
    """∇_ZF_out and ∇_θ'F_out at the look-ahead."""

    v_z: torch.Tensor
    v_theta: torch.Tensor


@dataclass
class Levels:
    """An inner and an outer loss of a backbone in float64, at given Z and θ."""

    inner: Loss
    outer: Loss
    Z: torch.Tensor
    theta: torch.Tensor

    def gradient_of_theta(self) -> torch.Tensor:
        theta = self.theta.detach().requires_grad_(True)
        return torch.autograd.grad(self.inner(self.Z, theta), theta)[0]

    def outer_gradients(self, theta_ahead: torch.Tensor) -> OuterGradients:
        Z, theta = self.Z.detach().requires_grad_(True), theta_ahead.detach().requires_grad_(True)
        return OuterGradients(*torch.autograd.grad(self.outer(Z, theta), (Z, theta)))


def total_gradient(outer: OuterGradients, problem: "Levels", P: torch.Tensor, config: BiFairConfig) -> torch.Tensor:
    """v_Z − ξ h."""
    part = implicit_gradient(outer.v_theta, problem.inner, problem.Z, problem.theta, P, config)
    return outer.v_z if part is None else outer.v_z + part


def levels(
    problem: Problem, activation: Activation, batch_size: int, negatives: int, dim: int, kind: str = "alpharec"
) -> Levels:
    assert problem.embeddings is not None
    Z = torch.as_tensor(problem.embeddings, dtype=torch.float64)
    projector = Projector(Z.shape[1], Z.shape[1] // 2, dim, activation)
    backbone: Backbone = (
        VBPRBackbone(problem.training, projector, free=dim)
        if kind == "vbpr"
        else AlphaRecBackbone(problem.training, projector, device=problem.device, dtype=torch.float64)
    )
    sampler = BatchSampler(
        problem.training,
        problem.training,
        batch_size,
        negatives,
        problem.streams.generator("batches"),
        problem.streams.generator("negatives"),
    )
    batches = iter(sampler)

    def loss() -> Loss:
        batch = next(batches)
        uneven = torch.rand(len(batch.users), dtype=torch.float64, generator=problem.streams.generator("rows"))
        weights = uneven / uneven.sum()
        return lambda Z, theta: weights @ info_nce(backbone.factors(Z, theta), batch, 0.15)

    theta = backbone.initial(problem.streams.generator("init"), torch.float64)
    return Levels(loss(), loss(), Z, theta)


@pytest.mark.parametrize("kind", ["alpharec", "vbpr"])
@pytest.mark.parametrize("activation", ["linear", "gelu", "leaky_relu"])
def test_total_gradient_is_that_of_the_outer_loss_after_the_inner_step(activation: Activation, kind: str) -> None:
    """d/dZ F_out(Z, θ − ξ P ∇_θF_in(Z, θ)) with P constant, by differentiating through the step itself."""
    problem, xi = levels(toy_problem(), activation, 128, 16, 8, kind), 0.05
    P = 1 + torch.rand_like(problem.theta)
    Z, theta = problem.Z.detach().requires_grad_(True), problem.theta.detach().requires_grad_(True)
    (g,) = torch.autograd.grad(problem.inner(Z, theta), theta, create_graph=True)
    (expected,) = torch.autograd.grad(problem.outer(Z, theta - xi * P * g), Z)
    outer = problem.outer_gradients((theta - xi * P * g).detach())
    config = BiFairConfig(xi=xi, hypergradient="exact", dtype="float64")
    total = total_gradient(outer, problem, P, config)
    torch.testing.assert_close(total, expected, rtol=0, atol=1e-10)
    assert (total - outer.v_z).norm() > 1e-4 * total.norm(), "the implicit part must matter here"


@pytest.mark.parametrize("way", ["finite_difference", "exact"])
def test_without_a_look_ahead_all_ways_are_first_order(way: Any) -> None:
    problem = levels(toy_problem(), "gelu", 128, 16, 8)
    outer, P = problem.outer_gradients(problem.theta), torch.ones_like(problem.theta)
    totals = [
        total_gradient(outer, problem, P, BiFairConfig(xi=xi, hypergradient=name))
        for xi, name in ((0.0, way), (0.3, "first_order"))
    ]
    assert torch.equal(*totals)


def real(movielens: "Experiment", activation: Activation, kind: str = "alpharec") -> tuple[Levels, torch.Tensor]:
    """Levels on MovieLens-100K after a few steps of training, and the direction u = P v_θ of the coming outer step."""
    training = movielens.split.training
    problem = Problem(training, movielens.embeddings, movielens.trained.membership, Streams(0), torch.device("cpu"))
    found = levels(problem, activation, 4096, 256, 64, kind)
    optimizer = torch.optim.Adam([found.theta], lr=2e-3, foreach=False)
    for _ in range(5):
        found.theta.grad = found.gradient_of_theta()
        optimizer.step()
    ahead = LookAhead.of(found.theta, found.gradient_of_theta(), optimizer, "preconditioned", 2e-3)
    return found, ahead.P * found.outer_gradients(ahead.theta).v_theta


def against_double_backward(problem: Levels, u: torch.Tensor, epsilon: float) -> tuple[float, float]:
    """Relative error of the finite difference, and its cosine with the exact product."""
    expected = exact(problem.inner, problem.Z, problem.theta, u)
    found = finite_difference(opposite_gradients(problem.inner, problem.Z, problem.theta), u, epsilon)
    cosine = torch.cosine_similarity(found.flatten(), expected.flatten(), dim=0)
    return float((found - expected).norm() / expected.norm()), float(cosine)


@pytest.mark.parametrize("kind", ["alpharec", "vbpr"])
@pytest.mark.parametrize("activation", ["linear", "gelu"])
def test_agrees_with_double_backward_on_real_batches(
    activation: Activation, kind: str, movielens: "Experiment", record_property: Callable[[str, object], None]
) -> None:
    """4,096 rows of MovieLens-100K, MiniLM vectors, float64, ε = 1e-4."""
    error, _ = against_double_backward(*real(movielens, activation, kind), 1e-4)
    record_property("relative error", error)
    print(f"finite difference against double backward, {kind}, {activation}, ε = 1e-4: {error:.2e}")
    assert error <= 1e-4


def test_leaky_relu_at_the_default_epsilon(
    movielens: "Experiment", record_property: Callable[[str, object], None]
) -> None:
    """Kinks: finite differences see their curvature, double backward does not. A report more than a requirement.

    Far below the distance to the nearest kink both agree again.
    """
    problem, u = real(movielens, "leaky_relu")
    gaps = {}
    for epsilon in (1e-1, 1e-2, 1e-3, 1e-4, 1e-9):
        gaps[epsilon], cosine = against_double_backward(problem, u, epsilon)
        record_property(f"gap at ε = {epsilon}", gaps[epsilon])
        print(f"leaky_relu, ε = {epsilon:.0e}: relative gap {gaps[epsilon]:.2e}, cosine {cosine:.3f}")
        if epsilon == BiFairConfig().epsilon:
            assert cosine > 0.5
    assert gaps[1e-9] < 1e-3


# --- the shared first stage ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options", [{}, {"backbone": "two_tower"}, {"backbone": "vbpr"}, {"propagation": "input"}], ids=str
)
@pytest.mark.parametrize("activation", ["linear", "gelu", "leaky_relu"])
def test_gradients_that_share_the_first_stage_are_autograds(options: dict[str, Any], activation: Activation) -> None:
    """∇_ZF_in(Z, θ ± s) from H(Z, θ) ± H(Z, s) against autograd through the whole model at θ ± s."""
    size = {"batch_size": 128, "negatives": 16, "dim": 8, "dtype": "float64"}
    method = BiFair(BiFairConfig.model_validate({**size, "activation": activation, **options}))
    method.prepare(toy_problem())
    view, theta = method.views.of(next(iter(method.batches))), method.theta
    draw = torch.Generator().manual_seed(0)
    weights = torch.rand(len(view.batch.users), generator=draw, dtype=torch.float64)
    loss = InnerLoss(view, weights, theta, view.stages.first(view.inputs, theta), 0.15)
    s = 0.1 * torch.randn(theta.shape, generator=draw, dtype=torch.float64)
    expected = opposite_gradients(loss, view.inputs, theta)(s)
    for found, wanted in zip(loss.opposite_gradients(s), expected, strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-12)
    assert (expected[0] - expected[1]).norm() > 1e-3 * expected[0].norm()
