"""Mult-VAE against distributions of torch and the objective written out."""

import pytest
import torch
from harness.methods.multvae import MultVAE, MultVAEConfig
from torch.distributions import Independent, Multinomial, Normal, kl_divergence
from torch.nn import functional

from harness.models.vae import MultinomialVAE, corrupted, kl_to_standard_normal
from harness.plugins import EpochReport
from harness.testing import toy_problem

SMALL = {"hidden": 12, "latent": 5, "batch_users": 100}


def standard_normal(like: torch.Tensor) -> Independent:
    return Independent(Normal(torch.zeros_like(like), 1.0), 1)


def test_kl_is_that_of_the_distributions() -> None:
    torch.manual_seed(0)
    mean, log_variance = torch.randn(6, 4, dtype=torch.float64), torch.randn(6, 4, dtype=torch.float64)
    posterior = Independent(Normal(mean, log_variance.div(2).exp()), 1)
    torch.testing.assert_close(
        kl_to_standard_normal(mean, log_variance), kl_divergence(posterior, standard_normal(mean))
    )


def test_network_is_the_one_of_the_paper() -> None:
    vae = MultinomialVAE(20, 7, 3, torch.Generator().manual_seed(0))
    modules = {}
    for name in vae.names:
        weight, bias = vae.parameters[f"{name}.weight"], vae.parameters[f"{name}.bias"]
        modules[name] = torch.nn.Linear(weight.shape[1], weight.shape[0])
        modules[name].load_state_dict({"weight": weight, "bias": bias})
        assert weight.abs().max() <= (6 / sum(weight.shape)) ** 0.5
    x, z = torch.rand(4, 20), torch.randn(4, 3)
    encoded = modules["encoder.1"](torch.tanh(modules["encoder.0"](x)))
    torch.testing.assert_close(torch.cat(vae.encode(x), dim=1), encoded)
    torch.testing.assert_close(vae.decode(z), modules["decoder.1"](torch.tanh(modules["decoder.0"](z))))


def test_corruption_keeps_the_mean_and_scales_to_unit_length() -> None:
    x = torch.zeros(1, 100)
    x[0, :25] = 1
    drawn = torch.cat([corrupted(x, 0.4, torch.Generator().manual_seed(seed)) for seed in range(400)])
    torch.testing.assert_close(drawn.mean(dim=0), x[0] / 5, rtol=0, atol=0.05)
    assert (drawn[:, 25:] == 0).all()
    torch.testing.assert_close(drawn[:, :25].unique(), torch.tensor([0.0, 0.2 / 0.6]))
    assert (drawn > 0).float()[:, :25].mean() == pytest.approx(0.6, abs=0.02)
    torch.testing.assert_close(corrupted(x, 0.0, torch.Generator()), functional.normalize(x, dim=1))


def prepared(**options: float) -> MultVAE:
    method = MultVAE(MultVAEConfig.model_validate({**SMALL, **options}))
    method.prepare(toy_problem(text=False))
    return method


@pytest.mark.parametrize("steps", [0, 60])
def test_a_step_follows_the_evidence_bound(steps: int) -> None:
    """One batch of all users: Adam's first step on −log p(x|z) + β KL, mean over users, at the same noise."""
    method, twin = prepared(learning_rate=0.01), prepared(learning_rate=0.01)
    method.steps = twin.steps = steps
    assert twin.beta == min(0.2, steps / 100)  # one step an epoch
    order = torch.randperm(60, generator=twin.order)
    x = torch.from_numpy(twin.matrix.toarray())[order]
    for parameter in twin.vae.learnt():
        parameter.requires_grad_(True)
    mean, log_variance = twin.vae.encode(corrupted(x, 0.5, twin.noise))
    posterior = Independent(Normal(mean, log_variance.div(2).exp()), 1)
    z = mean + log_variance.div(2).exp() * torch.randn(mean.shape, generator=twin.noise)
    kl = kl_divergence(posterior, standard_normal(mean)).mean()
    logits = twin.vae.decode(z)
    likelihood = sum(
        Multinomial(int(row.sum()), logits=logit).log_prob(row) - torch.lgamma(row.sum() + 1)
        for row, logit in zip(x, logits, strict=True)
    )  # without the coefficient n!/Πx!, which does not depend on the parameters
    gradients = torch.autograd.grad(-likelihood / 60 + twin.beta * kl, twin.vae.learnt())
    report = method.train_epoch()
    assert report.loss == pytest.approx(-likelihood.item() / x.sum().item(), rel=1e-5)
    assert report.values["kl"] == pytest.approx(kl.item(), rel=1e-5)
    for found, before, gradient in zip(method.vae.learnt(), twin.vae.learnt(), gradients, strict=True):
        clear = gradient.abs() > 1e-5  # where rounding cannot turn the sign
        torch.testing.assert_close(found[clear], (before - 0.01 * gradient.sign())[clear], rtol=0, atol=1e-4)


def test_scores_are_the_logits_at_the_posterior_mean() -> None:
    method = prepared()
    method.train_epoch()
    x = torch.from_numpy(method.matrix.toarray())
    mean, _ = method.vae.encode(x / x.norm(dim=1, keepdim=True))
    torch.testing.assert_close(method.score(torch.arange(60)), method.vae.decode(mean))


def test_groups_losses_average_to_the_loss() -> None:
    method = prepared()
    report = method.train_epoch()
    weighted = sum(report.group_losses[name] * share for name, share in report.group_weights.items())
    assert weighted == pytest.approx(report.loss)


def test_learns() -> None:
    method = prepared(batch_users=20, learning_rate=0.01)
    reports: list[EpochReport] = [method.train_epoch() for _ in range(40)]
    assert reports[-1].loss < 0.9 * reports[0].loss
