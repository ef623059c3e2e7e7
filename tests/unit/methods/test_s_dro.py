"""Streaming DRO."""

import torch


def recorded(method, epochs=1):
    seen, inner = [], method.weighted

    def spy(*arguments):
        result = inner(*arguments)
        seen.append((result.losses.losses, result.weights))
        return result

    method.weighted = spy
    for _ in range(epochs):
        method.train_epoch()
    return torch.stack([losses for losses, _ in seen]), torch.stack([weights for _, weights in seen])


def test_rate_one_is_group_dro(train):
    streaming, _ = train("s_dro", epochs=2, rate=1, alpha=0.1)
    plain, _ = train("group_dro", epochs=2, alpha=0.1)
    torch.testing.assert_close(streaming.theta, plain.theta, rtol=0, atol=1e-12)


def test_weights_follow_the_estimates(prepared):
    """L̃ by its recursion, started at the first batch's loss and weighted so that its weights sum to 1."""
    losses, weights = recorded(prepared("s_dro", rate=0.2, alpha=0.3, min_rows=1), epochs=2)
    total, mass, log_weights = torch.zeros(3).double(), 0.0, torch.zeros(3).double()
    for L, w in zip(losses, weights, strict=True):
        total, mass = 0.8 * total + 0.2 * L, 0.8 * mass + 0.2
        log_weights = log_weights + 0.3 * total / mass
        torch.testing.assert_close(w, torch.softmax(log_weights, dim=0))


def test_estimates_vary_less_than_batches(prepared):
    """What streaming is for: increments of log w₀/w₁ are α (L̃₀ − L̃₁)."""

    def variation(name, **options):
        _, weights = recorded(prepared(name, alpha=0.1, batch_size=64, min_rows=1, **options), epochs=3)
        increments = (weights[:, 0] / weights[:, 1]).log().diff()
        return float(increments.diff().abs().mean())

    assert variation("s_dro", rate=0.05) < 0.3 * variation("group_dro")
