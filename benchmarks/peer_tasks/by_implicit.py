"""implicit (github.com/benfred/implicit): item neighbours, and BPR in compiled SGD."""

import implicit
import numpy as np
from implicit.bpr import BayesianPersonalizedRanking
from implicit.nearest_neighbours import CosineRecommender
from shared import DIM, EPOCHS, NEIGHBOURS, K, answer, measured, training

TAKEN = training()


def lists(model: object) -> np.ndarray:
    """Its own way to everybody's lists."""
    return model.recommend(np.arange(TAKEN.shape[0]), TAKEN, N=K)[0]  # type: ignore[attr-defined]


def fitted(model: object) -> object:
    """The model, fitted."""
    model.fit(TAKEN, show_progress=False)  # type: ignore[attr-defined]
    return model


bpr = measured(
    lambda: fitted(BayesianPersonalizedRanking(factors=DIM, iterations=EPOCHS, num_threads=1, random_state=0)), lists
)
bpr["epoch"] = bpr["fit"] / EPOCHS
answer(
    {"itemknn": measured(lambda: fitted(CosineRecommender(K=NEIGHBOURS, num_threads=1)), lists), "mf": bpr},
    implicit.__version__,
)
