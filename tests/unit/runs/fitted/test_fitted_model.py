"""Models of finished runs: the run's own lists again, for every method and re-ranker; vectors; what is refused."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import harness as h
from harness.domain.interactions import Training
from harness.plugins.registry import registry
from harness.runs.carry_out import carry_out
from harness.runs.context import Address, Context
from harness.runs.experiment import prepare
from harness.runs.fitted.kept_model import load_model
from harness.runs.observer import Observer
from harness.runs.run import run as run_once
from harness.track import open_tracker
from harness.track.memory import MemoryTracker
from harness.track.null import NullTracker

from .conftest import CATALOGUE, Ran


class Lines(Observer):
    """Keeps the lines that are said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


def recommends_its_own_lists(run: h.Run) -> None:
    """The model's lists of everybody, cut to the users of the test data, are those that the run was measured on."""
    own = run.top_lists.select("user", "rank", "item")
    lists = h.load_run(run.id).model.recommend(k=20).select("user", "rank", "item")
    assert lists.join(own.select("user").unique(), on="user").sort("user", "rank").equals(own.sort("user", "rank"))


@pytest.mark.parametrize("method", registry.names("method"))
def test_every_method_recommends_what_its_run_was_measured_on(method: str, ran: Ran) -> None:
    recommends_its_own_lists(ran(method))


@pytest.mark.parametrize("reranker", registry.names("reranker"))
def test_a_reranked_run_recommends_its_reranked_lists(reranker: str, ran: Ran) -> None:
    run, plain = ran("most_popular", rerank=reranker), ran("most_popular")
    recommends_its_own_lists(run)
    model = run.model
    lists = model.recommend(k=20)
    assert not lists.equals(plain.model.recommend(k=20)), "the re-ranker has done something"
    user = lists["user"][-1]
    assert model.recommend([user], k=3).equals(lists.filter(user=user).head(3)), "short lists begin like long ones"


def test_several_users_to_a_batch_of_the_reranker_are_told_as_in_the_run(ran: Ran) -> None:
    recommends_its_own_lists(ran("ease", rerank={"name": "pmmf", "batch_users": 7, "lam": 5.0, "rate": 0.5}))


def test_a_list_does_not_depend_on_who_else_is_asked_for(ran: Ran) -> None:
    model = ran("alpharec").model
    everybody = model.recommend(k=4)
    asked = [everybody["user"][-1], everybody["user"][0]]
    lists = model.recommend(asked, k=4)
    assert lists["user"].unique(maintain_order=True).to_list() == asked
    for user in asked:
        assert lists.filter(user=user).equals(everybody.filter(user=user))


def test_nobody_is_recommended_what_they_have_taken(ran: Ran) -> None:
    model = ran("ease").model
    taken = model.items["item"].head(5).to_list()
    lists = model.recommend(histories={"me": taken}, k=model.n_items)
    assert set(lists["user"]) == {"me"}
    assert set(lists["item"]) == set(model.items["item"]) - set(taken)


@pytest.mark.parametrize(
    "options",
    [{}, {"backbone": "two_tower"}, {"activation": "linear"}, {"propagation": "input"}, {"layers": 3}],
    ids=str,
)
def test_who_comes_again_with_the_same_history_comes_to_the_same_place(options: dict[str, Any], ran: Ran) -> None:
    run = ran("alpharec", config=options)
    training: Training = prepare(run.spec).split.training
    items, users = run.model.items["item"], run.model.users["user"]
    histories = [items.gather(training.items[training.users == user]).to_list() for user in range(4)]
    found = run.model.user_vectors(histories)
    np.testing.assert_allclose(found, run.model.user_vectors(users=users.head(4)), atol=1e-6)


@pytest.mark.parametrize("method", ["ease", "itemknn", "multvae", "most_popular"])
def test_the_same_holds_for_scores_that_are_functions_of_a_history(method: str, ran: Ran) -> None:
    run = ran(method)
    training: Training = prepare(run.spec).split.training
    model, user = run.model, run.model.users["user"][0]
    history = model.items["item"].gather(training.items[training.users == 0]).to_list()
    known = model.recommend([user], k=model.n_items)
    new = model.recommend(histories=[history], k=model.n_items).filter(item=known["item"].to_list()[0])
    assert new["score"][0] == pytest.approx(known["score"][0], rel=1e-6)


def test_vectors_and_representations(ran: Ran) -> None:
    run = ran("bifair")
    model = run.model
    users = model.users["user"].head(3)
    products = model.user_vectors(users=users) @ model.item_vectors.T
    np.testing.assert_allclose(products, model.scores(users), atol=1e-6)
    initial = prepare(run.spec).embeddings
    assert initial is not None
    assert model.representations.shape == initial.shape
    assert not np.array_equal(model.representations, initial), "Z has been refined"
    np.testing.assert_array_equal(ran("alpharec").model.representations, initial)


def test_items_come_with_titles_and_groups(ran: Ran) -> None:
    model = ran("most_popular").model
    assert model.items.columns == ["item", "groups"], "the generated items have no titles"
    membership = prepare(ran("most_popular").spec).trained.membership
    names = [[membership.names[k] for k in membership.matrix[[row]].indices] for row in range(model.n_items)]
    assert model.items["groups"].to_list() == names
    assert model.licence == "none: generated numbers"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"users": ["nobody"]}, r"unknown user 'nobody': the model knows \d+ users, such as '"),
        ({"histories": [["1", "nothing"]]}, r"unknown item 'nothing': the model knows \d+ items, such as '"),
        ({"users": "57"}, r"users: a list of ids is needed, not '57'"),
        ({"histories": "57"}, r"histories: a list of items is needed for each new user, not '57'"),
        ({"k": 0}, r"k=0: a whole number between 1 and"),
        ({"k": 1000}, r"k=1000: a whole number between 1 and"),
    ],
)
def test_what_cannot_be_answered_is_one_line(asked: dict[str, Any], message: str, ran: Ran) -> None:
    with pytest.raises(h.BadInput, match=message):
        ran("ease").model.recommend(**asked)


