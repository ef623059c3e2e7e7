"""A search that is cut off at any point of being asked goes on with the same trials."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest

from harness.base.errors import Unavailable
from harness.spec.build import build_spec
from harness.study.axis_ends import check_ends
from harness.study.execute.task import Task
from harness.study.study_spec import Axis
from harness.study.trial_storage import FAILURE, NEVER_ASKED, SearchStorage
from harness.study.trials import RANDOM_TRIALS, Search, ask, first_ready, objectives_of, tasks

SPACE = {"config.eta": Axis(low=1e-4, high=1e-2, log=True), "config.xi": Axis(low=1e-4, high=1e-2, log=True)}


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path))


@pytest.fixture
def asked() -> Search:
    return Search("bifair", build_spec({"method": "bifair"}), SPACE, {"ndcg_at_20": "maximize"})


def storage(name: str, **options: Any) -> SearchStorage:
    return SearchStorage(name, ["maximize"], **options)


def params_of(asked: Search, kept: SearchStorage, target: int) -> list[Mapping[str, Any]]:
    """The parameters of trials until there are ``target``; each is told a value as soon as it is asked for."""
    for task in tasks(asked, kept, runner=None, target=target):  # type: ignore[arg-type]
        assert task is not None, "nothing is under way"
        _, number, params = task.note
        kept.finish(number, {"ndcg_at_20": next(iter(params.values()))})
    return [trial.params for trial in kept.trials()]


def test_the_first_trial_is_the_base_and_what_is_unset_takes_the_value_that_it_is_like(asked: Search) -> None:
    (first,) = params_of(asked, storage("plain"), 1)
    assert first["config.eta"] == 1e-3
    axis = SPACE["config.xi"].model_copy(update={"like": "config.learning_rate"})
    like = Search(asked.label, asked.base, {**SPACE, "config.xi": axis}, asked.objectives)
    (first,) = params_of(like, storage("like"), 1)
    assert first == {"config.eta": 1e-3, "config.xi": 2e-3}


def test_the_second_trial_has_the_head_start_and_the_base_s_own_beside_it(asked: Search) -> None:
    axis = SPACE["config.xi"].model_copy(update={"like": "config.learning_rate"})
    space = {**SPACE, "config.xi": axis, "config.learning_rate": Axis(low=1e-4, high=1e-2, log=True)}
    plain = Search(asked.label, asked.base, space, objectives_of(asked.base, {"ndcg": "maximize"}))
    started = replace(plain, head_start={"config.learning_rate": 4e-3})
    assert started.digest != plain.digest, "other trials, another search"
    first, second, *later = params_of(started, storage("started"), 4)
    assert first == {"config.eta": 1e-3, "config.xi": 2e-3, "config.learning_rate": 2e-3}
    assert second == {"config.eta": 1e-3, "config.xi": 4e-3, "config.learning_rate": 4e-3}
    drawn = params_of(plain, storage("drawn"), 4)
    assert [first, *later] == [drawn[0], *drawn[2:]], "trials of other ranks are those that they would be without it"
    elsewhere = replace(plain, head_start={"config.learning_rate": 0.5})
    assert params_of(elsewhere, storage("elsewhere"), 2)[1]["config.learning_rate"] <= 1e-2, "outside the range: drawn"


def test_an_option_that_came_later_is_searched_like_any_other(asked: Search) -> None:
    space = {"config.floor": Axis(low=0, high=128, integer=True)}
    assert "config.floor" not in asked.base.flat()
    check_ends("study", asked.base, space)
    first, second = params_of(Search(asked.label, asked.base, space, asked.objectives), storage("later"), 2)
    assert first == {"config.floor": 0}, "the base's own"
    assert 0 <= second["config.floor"] <= 128


def test_cut_off_while_it_was_asked_for(asked: Search) -> None:
    undisturbed = params_of(asked, storage("undisturbed"), 9)
    for stop in (0, 1, 4, 7):
        kept = storage(f"stopped-{stop}")
        params_of(asked, kept, stop) if stop else None
        if stop == 0:
            kept.next_has({"config.eta": 1e-3})  # queued, and stopped before it was asked for
        else:
            kept.optuna.ask(
                {"config.eta": optuna.distributions.FloatDistribution(1e-4, 1e-2, log=True)}
            )  # one of two parameters
        assert params_of(asked, storage(f"stopped-{stop}"), 9) == undisturbed
    assert kept.noted(FAILURE, 7) == NEVER_ASKED
    assert [kept.rank(trial.number) for trial in kept.trials()] == list(range(9))


def test_cut_off_before_it_was_told(asked: Search) -> None:
    undisturbed = params_of(asked, storage("undisturbed"), 7)
    kept = storage("stopped")
    params_of(asked, kept, 3)
    ask(asked, kept)
    assert params_of(asked, storage("stopped"), 7) == undisturbed


def test_a_failed_trial_counts_and_says_why(asked: Search) -> None:
    kept = storage("failing")
    trial = ask(asked, kept)
    kept.fail(trial.number, "no dice")
    assert len(params_of(asked, kept, 3)) == 3
    assert kept.noted(FAILURE, 0) == "no dice"
    assert [trial.state.name for trial in kept.trials()] == ["FAIL", "COMPLETE", "COMPLETE"]


def test_a_new_beginning_forgets_and_a_database_that_is_not_there_is_named(asked: Search) -> None:
    params_of(asked, storage("again"), 2)
    assert storage("again").trials()
    assert not storage("again", restart=True).trials()
    with pytest.raises(Unavailable, match="Optuna storage sqlite:////no/such/folder"):
        storage("elsewhere", url="sqlite:////no/such/folder/x.db")


@pytest.mark.parametrize("at_once", [2, 3, 8])
def test_trials_do_not_depend_on_how_many_are_made_at_once(asked: Search, at_once: int) -> None:
    undisturbed = params_of(asked, storage("one at a time"), 9)
    kept, under_way, most = storage(f"{at_once} at once"), list[Any](), 0
    for task in tasks(asked, kept, runner=None, target=9):  # type: ignore[arg-type]
        if task is not None:
            under_way.append(task)
            most = max(most, len(under_way))
        if task is None or len(under_way) == at_once:
            _, number, params = under_way.pop().note  # the youngest comes to its end first
            kept.finish(number, {"ndcg_at_20": params["config.eta"]})
    for task in under_way:
        kept.finish(task.note.number, {"ndcg_at_20": task.note.params["config.eta"]})
    assert [trial.params for trial in kept.trials()] == undisturbed
    assert most == min(at_once, RANDOM_TRIALS)


def test_whoever_is_free_takes_the_next_task_of_the_first_search_that_has_one_ready() -> None:
    spec = build_spec({"method": "random"})
    a, b, c = (Task(spec, name) for name in "abc")
    begun: list[str] = []

    def source(name: str, *parts: Task | None) -> Iterator[Task | None]:
        begun.append(name)
        yield from parts

    found = first_ready(iter([source("first", a, None, None, b), source("second", c, None)]))
    assert (next(found), begun) == (a, ["first"])
    assert (next(found), begun) == (c, ["first", "second"])
    assert list(found) == [b, None]
