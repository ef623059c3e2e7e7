"""The page of results: made from committed records, and only what they lack is run."""

import shutil
from pathlib import Path

import pytest

from harness.base.errors import BadInput
from harness.cli.app import main
from harness.publish.report_again import records_of, report_again
from harness.publish.results_page import write_page
from harness.publish.results_parts import complete, read_parts, settled
from harness.runs.context import Context
from harness.study.records import Records
from harness.track.memory import MemoryTracker

STUDY = """
summary = "chance against fashion"
methods = ["random", "most_popular"]
baseline = "random"
[[claims]]
text = "what is popular is found more often"
metric = "ndcg"
better = "higher"
variant = "most_popular"
against = "random"
[budgets.default]
seeds = [0, 1, 2]
"""
RESULTS = """
title = "Results"
lead = "Of a test."
[[studies]]
study = "fashion.toml"
"""


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "fashion.toml").write_text(STUDY)
    (folder / "results.toml").write_text(RESULTS)
    return folder


def made(results: Path, data: Path) -> tuple[Records, MemoryTracker, str]:
    """The page, made with an empty store; with what was run for it."""
    tracker = MemoryTracker()
    spec, (part,) = read_parts(results)
    if not part.missing.nothing:
        part = complete(part, Context(tracker, data_folder=data), {}, jobs=1, overwrite="only-missing")
    records = settled(part)
    page = results.parent / "RESULTS.md"
    write_page(spec, [(part.folder, records)], page)
    return records, tracker, page.read_text()


def run_ids(records: Records) -> dict[tuple[str, int], str]:
    return {(record.variant, record.seed): record.run for record in records.runs}


def trained(tracker: MemoryTracker) -> int:
    return sum(run.parent is not None for run in tracker.runs.values())


def test_only_what_is_missing_is_run_and_the_page_comes_of_the_records_alone(
    results: Path, movielens_folder: Path
) -> None:
    _, (part,) = read_parts(results)
    assert "0 trials and 6 runs are missing; none of its kind has been measured" in part.describe(1)

    first, tracker, page = made(results, movielens_folder)
    assert trained(tracker) == 6
    assert "what is popular is found more often" in page
    assert "reproduced" in page
    for picture in ("forest", "front"):
        assert f"(figures/{picture}.png)" in (results / "fashion-default/report.md").read_text()
        assert (results / f"fashion-default/figures/{picture}.png").is_file()

    _, (part,) = read_parts(results)
    assert part.describe(1) == "fashion.toml, budget default: all there"
    again, tracker, same = made(results, movielens_folder)
    assert trained(tracker) == 0
    assert same == page
    assert repr(again) == repr(first)

    (results / "fashion.toml").write_text(STUDY.replace("[0, 1, 2]", "[0, 1, 2, 3]"))
    _, (part,) = read_parts(results)
    assert "0 trials and 2 runs are missing: about 0 min" in part.describe(2)
    more, tracker, _ = made(results, movielens_folder)
    assert trained(tracker) == 2
    assert run_ids(first).items() <= run_ids(more).items(), "what was there stands"


def test_a_claim_that_is_declared_later_is_judged_without_running_anything(
    results: Path, movielens_folder: Path
) -> None:
    made(results, movielens_folder)
    later = STUDY.replace("what is popular is found more often", "fashion is found more often")
    (results / "fashion.toml").write_text(later)
    _, tracker, page = made(results, movielens_folder)
    assert trained(tracker) == 0
    assert "fashion is found more often" in page
    assert "what is popular" not in page
    assert "fashion is found" in (results / "fashion-default/study.json").read_text()


def test_an_entry_may_take_fewer_methods_than_its_study(results: Path, movielens_folder: Path) -> None:
    (results / "results.toml").write_text(RESULTS + 'methods = ["most_popular"]\n')
    records, _, page = made(results, movielens_folder)
    assert {run.variant for run in records.runs} == {"most_popular"}
    assert "not testable here: no run of random to compare with" in page
    (results / "results.toml").write_text(RESULTS)
    _, (part,) = read_parts(results)
    assert "0 trials and 3 runs are missing" in part.describe(1)


def test_records_of_another_spec_do_not_stand_for_what_is_asked(results: Path, movielens_folder: Path) -> None:
    made(results, movielens_folder)
    (results / "results.toml").write_text(RESULTS + 'set = { "data.core" = 6 }\n')
    _, (part,) = read_parts(results)
    assert "0 trials and 6 runs are missing" in part.describe(1)
    records, tracker, _ = made(results, movielens_folder)
    assert trained(tracker) == 6
    assert {record.spec["data"]["core"] for record in records.runs} == {6}


