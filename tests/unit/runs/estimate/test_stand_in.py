"""What a rehearsal looks at in the place of test data."""

from typing import Any

import numpy as np
import pytest

from harness.domain.interactions import Interactions
from harness.runs.context import Context
from harness.runs.estimate.stand_in import StandIn, ranked, stand_in
from harness.runs.experiment import Experiment, prepare
from harness.spec.build import build_spec

SHOP: dict[str, Any] = {"n_users": 120, "n_items": 100, "n_groups": 4, "dim": 8}


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_HOME", str(tmp_path_factory.mktemp("home")))
        return prepare(build_spec({"method": "random", "dataset": "long-tail", "dataset_options": SHOP}), Context())


def pairs(part: Interactions) -> set[tuple[int, int]]:
    return {*zip(part.users.tolist(), part.items.tolist(), strict=True)}


def test_halves_of_the_validation_data_and_no_test_data(experiment: Experiment) -> None:
    found, real = stand_in(experiment, seed=0).experiment.split, experiment.split
    assert found.training is real.training
    assert not pairs(found.validation) & pairs(found.test)
    assert pairs(found.validation) | pairs(found.test) == pairs(real.validation)


def test_few_users_where_all_would_be_too_many(experiment: Experiment) -> None:
    found = stand_in(experiment, seed=0, most_scores=20 * experiment.split.training.n_items)
    few = found.experiment.split
    assert len(np.union1d(few.validation.users, few.test.users)) <= 20
    assert found.validated == len(ranked(experiment.split.validation)) / len(ranked(few.validation))
    assert found.tested == len(ranked(experiment.split.test)) / len(ranked(few.test))
    assert found.validated > 4


def test_what_grows_with_users_is_told_apart_from_what_does_not(experiment: Experiment) -> None:
    whole = StandIn(experiment, 1.0, 1.0)
    users = len(ranked(experiment.split.test))
    asked: list[int] = []

    def seconds(data: Experiment) -> float:
        asked.append(len(ranked(data.split.test)))
        return 7.0 + 0.5 * asked[-1]

    assert whole.scaled(seconds, 1.0) == 7.0 + 0.5 * users
    assert asked == [users], "all users are there"
    assert whole.scaled(seconds, 10.0) == pytest.approx(7.0 + 0.5 * users * 10, rel=0.1)
    assert asked[2] == users
    assert asked[3] == -(-users // 8)