@pytest.mark.parametrize("method", ["mf", "lightgcn", "lightgcn_infonce"])
def test_methods_that_learn_a_vector_for_each_user_know_no_new_ones(method: str, ran: Ran) -> None:
    model = ran(method).model
    with pytest.raises(h.BadInput, match=f"{method} has learnt something for each of its users"):
        model.recommend(histories=[["1"]])
    with pytest.raises(h.BadInput, match="knows nothing of new ones"):
        model.user_vectors([["1"]])


def test_nor_does_one_whose_backbone_learns_them(ran: Ran) -> None:
    run = ran("alpharec", config={"backbone": "vbpr"})
    recommends_its_own_lists(run)
    with pytest.raises(h.BadInput, match="alpharec has learnt something for each of its users"):
        run.model.recommend(histories=[["1"]])


def test_methods_without_vectors_say_so(ran: Ran) -> None:
    model = ran("ease").model
    with pytest.raises(h.HarnessError, match="ease has no vectors"):
        _ = model.item_vectors
    with pytest.raises(h.HarnessError, match="ease has no representations of items: it reads no text"):
        _ = model.representations


def test_a_run_says_how_large_its_model_is_and_keeps_none_where_it_is_told_to() -> None:
    spec = h.build_spec(CATALOGUE | {"method": "ease"})
    store, watching = MemoryTracker(), Lines()
    kept = run_once(spec, Context(store, watching))
    size = sum(len(content) for name, content in store.runs[kept.id].artifacts.items() if name.startswith("model/"))
    assert f"model: {size / 1e6:,.1f} MB kept with the run (--no-model keeps none)" in watching.lines
    other, silent = MemoryTracker(), Lines()
    without = run_once(spec, Context(other, silent, keep_models=False))
    assert without.metrics.keys() == kept.metrics.keys()
    assert not [line for line in silent.lines if "model" in line]
    with pytest.raises(h.HarnessError, match=rf"run {without.id} has kept no model: .* --force makes it again"):
        load_model(other, without.id)


def test_whether_a_model_is_kept_is_no_part_of_what_a_run_is() -> None:
    spec = h.build_spec(CATALOGUE | {"method": "random"})
    store = MemoryTracker()
    first = run_once(spec, Context(store, keep_models=False))
    again = run_once(spec, Context(store))
    assert again.reused
    assert again.id == first.id


def test_other_processes_are_told_whether_to_keep_models() -> None:
    address = Context(NullTracker(), keep_models=False).address
    assert not Address(**json.loads(json.dumps(asdict(address)))).open().keep_models
    assert Context(NullTracker()).address.open().keep_models


def test_the_runs_of_a_study_keep_models(tmp_path: Path) -> None:
    file = tmp_path / "one.toml"
    file.write_text(
        'summary = "one"\nmethods = ["most_popular"]\nbaseline = "most_popular"\nselections = ["best_ndcg"]\n'
        "[budgets.smoke]\nseeds = [5]\n"
    )
    for keep_models in (False, True):
        h.run_study(file, budget="smoke", overwrite="always", keep_models=keep_models, **CATALOGUE)
        newest, *_ = h.find_runs(method="most_popular", seed=5)
        if keep_models:
            assert newest.model.n_items > 0
        else:
            with pytest.raises(h.HarnessError, match="has kept no model"):
                _ = newest.model


@pytest.mark.usefixtures("ran")
def test_runs_that_only_select_keep_none() -> None:
    carry_out(h.build_spec(CATALOGUE | {"method": "mf", "seed": 6}), Context(open_tracker()), touch_test=False)
    (selecting,) = h.find_runs(method="mf", seed=6, evaluated="validation")
    with pytest.raises(h.HarnessError, match="has kept no model: runs that only select keep none"):
        _ = selecting.model


def test_nothing_is_made_for_a_place_that_keeps_nothing() -> None:
    watching = Lines()
    run_once(h.build_spec(CATALOGUE | {"method": "random"}), Context(NullTracker(), watching))
    assert not [line for line in watching.lines if line.startswith("model:")]


def test_a_model_that_cannot_be_written_fails_no_run() -> None:
    class Full(MemoryTracker):
        """Has no room for models."""

        def start(self, *args: Any, **kwargs: Any) -> Any:
            run = super().start(*args, **kwargs)
            keep = run.log_artifacts

            def log_artifacts(folder: Any, to: str = "") -> None:
                if to == "model":
                    raise OSError(28, "No space left on device")
                keep(folder, to)

            run.log_artifacts = log_artifacts  # type: ignore[method-assign]
            return run

    store, watching = Full(), Lines()
    done = run_once(h.build_spec(CATALOGUE | {"method": "random"}), Context(store, watching))
    assert store.runs[done.id].status == "FINISHED"
    (line,) = [line for line in watching.lines if "model" in line]
    assert line.startswith("warning: the fitted model is not kept: ")
