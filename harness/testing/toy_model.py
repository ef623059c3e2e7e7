"""A method that was fitted to a toy problem, as a model in files."""

from pathlib import Path

import numpy as np
import torch

from harness.domain.interactions import Interactions
from harness.plugins import Method, Problem
from harness.runs.fitted.contents import FORMAT, Contents
from harness.runs.fitted.mlflow_files import write_mlflow_files
from harness.spec.build import build_spec


def write_toy_model(method: Method, problem: Problem, folder: Path) -> None:
    """Write what a run would keep of ``method``; users are called u0, u1, …, items i0, i1, …

    Args:
        method: fitted to ``problem``, which is one of :func:`harness.testing.toy_problem` on the processor
    """
    training = problem.training
    config = method.config.model_dump(mode="json")
    spec = build_spec({"method": method.name, "config": config, "dataset": "long-tail", "seed": problem.streams.seed})
    nobody = np.empty(0, dtype=np.int64)
    contents = Contents(
        about={
            "format": FORMAT,
            "title": f"{method.name} on toys",
            "spec": spec.model_dump(mode="json"),
            "data": {"name": "toys", "licence": "none: generated numbers"},
            "device": "cpu",
            "versions": {"torch": torch.__version__},
        },
        state=method.state(),
        embeddings=None if problem.embeddings is None else torch.from_numpy(problem.embeddings),
        training=training,
        validation=Interactions(nobody, nobody, training.n_users, training.n_items),
        ranked=np.arange(training.n_users),
        membership=problem.membership,
        vectors=method.vectors(),
        items={"item": [f"i{item}" for item in range(training.n_items)]},
        users=[f"u{user}" for user in range(training.n_users)],
    )
    contents.write(folder)
    write_mlflow_files(folder, contents)
