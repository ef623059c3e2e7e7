"""Cornac (cornac.preferred.ai): item neighbours, EASE, and BPR in compiled SGD."""

import cornac
import numpy as np
from cornac.data import Dataset
from cornac.models import BPR, EASE, ItemKNN
from shared import DIM, EPOCHS, L2, NEIGHBOURS, answer, everybody, measured, training

TAKEN = training()
rows, columns = TAKEN.nonzero()
DATA = Dataset.build([(int(user), int(item), 1.0) for user, item in zip(rows, columns, strict=True)])
USERS = np.array([DATA.uid_map[user] for user in range(TAKEN.shape[0])])
ITEMS = np.full(TAKEN.shape[1], -1)
for item, index in DATA.iid_map.items():
    ITEMS[item] = index


def lists(model: object) -> np.ndarray:
    """From its scores of all items, a user at a time."""

    def score(users: np.ndarray) -> np.ndarray:
        known = np.stack([np.asarray(model.score(int(USERS[user]))).ravel() for user in users])  # type: ignore[attr-defined]
        return np.where(ITEMS >= 0, known[:, ITEMS], -np.inf)

    return everybody(score, TAKEN)


def fitted(model: object) -> object:
    """The model, fitted."""
    return model.fit(DATA)  # type: ignore[attr-defined]


bpr = measured(lambda: fitted(BPR(k=DIM, max_iter=EPOCHS, num_threads=1, seed=0)), lists)
bpr["epoch"] = bpr["fit"] / EPOCHS
answer(
    {
        "itemknn": measured(lambda: fitted(ItemKNN(k=NEIGHBOURS, similarity="cosine", num_threads=1)), lists),
        "ease": measured(lambda: fitted(EASE(lamb=L2, posB=False)), lists),
        "mf": bpr,
    },
    cornac.__version__,
)
