"""RecBole (recbole.io): its models alone, in a plain loop of batches, which is less than its own loader takes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import recbole
import torch
from recbole.model.general_recommender import BPR, EASE, ItemKNN, LightGCN
from scipy import sparse
from shared import BATCH, DIM, EPOCHS, L2, LAYERS, NEIGHBOURS, answer, cpu, everybody, measured, training

torch.set_num_threads(1)
if not hasattr(sparse.dok_matrix, "_update"):  # SciPy has taken away what LightGCN's graph is filled with
    sparse.dok_matrix._update = lambda self, data: self._dict.update(data)  # type: ignore[attr-defined]
TAKEN = training()


class Config(dict[str, Any]):
    """Options as its models read them: by key, and the device as an attribute."""

    device = torch.device("cpu")


OPTIONS: dict[str, Any] = {
    "USER_ID_FIELD": "user", "ITEM_ID_FIELD": "item", "NEG_PREFIX": "neg_", "device": torch.device("cpu"),
    "reg_weight": L2, "k": NEIGHBOURS, "shrink": 0.0, "knn_method": "item", "embedding_size": DIM, "n_layers": LAYERS,
    "require_pow": False,
}  # fmt: skip


CONFIG = Config(OPTIONS)


class Data:
    """What its models ask of a data set."""

    def num(self, field: str) -> int:
        """How many users or items."""
        return TAKEN.shape[field == "item"]

    def inter_matrix(self, form: str = "coo", value_field: str | None = None) -> Any:
        """The training matrix."""
        return TAKEN.asformat(form)


def lists(model: Any) -> np.ndarray:
    """From its scores of all items."""

    def score(users: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            found = model.full_sort_predict({"user": torch.from_numpy(users)})
        return np.asarray(found, dtype=np.float32).reshape(len(users), -1)

    return everybody(score, TAKEN)


def epochs(kind: Callable[[Any, Any], Any], l2: float) -> dict[str, Any]:
    """BPR with one uniform negative an interaction, its own loss, Adam."""
    torch.manual_seed(0)
    model = kind(Config({**OPTIONS, "reg_weight": l2}), Data())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    rows, columns = (torch.from_numpy(found.astype(np.int64)) for found in TAKEN.nonzero())

    def train() -> Any:
        model.train()
        for _ in range(EPOCHS):
            for batch in torch.randperm(len(rows)).split(BATCH):
                negatives = torch.randint(TAKEN.shape[1], (len(batch),))
                given = {"user": rows[batch], "item": columns[batch], "neg_item": negatives}
                optimizer.zero_grad()
                model.calculate_loss(given).backward()
                optimizer.step()
        model.eval()
        return model

    fitting, _ = cpu(train)
    listing, found = cpu(lambda: lists(model))
    return {"fit": fitting, "lists": listing, "items": found, "epoch": fitting / EPOCHS}


answer(
    {
        "itemknn": measured(lambda: ItemKNN(CONFIG, Data()), lists),
        "ease": measured(lambda: EASE(CONFIG, Data()), lists),
        "mf": epochs(BPR, 0.0),
        "lightgcn": epochs(LightGCN, 1e-5),
    },
    recbole.__version__,
)