def test_exported_records_make_the_report_again_byte_by_byte(
    results: Path, movielens_folder: Path, tmp_path: Path
) -> None:
    records, _, _ = made(results, movielens_folder)
    shutil.copytree(results / "fashion-default", tmp_path / "shared")
    found, store = records_of(str(tmp_path / "shared"))
    assert store is None
    assert repr(found) == repr(records)
    one, other = report_again(records, tmp_path / "one"), report_again(found, tmp_path / "other")
    files = sorted(file.relative_to(one) for file in one.rglob("*") if file.is_file())
    assert files
    for file in files:
        assert (one / file).read_bytes() == (other / file).read_bytes(), file


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("", "no such file; it names the studies"),
        ("title = 1\n", r"results\.toml\.title: input should be a valid string"),
        (RESULTS + "sedes = 2\n", r"unknown key .*sedes': did you mean 'seeds'"),
        (RESULTS.replace("fashion.toml", "main2"), "unknown study 'main2': did you mean 'main'"),
        (RESULTS + '[[studies]]\nstudy = "fashion.toml"\n', "two studies have the folder fashion-default"),
        (RESULTS + '[[studies]]\nbudget = "full"\n', "a study's name, or a name of its own"),
        (RESULTS + 'methods = ["randon"]\n', "unknown method in study 'fashion.toml' 'randon': did you mean 'random'"),
        (RESULTS + "methods = []\n", "methods"),
        (RESULTS.replace("fashion.toml", "tune") + 'methods = ["bifair"]\n', "name it in set.method"),
    ],
)
def test_what_is_wrong_with_a_folder_of_results_is_one_line(results: Path, change: str, message: str) -> None:
    file = results / "results.toml"
    file.write_text(change) if change else file.unlink()
    with pytest.raises(BadInput, match=message):
        read_parts(results)


def test_a_study_that_has_not_run_has_no_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path))
    store = f"sqlite:///{tmp_path}/runs.db"
    assert main(["report", "main", "--tracking-uri", store]) == 2
    assert "run it first: harness run --study main" in capsys.readouterr().err
    assert main(["export", str(tmp_path / "nowhere"), "--to", str(tmp_path / "x")]) == 2
    assert "does not hold a study's records" in capsys.readouterr().err


TUNED = """
summary = "neighbourhoods, tuned"
methods = ["most_popular", "itemknn"]
baseline = "most_popular"
selections = ["best_ndcg"]
[[claims]]
text = "neighbours find more than fashion does"
metric = "ndcg"
better = "higher"
variant = "itemknn"
against = "most_popular"
[budgets.default]
seeds = [0, 1]
trials = 3
"""


def in_slices(results: Path, data: Path, runs: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The results made in slices of at most so many runs, each in a store and a home of its own; runs of each slice."""
    made: list[int] = []
    while not (part := read_parts(results)[1][0]).missing.nothing:
        monkeypatch.setenv("HARNESS_HOME", str(results.parent / f"{results.name}-home-{len(made)}"))
        tracker, left = MemoryTracker(), iter(range(runs))
        complete(
            part,
            Context(tracker, data_folder=data),
            {},
            jobs=1,
            overwrite="only-missing",
            enough=lambda left=left: next(left, None) is None,  # type: ignore[misc]
        )
        made.append(trained(tracker))
    return made


BY_COMPARISON = (
    TUNED.replace("best_ndcg", "fair_within:0.5")
    + """
[base]
"evaluation.reference" = "ease"
"""
)


@pytest.mark.parametrize(("study", "extra"), [(TUNED, 0), (BY_COMPARISON, 3)])
def test_results_in_slices_are_those_in_one_go(
    study: str, extra: int, results: Path, movielens_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each slice goes on from the records of those before, without their store and their trials' database.

    What others are measured by is ``extra``: of the tuning's split and of each seed's.
    """
    (results / "fashion.toml").write_text(study)
    at_once = tmp_path / "at_once"
    shutil.copytree(results, at_once)
    assert in_slices(at_once, movielens_folder, 100, monkeypatch) == [8 + extra]
    slices = in_slices(results, movielens_folder, 3, monkeypatch)
    assert sum(slices) == 8 or extra, "nothing is run twice"
    assert len(slices) > 2
    whole, sliced = (read_parts(folder)[1][0].records for folder in (at_once, results))
    assert whole is not None
    assert sliced is not None
    assert [(run.variant, run.seed, run.params, run.spec) for run in sliced.runs] == [
        (run.variant, run.seed, run.params, run.spec) for run in whole.runs
    ]
    for one, other in zip(sliced.runs, whole.runs, strict=True):
        assert {key: value for key, value in one.metrics.items() if key.startswith(("test/", "validation/"))} == {
            key: value for key, value in other.metrics.items() if key.startswith(("test/", "validation/"))
        }


SEARCH = """
summary = "how many neighbours"
methods = ["itemknn"]
[space."config.neighbours"]
low = 5
high = 100
integer = true
[curves]
"config.neighbours" = [5, 50]
[objectives]
ndcg = "maximize"
[budgets.default]
trials = 3
seeds = [0]
"""


def test_a_search_is_published_too_and_made_in_slices(
    results: Path, movielens_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (results / "fashion.toml").write_text(SEARCH)
    _, (part,) = read_parts(results)
    assert "3 trials and 2 runs are missing" in part.describe(1)
    assert in_slices(results, movielens_folder, 2, monkeypatch) == [2, 2, 1]
    assert main(["results", str(results), "--site", str(tmp_path / "site")]) == 0
    assert "how many neighbours" in (tmp_path / "RESULTS.md").read_text()
    (results / "fashion.toml").write_text(SEARCH.replace("[5, 50]", "[5, 20, 50]").replace("trials = 3", "trials = 4"))
    _, (part,) = read_parts(results)
    assert "1 trials and 1 runs are missing" in part.describe(1)
