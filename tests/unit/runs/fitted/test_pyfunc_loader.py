"""MLflow's view of a kept model: loaded by the run's address, registered under a name, asked by table."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import harness as h
from harness.base.errors import BadInput
from harness.plugins.registry import registry
from harness.runs.fitted.kept_model import MODEL_FOLDER
from harness.runs.fitted.pyfunc_loader import ServedModel
from harness.runs.fitted.registration import check_registration, register_model
from harness.track import open_tracker
from harness.track.mlflow_store import import_mlflow

from .conftest import Ran


def loaded(address: str, store: str) -> Any:
    """What MLflow makes of an address."""
    mlflow = import_mlflow()
    mlflow.set_tracking_uri(store)
    return mlflow.pyfunc.load_model(address)


def same(answer: pd.DataFrame, lists: pl.DataFrame) -> None:
    """MLflow's answer to one table is what the model recommends, to the bit."""
    for column in ("user", "rank", "item"):
        assert answer[column].to_list() == lists[column].to_list()
    np.testing.assert_array_equal(answer["score"].to_numpy(), lists["score"].to_numpy())


@pytest.mark.parametrize("method", registry.names("method"))
def test_every_method_is_loaded_by_its_runs_address_and_scores_the_same(method: str, ran: Ran) -> None:
    run = ran(method)
    served = loaded(f"runs:/{run.id}/{MODEL_FOLDER}", run.store.location)
    users = run.model.users["user"].head(7).to_list()
    same(served.predict(pd.DataFrame({"user": users}), params={"k": 5}), run.model.recommend(users, k=5))


def test_a_reranked_run_is_served_reranked(ran: Ran) -> None:
    run = ran("most_popular", rerank="cpfair")
    users = run.model.users["user"].to_list()
    served = loaded(f"runs:/{run.id}/{MODEL_FOLDER}", run.store.location)
    same(served.predict(pd.DataFrame({"user": users})), run.model.recommend(k=10))


def test_signature_and_example(ran: Ran) -> None:
    run = ran("alpharec")
    served = loaded(f"runs:/{run.id}/{MODEL_FOLDER}", run.store.location)
    assert [column.name for column in served.metadata.signature.inputs] == ["user", "items"]
    assert [param.name for param in served.metadata.signature.params] == ["k"]
    answer = served.predict(served.input_example)
    assert list(answer.columns) == [column.name for column in served.metadata.signature.outputs]
    assert list(answer.columns) == ["row", "user", "rank", "item", "groups", "score"]
    assert set(answer["row"]) == {0, 1}
    assert served.metadata.metadata["data_licence"] == "none: generated numbers"


def test_known_and_new_users_in_one_table(ran: Ran) -> None:
    model = ran("alpharec").model
    user, items = model.users["user"][3], model.items["item"].head(3).to_list()
    table = pd.DataFrame({"user": [None, user, user], "items": [items, None, None]})
    answer = ServedModel(model).predict(table, {"k": 2})
    assert answer["row"].to_list() == [0, 0, 1, 1, 2, 2]
    assert answer["item"].to_list()[:2] == model.recommend(histories=[items], k=2)["item"].to_list()
    assert answer["item"].to_list()[2:] == model.recommend([user], k=2)["item"].to_list() * 2
    assert answer["user"].isna().to_list() == [True, True, False, False, False, False]
    assert answer["user"].to_list()[2:] == [user] * 4


def test_a_row_without_anything_is_one_line(ran: Ran) -> None:
    with pytest.raises(BadInput, match="row 1: a 'user' is needed, or the 'items' that a new one took"):
        ServedModel(ran("random").model).predict(pd.DataFrame({"user": ["1", None]}))


def test_no_code_lies_beside_a_model(ran: Ran, tmp_path: Path) -> None:
    run = ran("ease")
    tree = json.loads(run.store.artifact(run.id, f"{MODEL_FOLDER}/MLmodel"))
    assert tree["flavors"].keys() == {"python_function"}
    flavor = tree["flavors"]["python_function"]
    assert flavor["loader_module"] == "harness.runs.fitted.pyfunc_loader"
    assert not flavor.keys() & {"code", "python_model", "model_code_path", "cloudpickle_version"}


def test_a_model_is_registered_once(ran: Ran) -> None:
    run, said = ran("ease"), list[str]()
    for _ in range(2):
        register_model(run.store, run.id, "shop", said.append)
    register_model(run.store, ran("random").id, "shop", said.append)
    assert said == ["registered as models:/shop/1"] * 2 + ["registered as models:/shop/2"]
    served = loaded("models:/shop/1", run.store.location)
    users = run.model.users["user"].head(2).to_list()
    same(served.predict(pd.DataFrame({"user": users}), params={"k": 3}), run.model.recommend(users, k=3))


@pytest.mark.parametrize(
    ("name", "asked", "message"),
    [
        ("a/b", {}, "no name of a model has one of the characters"),
        ("shop", {"of_study": True}, "--register is for one run"),
        ("shop", {"kept": False}, "--no-model"),
    ],
)
def test_what_cannot_be_registered_is_refused(name: str, asked: dict[str, bool], message: str, ran: Ran) -> None:
    with pytest.raises(BadInput, match=message):
        check_registration(name, ran("ease").store, **{"of_study": False, "kept": True, **asked})


def test_nothing_is_registered_where_nothing_is_recorded() -> None:
    with pytest.raises(BadInput, match="--register needs a store that keeps runs"):
        check_registration("shop", open_tracker("none"), of_study=False, kept=True)


def test_a_run_without_a_model_is_not_registered(ran: Ran) -> None:
    run = h.run(ran("random").spec, force=True, keep_model=False)
    with pytest.raises(h.HarnessError, match=f"run {run.id} has kept no model"):
        register_model(run.store, run.id, "shop", print)
