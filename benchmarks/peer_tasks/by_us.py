"""This project, doing the same."""

from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from shared import BATCH, DIM, EPOCHS, L2, LAYERS, NEIGHBOURS, K, answer, cpu, measured, training

from harness.base.streams import Streams
from harness.domain.interactions import Training
from harness.domain.membership import Membership
from harness.domain.ranking import rank
from harness.plugins import Method, Problem
from harness.plugins.registry import registry

torch.set_num_threads(1)
TAKEN = training()
rows, columns = (found.astype(np.int64) for found in TAKEN.nonzero())
DATA = Training(rows, columns, *TAKEN.shape)
EVERYBODY = Membership.from_labels("all", "item", [["all"]] * TAKEN.shape[1])


def prepared(name: str, **config: Any) -> Method:
    """A method before its first epoch."""
    kind = registry.get("method", name)
    method: Method = kind(kind.Config(**config))
    method.prepare(Problem(DATA, None, EVERYBODY, Streams(0), torch.device("cpu")))
    return method


def lists(method: Method) -> np.ndarray:
    """Everybody's, exact in ties."""
    return rank(method.score, DATA, [DATA], K).items


def solved(name: str, **config: Any) -> dict[str, Any]:
    """A method in closed form: its preparation counts."""

    def fit() -> Method:
        method = prepared(name, **config)
        method.train_epoch()
        return method

    return measured(fit, lists)


def epochs(name: str, **config: Any) -> dict[str, Any]:
    """A method that goes through the interactions."""
    method = prepared(name, dim=DIM, batch_size=BATCH, **config)
    fitting, _ = cpu(lambda: [method.train_epoch() for _ in range(EPOCHS)])
    listing, found = cpu(lambda: lists(method))
    return {"fit": fitting, "lists": listing, "items": found, "epoch": fitting / EPOCHS}


answer(
    {
        "itemknn": solved("itemknn", neighbours=NEIGHBOURS, shrink=0.0),
        "ease": solved("ease", l2=L2),
        "mf": epochs("mf", l2=0.0, learning_rate=1e-3, init_std=0.02),
        "lightgcn": epochs("lightgcn", layers=LAYERS, l2=1e-5, learning_rate=1e-3),
    },
    version("bifair-harness"),
)
