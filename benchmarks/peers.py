"""This project beside other libraries on the same work: CPU seconds of fitting and of everybody's lists, and quality.

Each library runs in a process of its own, with one thread, on the same random 70 % of MovieLens-1M; lists of 20 leave
out what a user took there, and are judged by this project on the other 30 %. ``HARNESS_PEERS`` names a folder with a
virtual environment for each library; one that is not there has no rows. To make them::

    python -m venv peers/implicit && peers/implicit/bin/pip install implicit
    python -m venv peers/lenskit && peers/lenskit/bin/pip install lenskit
    python -m venv peers/cornac && peers/cornac/bin/pip install cornac
    python -m venv peers/recbole && peers/recbole/bin/pip install --no-deps recbole
    peers/recbole/bin/pip install torch numpy scipy pandas tqdm colorlog colorama scikit-learn pyyaml tensorboard thop \
        tabulate plotly texttable psutil
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import real_data
from benchmarks.table import Table
from harness.domain.interactions import Interactions, Test, Training
from harness.domain.metric_key import MetricKey
from harness.domain.ranking import ranking_of
from harness.evaluation.evaluate import judge
from harness.spec.options import EvaluationOptions

NAME, SHARE, ROUNDS, K = "MovieLens-1M", 0.7, 2, 20
VARIABLE = "HARNESS_PEERS"
TASKS = Path(__file__).resolve().parent / "peer_tasks"
PEERS = ("implicit", "lenskit", "cornac", "recbole")
US = "this project"
THREADS = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LK_NUM_THREADS", "POLARS_MAX_THREADS"), "1"
)
WORK = {
    "itemknn": "item neighbours: cosine, the nearest 100",
    "ease": "EASE, λ = 500",
    "mf": "matrix factorisation by BPR, 64 dimensions, one negative",
    "lightgcn": "LightGCN by BPR, 64 dimensions, three layers, one negative",
}
COMPILED = {("implicit", "mf"), ("cornac", "mf")}
"""Plain SGD in compiled code, an interaction at a time: another algorithm than batches with Adam."""
Answers = Mapping[str, Any]


def tables() -> Iterator[Table]:
    """One table for each kind of work."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        training, test = _parts()
        np.savez(
            folder / "training.npz",
            users=training.users,
            items=training.items,
            shape=np.array([training.n_users, training.n_items]),
        )
        found = {who: [] for who in _interpreters()}
        for _ in range(ROUNDS):  # in turn, so that a machine whose speed drifts is fair to all of them
            for who, python in _interpreters().items():
                found[who].append(_asked(who, python, folder))
        for task, title in WORK.items():
            yield _table(task, title, found, folder, training, test)


def _parts() -> tuple[Training, Test]:
    training = real_data.training_part(NAME, SHARE)
    whole = real_data.interactions(NAME)
    rest = np.setdiff1d(_keys(whole), _keys(training))
    return training, Test(rest // whole.n_items, rest % whole.n_items, whole.n_users, whole.n_items)


def _keys(interactions: Interactions) -> np.ndarray:
    keys: np.ndarray = interactions.users * interactions.n_items + interactions.items
    return keys


def _interpreters() -> dict[str, Path]:
    """By name: this project's, and those of the peers that are installed."""
    folder = os.environ.get(VARIABLE, "")
    found = {peer: Path(folder) / peer / "bin" / "python" for peer in PEERS if folder}
    return {US: Path(sys.executable)} | {peer: python for peer, python in found.items() if python.is_file()}


def _asked(who: str, python: Path, folder: Path) -> Answers:
    """What one library answers, in a process of its own."""
    script = TASKS / f"by_{'us' if who == US else who}.py"
    answers = folder / script.stem
    answers.mkdir(exist_ok=True)
    own = {"PYTHONPATH": str(TASKS.parent.parent)} if who == US else {}
    environment = {**os.environ, **THREADS, **own}
    subprocess.run([python, script, folder / "training.npz", answers], env=environment, check=True)
    found: Answers = json.loads((answers / "seconds.json").read_text(encoding="utf-8"))
    return found


def _table(
    task: str, title: str, found: Mapping[str, list[Answers]], folder: Path, training: Training, test: Test
) -> Table:
    rows, own = [], {key: _median(found[US], task, key) for key in ("fit", "epoch", "lists")}
    for who, answers in found.items():
        if task not in answers[0]["tasks"]:
            continue
        lists = np.load(folder / f"by_{'us' if who == US else who}" / f"{task}.npy")
        figures = judge(ranking_of(lists, test), test, [training], [], EvaluationOptions(ks=(K,), headline_k=K)).metrics
        cells = [f"{who} {answers[0]['version']}" + (" (compiled SGD)" if (who, task) in COMPILED else "")]
        for key in ("epoch" if own["epoch"] else "fit", "lists"):
            seconds = _median(answers, task, key)
            cells += [f"{seconds:.2f}", f"{seconds / own[key]:.1f}"]
        rows.append([*cells, *(f"{figures[MetricKey(name, K)]:.4f}" for name in ("ndcg", "recall"))])
    first = "epoch" if own["epoch"] else "fit"
    size = f"{training.n_users:,} users × {training.n_items:,} items, {len(training):,} interactions"
    return Table(
        title,
        ["", f"{first}, s", "÷ ours", "everybody's lists, s", "÷ ours", f"NDCG@{K}", f"Recall@{K}"],
        rows,
        [f"{size}; medians of {ROUNDS}"],
    )


def _median(answers: list[Answers], task: str, key: str) -> float:
    return statistics.median(answer["tasks"][task].get(key, 0.0) for answer in answers)
