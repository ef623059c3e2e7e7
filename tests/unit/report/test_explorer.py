"""The page on which runs are compared: what is on it, that nothing in a name is markup, that it loads nothing."""

import json
import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from harness.report.explorer.explored_runs import Explored, ExploredRun, of_records
from harness.report.explorer.explorer_page import explorer_html
from harness.report.style import COLOURS
from harness.study.records import Record, Records

NASTY = "</script><img src=x onerror=alert(1)>&\"'\u2028\x1b[2J"
LABELS = ("NDCG@20", "CV@20 of genre", "MIN@20 of genre")
METRICS = {
    "test/ndcg_at_20": 0.3, "test/genre/cv_at_20": 0.4, "test/genre/min25_at_20": 0.1,
    "test/genre/utility_at_20/Children_s": 0.2, "test/genre/utility_at_10/Children_s": 0.9,
    "validation/ndcg_at_20": 0.31, "validation/genre/cv_at_20": 0.41, "validation/genre/min25_at_20": 0.11,
}  # fmt: skip


def spec(**config: Any) -> dict[str, Any]:
    return {
        "method": "bifair",
        "config": config,
        "dataset": "movielens-100k",
        "group": "genre",
        "seed": 0,
        "evaluation": {"headline_k": 20, "ks": [20]},
    }


def record(seed: int = 0, metrics: Mapping[str, float] = METRICS, **config: Any) -> Record:
    tags = {"labels.genre": json.dumps({"Children_s": "Children's"})}
    asked = spec(**config)
    return Record(
        "compare", "bifair", "bifair", "best_ndcg", seed, run=f"r{seed}", metrics=metrics, tags=tags, spec=asked
    )


def data_of(page: str) -> dict[str, Any]:
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    found: dict[str, Any] = json.loads(text)
    return found


def test_what_varies_is_an_axis_under_the_papers_symbol_and_what_does_not_is_none() -> None:
    runs = (record(0, alpha=1, T=5, eta=0.1, lam=3.0, hidden=None, ema=True),
            record(1, alpha=2, T=9, eta=0.2, lam=3.0, hidden=None, ema=False))  # fmt: skip
    explored = of_records(Records("s", "default", {}, runs), "a study")
    assert [explored.symbol(key) for key in explored.axes] == ["η", "T", "alpha"]
    data = data_of(explorer_html(explored))
    assert data["metrics"] == list(LABELS)
    assert [run["options"] for run in data["runs"]] == [[0.1, 5, 1], [0.2, 9, 2]]
    assert data["runs"][0]["reached"] == {"test": [0.3, 0.4, 0.1], "validation": [0.31, 0.41, 0.11]}


def test_a_study_declares_symbols_of_its_own() -> None:
    runs = (record(0, gamma=0.5), record(1, gamma=1.0))
    declared = {"symbols": {"config.gamma": "γ"}, "space": {"config.gamma": {"symbol": ""}}}
    explored = of_records(Records("s", "default", declared, runs), "a study")
    assert [explored.symbol(key) for key in explored.axes] == ["γ"]


def test_what_only_differs_between_methods_is_a_default_of_theirs_unless_the_paper_names_it() -> None:
    options = ({"config.batch_size": 1, "config.T": 5}, {"config.batch_size": 2, "config.T": 9})
    runs = [ExploredRun(name, name, name, values) for name, values in zip("ab", options, strict=True)]
    assert Explored("t", "l", runs).axes == ["config.T"]


def test_groups_are_called_what_they_are_called() -> None:
    (run,) = of_records(Records("s", "default", {}, (record(),)), "a study").runs
    assert run.groups == {"Children's": 0.2}
    assert run.name == "bifair, best_ndcg, seed 0"


def test_failed_runs_are_left_out_and_undefined_metrics_are_none() -> None:
    failed = Record("compare", "mf", "mf", "best_ndcg", 0, failure="no memory", spec=spec())
    half = record(1, {**METRICS, "validation/genre/cv_at_20": float("nan")})
    (run,) = of_records(Records("s", "default", {}, (failed, half)), "a study").runs
    assert list(run.reached) == ["test"]


def test_runs_of_several_groupings_share_an_axis_that_names_none() -> None:
    other = ("NDCG@20", "CV@20 of brand", "MIN@20 of brand")
    runs = [ExploredRun("a", "1", "m", labels=LABELS), ExploredRun("b", "2", "m", labels=other)]
    assert Explored("t", "l", runs).labels == ["NDCG@20", "CV@20", "MIN@20"]


def test_nothing_in_a_name_is_markup() -> None:
    runs = [ExploredRun(NASTY, NASTY, NASTY, {f"config.{NASTY}": place}, LABELS, {"test": (1, 1, 1)}, {NASTY: 1.0})
            for place in (1, 2)]  # fmt: skip
    page = explorer_html(Explored(NASTY, NASTY, runs, numbers={NASTY: 0}))
    assert "<img" not in page
    assert "\x1b" not in page
    assert page.count("</script>") == 3, "the data, the library and the script"
    assert data_of(page)["runs"][0]["name"].startswith("</script><img")
    assert unescape(re.findall(r"<h1>(.*?)</h1>", page)[0]).startswith("</script><img")


def test_the_page_may_load_nothing_and_is_small() -> None:
    page = explorer_html(of_records(Records("s", "default", {}, (record(),)), "a study"))
    assert re.search(r"default-src 'none'; .*script-src 'sha256-[^']+' 'sha256-[^']+'\"", page)
    assert not re.search(r"<(link|img|iframe)\b|\bsrc=|@import|url\(", page.split("<script>")[0])
    assert len(page.encode()) < 1_000_000


def test_each_method_has_the_marks_of_its_place() -> None:
    runs = [ExploredRun(name, name, name, labels=LABELS, reached={"test": (1, 1, 1)}) for name in ("a", "b", "a")]
    data = data_of(explorer_html(Explored("t", "l", runs, numbers={"b": 0, "x": 1, "a": 2})))
    assert [method["light"] for method in data["methods"]] == [COLOURS[2], COLOURS[0]]
    assert [run["method"] for run in data["runs"]] == [0, 1, 0]
    assert len({(method["light"], method["shape"]) for method in data["methods"]}) == 2
