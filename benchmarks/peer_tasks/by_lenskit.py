"""LensKit (lenskit.org): item neighbours and EASE, with its own batch recommendation."""

import lenskit
import numpy as np
import pandas as pd
from lenskit.batch import recommend
from lenskit.data import from_interactions_df
from lenskit.knn import EASEScorer, ItemKNNScorer
from lenskit.pipeline import topn_pipeline
from shared import L2, NEIGHBOURS, K, answer, measured, training

TAKEN = training()
rows, columns = TAKEN.nonzero()
DATA = from_interactions_df(pd.DataFrame({"user_id": rows, "item_id": columns}))


def fitted(scorer: object) -> object:
    """A pipeline of the scorer, trained."""
    pipeline = topn_pipeline(scorer, n=K)  # type: ignore[arg-type]
    pipeline.train(DATA)
    return pipeline


def lists(pipeline: object) -> np.ndarray:
    """Its own way to everybody's lists."""
    found = recommend(pipeline, list(range(TAKEN.shape[0])), K, n_jobs=1)  # type: ignore[arg-type]
    own = {key.user_id: ranked.ids() for key, ranked in found}
    filled = np.full((TAKEN.shape[0], K), -1)
    for user, ids in own.items():
        filled[user, : len(ids)] = ids
    return filled


answer(
    {
        "itemknn": measured(
            lambda: fitted(ItemKNNScorer(max_nbrs=NEIGHBOURS, save_nbrs=NEIGHBOURS, feedback="implicit")), lists
        ),
        "ease": measured(lambda: fitted(EASEScorer(regularization=L2)), lists),
    },
    lenskit.__version__,
)
