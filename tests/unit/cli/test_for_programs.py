"""What programs are given: findings on standard output, as JSON or as the table alone; warnings elsewhere."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import harness as h

SHOP: dict[str, Any] = {"n_users": 120, "n_items": 100, "n_groups": 4, "dim": 8}
SET = [f"dataset_options.{key}={value}" for key, value in SHOP.items()]
SET += ["training.max_epochs=1", "encoder.name=random", "evaluation.origins=false"]
COMMON = ["--dataset", "long-tail", "--threads", "1", *(word for text in SET for word in ("--set", text))]


@pytest.fixture(autouse=True, scope="module")
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_HOME", str(tmp_path_factory.mktemp("home")))
        yield


def test_a_run_and_the_same_one_found_again(said: Any) -> None:
    first, second = (json.loads(said("run", "--method", "reweight", *COMMON, "--json")) for _ in range(2))
    run = h.load_run(first["run"])
    assert {"test/ndcg_at_20", "test/genre/cv_at_20"} <= first["metrics"].keys()
    assert first["metrics"].items() <= run.metrics.items()
    assert first["groups"] == run.groups.to_dicts()
    assert first["against"]["reference"] == "alpharec"
    assert run.against is not None
    assert first["against"]["differences"]["ndcg_at_20"]["difference"] == run.against.of("ndcg").difference
    assert {**second, "notes": None} == {**first, "notes": None, "metrics": second["metrics"]}
    assert first["metrics"].items() <= second["metrics"].items(), "the store has each group's utility as well"


def test_quiet_is_the_table_alone(said: Any) -> None:
    told = said("run", "--method", "random", *COMMON, "--quiet")
    assert told.lstrip().startswith("random on long-tail, trained on genre groups, seed 0\nTest metrics")
    assert "data: long-tail" not in told


def test_a_comparison(said: Any) -> None:
    ids = [json.loads(said("run", "--method", name, *COMMON, "--json"))["run"] for name in ("random", "most_popular")]
    found = json.loads(said("compare", *ids, "--resamples", "100", "--json"))
    assert [run["run"] for run in found["runs"]] == ids
    expected = h.compare(ids, resamples=100).to_frame().filter(run=ids[1], metric="ndcg", k=20).row(0, named=True)
    row = found["runs"][1]["differences"]["ndcg_at_20"]
    assert {key: row[key] for key in ("difference", "low", "high")}.items() <= expected.items()
    assert found["specs"]["method"] == ["random", "most_popular"]


def test_another_definition_and_lists(said: Any) -> None:
    run = json.loads(said("run", "--method", "most_popular", *COMMON, "--json"))["run"]
    scored = json.loads(said("evaluate", run, "--fairness", "popularity", "--json"))
    assert {row["grouping"] for row in scored["groups"]} == {"popularity"}
    lists = json.loads(said("recommend", run, "--user", "5", "--k", "3", "--json"))
    assert [row["rank"] for row in lists] == [1, 2, 3]
    assert lists == h.load_run(run).model.recommend(["5"], k=3).to_dicts()


def test_a_study(said: Any, tmp_path: Path) -> None:
    asked = ["--study", "methods", "--method", "random", "--budget", "smoke", *COMMON]
    told = json.loads(said("run", *asked, "--json"))
    assert (told["study"], told["finished"], told["failed"]) == ("methods", 1, 0)
    assert Path(told["report"]).is_file()
    assert said("run", *asked, "--quiet") == f"{told['report']}\n"


def test_run_alone_shows_its_help(said: Any) -> None:
    told = said("run")
    assert "--method" in told
    assert "--study" in told
    assert "training: " not in told
