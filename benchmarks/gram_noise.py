"""How much of the squared length of a group's gradient in a batch is sampling noise, by how many rows the group has.

E‖ĝ_k‖² = ‖g_k‖² + σ_k²/n_k over batches of one size, so that twice the difference between batches of B and of 2B rows
is the noise σ_k²/n_k at B rows, without a model of it. ``joint`` at a learning rate of 0.005, gradients at the final
factors, after some epochs; the weights are those that ``½ wᵀMw`` alone would give, on a diagonal M: w_k ∝ 1/M_kk.
"""

from collections.abc import Iterator
from itertools import islice

import torch

from benchmarks.table import Table
from harness.balance.group_gradients import group_gradients
from harness.models.recommender import Recommender
from harness.plugins.registry import registry
from harness.runs.experiment import prepare
from harness.spec.build import build_spec

BATCH, EPOCHS, BATCHES = 2048, (2, 10), 20
DATA = (("movielens-100k", "genre"), ("goodreads", "genre"), ("steam", "provider"))


def tables() -> Iterator[Table]:
    """One for each data set whose files are here."""
    for dataset, group in DATA:
        spec = build_spec({"method": "joint", "dataset": dataset, "group": group, "seed": 1000})
        given = prepare(spec).problem(spec, torch.device("cpu"))
        plugin = registry.get("method", "joint")
        method: Recommender = plugin(plugin.Config(learning_rate=0.005))
        method.prepare(given)
        shares, columns = [], []
        for epoch in range(1, EPOCHS[-1] + 1):
            method.train_epoch()
            if epoch in EPOCHS:
                small, large = _squared_lengths(method, BATCH), _squared_lengths(method, 2 * BATCH)
                shares.append(2 * (small - large) / small)
                columns.append((1 / large) / (1 / large).sum())
        rows = (given.membership.marks(given.training.users, given.training.items) > 0).sum(axis=0)
        lines = [
            [name, f"{rows[k] * 2 * BATCH / len(given.training):,.0f}"]
            + [f"{float(share[k]):.0%}" for share in shares]
            + [f"{float(weights[k]):.3f}" for weights in columns]
            for k, name in sorted(enumerate(method.groups.names), key=lambda pair: rows[pair[0]])
        ]
        heads = [f"noise after {epoch}" for epoch in EPOCHS] + [f"w after {epoch}" for epoch in EPOCHS]
        notes = [f"noise: share of ‖ĝ_k‖² in batches of {BATCH:,} rows; rows and w: in batches of {2 * BATCH:,}"]
        yield Table(f"{dataset}, {group}", ("group", "rows", *heads), lines, notes)


def _squared_lengths(method: Recommender, size: int) -> torch.Tensor:
    """Means of ‖ĝ_k‖² over batches of ``size`` rows, shape (K,); a group is judged where it has rows."""
    usual, method.batches.batch_size = method.batches.batch_size, size
    factors, total, seen = method.factors(), torch.zeros(1), torch.zeros(1)
    for batch in islice(method.batches.forever(), BATCHES):
        if len(batch.users) == size:
            grouped, G = group_gradients(factors, batch, method.groups.of(batch), method.config.temperature)
            total, seen = total + G.gram().diagonal(), seen + (grouped.rows > 0)
    method.batches.batch_size = usual
    return total / seen
