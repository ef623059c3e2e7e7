"""What the scripts of all libraries share: the training matrix, seconds, lists, and where the answers go."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

K = 20
BLOCK = 1024
BATCH = 2048
DIM, LAYERS, EPOCHS = 64, 3, 1
NEIGHBOURS, L2 = 100, 500.0


def training() -> sparse.csr_matrix:
    """Users × items, 1 where a user took an item."""
    with np.load(sys.argv[1]) as data:
        ones = np.ones(len(data["users"]), dtype=np.float32)
        return sparse.csr_matrix((ones, (data["users"], data["items"])), shape=tuple(data["shape"]))


def cpu(do: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds of a call, all threads together, and what it returns."""
    began = time.process_time()
    result = do()
    return time.process_time() - began, result


def best(scores: np.ndarray, taken: sparse.csr_matrix) -> np.ndarray:
    """The K items of the highest scores that a row's user has not taken, shape (b, K)."""
    scores[taken.nonzero()] = -np.inf
    found = np.argpartition(-scores, K, axis=1)[:, :K]
    order = np.argsort(-np.take_along_axis(scores, found, axis=1), axis=1)
    return np.take_along_axis(found, order, axis=1)


def everybody(score: Callable[[np.ndarray], np.ndarray], taken: sparse.csr_matrix) -> np.ndarray:
    """Lists of all users, shape (n_users, K), from scores of a block of users at a time."""
    blocks = np.array_split(np.arange(taken.shape[0]), -(-taken.shape[0] // BLOCK))
    return np.concatenate([best(np.array(score(block)), taken[block]) for block in blocks])


def measured(fit: Callable[[], Any], lists: Callable[[Any], np.ndarray]) -> dict[str, Any]:
    """Seconds of fitting and of everybody's lists, and the lists."""
    fitting, model = cpu(fit)
    listing, found = cpu(lambda: lists(model))
    return {"fit": fitting, "lists": listing, "items": found}


def answer(answers: Mapping[str, Mapping[str, Any]], version: str) -> None:
    """Write seconds as JSON and lists beside it."""
    folder = Path(sys.argv[2])
    numbers = {name: {key: value for key, value in found.items() if key != "items"} for name, found in answers.items()}
    for name, found in answers.items():
        np.save(folder / f"{name}.npy", np.asarray(found["items"], dtype=np.int64))
    (folder / "seconds.json").write_text(json.dumps({"version": version, "tasks": numbers}), encoding="utf-8")
