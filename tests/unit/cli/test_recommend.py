"""``harness recommend`` and ``harness export-vectors``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import harness as h
from harness.cli.app import main

CATALOGUE: dict[str, Any] = {
    "dataset": "long-tail",
    "dataset_options": {"n_users": 80, "n_items": 60, "n_groups": 4, "dim": 8},
    "groups": ["genre"],
    "evaluation": {"origins": False},
    "compute": {"threads": 1},
    "training": {"max_epochs": 1},
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[h.Run]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_HOME", str(tmp_path_factory.mktemp("home")))
        yield h.run(h.build_spec(CATALOGUE | {"method": "alpharec"}))


@pytest.fixture(autouse=True)
def _same_home(run: h.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", run.store.location)


def test_a_user_is_shown_a_list(run: h.Run, capsys: pytest.CaptureFixture[str]) -> None:
    lists = run.model.recommend([run.model.users["user"][0]], k=2)
    assert main(["recommend", run.id, "--user", lists["user"][0], "--k", "2"]) == 0
    shown = capsys.readouterr().out
    assert f"for {lists['user'][0]}" in shown
    for item, groups, score in lists.select("item", "groups", "score").iter_rows():
        (line,) = [line for line in shown.splitlines() if f"│ {item} " in line]
        assert ", ".join(groups) in line
        assert f"{score:.4f}" in line


def test_so_is_a_new_one(run: h.Run, capsys: pytest.CaptureFixture[str]) -> None:
    items = run.model.items["item"].head(3).to_list()
    lists = run.model.recommend(histories=[items], k=3)
    assert main(["recommend", run.id, "--items", ",".join(items), "--k", "3"]) == 0
    shown = capsys.readouterr().out
    places = [shown.index(f" {rank} │ {item} ") for rank, item in lists.select("rank", "item").iter_rows()]
    assert places == sorted(places)


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".jsonl"])
def test_everybody_is_written_into_a_file(
    run: h.Run, tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / f"lists{ending}"
    assert main(["recommend", run.id, "--all", "--k", "4", "--to", str(file)]) == 0
    said = capsys.readouterr().out.splitlines()
    lists = run.model.recommend(k=4)
    assert said == [f"{lists.height:,} rows in {file}", "licence of the data: none: generated numbers"]
    readers = {".parquet": pl.read_parquet, ".csv": pl.read_csv, ".jsonl": pl.read_ndjson}
    found = readers[ending](file).cast({"user": pl.String, "item": pl.String})
    assert found.select("user", "rank", "item").equals(
        lists.select("user", pl.col("rank").cast(found["rank"].dtype), "item")
    )
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize("of", ["Z", "items", "users"])
def test_vectors_are_exported_with_ids(run: h.Run, tmp_path: Path, of: str) -> None:
    file = tmp_path / "vectors.parquet"
    assert main(["export-vectors", run.id, "--of", of, "--to", str(file)]) == 0
    table, model = pl.read_parquet(file), run.model
    ids, vectors = {
        "Z": (model.items["item"], model.representations),
        "items": (model.items["item"], model.item_vectors),
        "users": (model.users["user"], model.user_vectors()),
    }[of]
    assert table[ids.name].equals(ids)
    np.testing.assert_array_equal(table["vector"].to_numpy(), vectors)


def test_in_csv_a_vector_is_a_column_for_each_number(run: h.Run, tmp_path: Path) -> None:
    file = tmp_path / "z.csv"
    assert main(["export-vectors", run.id, "--to", str(file)]) == 0
    table = pl.read_csv(file)
    assert table.columns == ["item", "groups", *(f"vector_{number}" for number in range(8))]
    np.testing.assert_allclose(table.select(pl.selectors.starts_with("vector")).to_numpy(), run.model.representations)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["recommend", "RUN"], "whom for? --user ID, --items ID,ID,… of a new one, or --all"),
        (["recommend", "RUN", "--all", "--user", "1"], "whom for?"),
        (["recommend", "RUN", "--all"], "--all makes a long table: name its file"),
        (["recommend", "RUN", "--user", "nobody"], "unknown user 'nobody'"),
        (["recommend", "RUN", "--items", "nothing"], "unknown item 'nothing'"),
        (["recommend", "RUN", "--all", "--to", "lists.parqet"], "did you mean '.parquet'?"),
        (["recommend", "RUN", "--user", "1", "--k", "100000"], "k=100000: a whole number between 1 and"),
        (["recommend", "0" * 32, "--user", "1"], f"no run {'0' * 32} in"),
        (["export-vectors", "RUN", "--to", "z.parquet", "--of", "z0"], "unknown kind of vectors 'z0'"),
        (["export-vectors", "RUN", "--to", "z"], "the ending says how"),
    ],
    ids=" ".join,
)
def test_what_is_wrong_is_one_line(
    run: h.Run, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([run.id if argument == "RUN" else argument for argument in arguments]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
