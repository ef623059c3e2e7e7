"""The site's numbers: boards, rows, winners, verdicts in their places, commands that build the recorded specs."""

import csv
import io
import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from scipy.stats import t, ttest_rel

from harness.base.trees import merged, parse_assignments
from harness.cli.app import app
from harness.report.grid.arms import CV, NDCG
from harness.report.site.board_table import board_table
from harness.report.site.boards import OWN_RULE, Part, boards_of
from harness.report.site.front_svg import front_svg, staircase
from harness.report.site.labels import Box, placed
from harness.report.site.lead_html import lead_html
from harness.report.site.leaderboard import Leaderboard, leaderboard
from harness.report.site.made_again import SPEC_FILE, made_again
from harness.report.site.public_text import public_tags, public_text, public_tree
from harness.report.site.site_files import site_files
from harness.report.site.values_csv import values_csv
from harness.report.site.verdicts import matrices, placed_claims
from harness.spec.build import build_spec
from harness.spec.selection import NONE_QUALIFIES
from harness.stats.ranks import RankRange
from harness.study.records import Record, Records, read_records
from harness.study.study_spec import GridSpec, declared_study

RESULTS = Path(__file__).resolve().parents[3] / "results"
CVS = {
    "alpharec": (0.41, 0.42, 0.40, 0.43),
    "fair": (0.20, 0.21, 0.19, 0.21),
    "fairer": (0.19, 0.21, 0.20, 0.20),
    "poor": (0.10, 0.11, 0.09, 0.10),
}
NDCGS = {
    "alpharec": (0.30, 0.31, 0.32, 0.31),
    "fair": (0.30, 0.31, 0.31, 0.30),
    "fairer": (0.29, 0.30, 0.31, 0.30),
    "poor": (0.20, 0.21, 0.22, 0.20),
}
RULES = ("best_ndcg", "fair_within:0.02")
CLAIM = {"text": "fair is fairer", "metric": "{group}/cv", "better": "lower", "variant": "fair", "against": "alpharec",
         "selection": "fair_within:0.02", "comparable": 0.05}  # fmt: skip


def study(**options: Any) -> GridSpec:
    given = {
        "summary": "s", "methods": list(CVS), "baseline": "alpharec", "selections": list(RULES), "claims": [CLAIM],
        "variants": {name: {"method": "bifair"} for name in CVS if name != "alpharec"},
        "budgets": {"default": {"seeds": [0, 1, 2, 3]}},
    }  # fmt: skip
    return GridSpec.model_validate(given | options)


def run(variant: str, rule: str, seed: int, dataset: str = "toy", group: str = "genre", **options: Any) -> Record:
    method = "alpharec" if variant == "alpharec" else "bifair"
    metrics = {
        "test/ndcg_at_20": NDCGS[variant][seed],
        f"test/{group}/cv_at_20": CVS[variant][seed],
        f"test/{group}/min25_at_20": 0.1 + seed / 100,
        "training_seconds": 10.0 if variant == "alpharec" else 20.0 + seed,
    }
    spec = {"method": method, "dataset": dataset, "group": group, "seed": seed, "evaluation": {"headline_k": 20}}
    made = Record("compare", variant, method, rule, seed, run=f"{variant}{seed}", metrics=metrics, spec=spec)
    return replace(made, **options)


def part(name: str = "s-default", dataset: str = "toy", group: str = "genre", **options: Any) -> Part:
    runs = [
        run(variant, rule, seed, dataset, group)
        for variant in CVS
        for rule in (RULES[:1] if variant == "alpharec" else RULES)
        for seed in range(4)
    ]
    records = Records("s", "default", {}, tuple(options.pop("runs", runs)))
    return Part(name, study(**options), records)


def board(made: Part, place: int = 1) -> Leaderboard:
    return leaderboard(boards_of([made])[place].comparisons[0])


def test_a_board_for_each_data_set_grouping_and_rule() -> None:
    parts = [part("a", "toy"), part("b", "toy", "popularity"), part("c", "other")]
    boards = boards_of(parts)
    tasks = [("toy", "genre"), ("toy", "popularity"), ("other", "genre")]
    assert [(*one.task, one.rule) for one in boards] == [(*task, rule) for task in tasks for rule in RULES]
    assert all(len(one.comparisons) == 1 for one in boards)
    assert [arm.rule for arm in boards[1].comparisons[0].arms] == ["best_ndcg", *["fair_within:0.02"] * 3]


def test_two_studies_of_one_task_are_beside_each_other_and_never_in_one_table() -> None:
    best, within = boards_of([part("a"), part("b")])
    assert [one.part.name for one in best.comparisons] == ["a", "b"]
    assert [len(one.arms) for one in within.comparisons] == [4, 4]
    assert [best.title_of(one) for one in best.comparisons] == ["Study s (a)", "Study s (b)"]
    pages = site_files("t", "l", [part("a"), part("b")], (), "", "")
    assert pages["index.html"].count('<th scope="row">toy, genre<small>') == 2, "neither takes the other's place"


def test_a_study_without_rules_has_one_board_for_the_rule_that_all_have_or_for_each_its_own() -> None:
    every = part(selections=[], claims=[]).records.runs
    alike = [one for one in every if one.rule == "best_ndcg"]
    assert [one.rule for one in boards_of([part(selections=[], claims=[], runs=alike)])] == ["best_ndcg"]
    mixed = [one for one in every if one.rule == RULES[1] or one.variant == "alpharec"]
    (one,) = boards_of([part(selections=[], claims=[], runs=mixed)])
    assert one.rule_name == OWN_RULE
    assert len(one.comparisons[0].arms) == 4


def test_a_row_has_means_changes_costs_and_ranks() -> None:
    found = board(part())
    assert [row.name for row in found.rows] == ["poor", "fairer", "fair", "alpharec"]
    rows = {row.name: row for row in found.rows}
    mean = sum(CVS["fair"]) / 4
    half = rows["fair"].means[CV]
    assert half is not None
    assert half.mean == pytest.approx(mean)
    deviation = (sum((value - mean) ** 2 for value in CVS["fair"]) / 3) ** 0.5
    assert half.high - half.mean == pytest.approx(t.ppf(0.975, 3) * deviation / 2)
    assert rows["fair"].changes[CV].change == pytest.approx(mean / (sum(CVS["alpharec"]) / 4) - 1)
    assert rows["fair"].lost == pytest.approx(1 - sum(NDCGS["fair"]) / sum(NDCGS["alpharec"]))
    assert rows["fair"].times == pytest.approx(21.5 / 10)
    assert rows["alpharec"].changes == {}
    assert rows["alpharec"].lost is None
    assert ttest_rel(CVS["fair"], CVS["fairer"]).pvalue > 0.05
    ranks = {name: row.rank for name, row in rows.items()}
    both = RankRange(2, 3)
    assert ranks == {"poor": RankRange(1, 1), "fair": both, "fairer": both, "alpharec": RankRange(4, 4)}
    assert CV in rows["fair"].better
    assert NDCG not in rows["poor"].better


def test_the_winner_is_the_fairest_of_those_that_are_whole_and_nearly_as_accurate() -> None:
    found = board(part())
    assert found.winner is not None
    assert found.winner.name == "fairer", "poor loses a third of the accuracy"
    fewer = [one for one in part().records.runs if (one.variant, one.seed) != ("fairer", 3)]
    winner = board(part(runs=fewer)).winner
    assert winner is not None
    assert winner.name == "fair", "a seed of fairer is missing"


def test_runs_that_do_not_count_are_rows_with_their_reason() -> None:
    unmet = {("fair", 0): {"tags": {NONE_QUALIFIES: "true"}}, ("fairer", 1): {"failure": "it broke", "metrics": {}}}
    runs = [replace(one, **unmet.get((one.variant, one.seed), {})) for one in part().records.runs]
    none = {"failure": "none qualifies", "metrics": {}, "run": "", "spec": {}}
    runs = [replace(one, **none) if one.variant == "poor" else one for one in runs]
    found = board(part(runs=runs))
    rows = {row.name: row for row in found.rows}
    assert [len(rows[name].arm.runs) for name in ("fair", "fairer", "poor")] == [3, 3, 0]
    assert rows["poor"].rank is None
    assert found.rows[-1].name == "poor"
    html = board_table(found, "Study s", RULES[1], dict.fromkeys(rows, "x.html"), dict.fromkeys(rows, 0))
    assert "3 of 4" in html
    assert "Nothing met fair_within:0.02 with seed 0: fair." in html
    assert "Failed with seed 1: fairer." in html
    assert "Nothing met fair_within:0.02 with seeds 0–3: poor." in html


def test_families_come_of_the_method_the_vectors_and_the_re_ranking() -> None:
    def families(**spec: Any) -> list[tuple[str, ...]]:
        runs = [replace(one, spec={**one.spec, **spec}) for one in part().records.runs]
        return [row.families for row in board(part(runs=runs)).rows if row.name in ("fair", "alpharec")]

    assert families() == [("in",), ()]
    assert families(rerank={"name": "cpfair"}) == [("in", "post"), ("post",)]
    assert families(encoder={"erase": "genre"}) == [("pre", "in"), ("pre",)]
    assert families(rerank={"name": "not installed"}) == [("in",), ()]


def test_the_matrix_has_a_column_for_each_task_and_leads_to_the_boards() -> None:
    parts = [part("a", "toy"), part("b", "toy", "popularity")]
    (matrix,) = matrices(parts)
    assert matrix.headings == ["toy, genre", "toy, popularity"]
    first, second = matrix.cells[0, 0], matrix.cells[0, 1]
    assert [one.judged.verdict.word for one in (*first, *second)] == ["reproduced"] * 2
    assert [one.rule for one in (*first, *second)] == ["fair_within:0.02"] * 2
    assert matrices([part("a"), part("b")])[0].headings == ["toy, genre (a)", "toy, genre (b)"]


def test_a_claim_that_was_not_run_is_said_of_every_task_and_leads_nowhere() -> None:
    runs = [one for one in part().records.runs if one.variant != "fair"]
    (found,) = placed_claims(part(runs=runs))
    assert found.judged.verdict.word == "not testable here"
    assert found.rule == ""
    assert found.task == ("toy", "genre")


def parsed(command: str) -> Any:
    """The spec that the command line makes of a command, as ``harness run`` builds it."""
    words = shlex.split(command)
    assert words[:2] == ["harness", "run"]
    group: Any = typer.main.get_command(app)
    given = group.commands["run"].make_context("run", words[2:]).params
    flags = {key: given[key] for key in ("method", "dataset", "group", "seed")}
    assert not [key for key, value in given.items() if value and key not in (*flags, "assignments", "threads")
                and group.commands["run"].make_context("run", ["--plain"]).params.get(key) != value]  # fmt: skip
    flags["compute"] = {} if given["threads"] is None else {"threads": given["threads"]}
    return build_spec(merged(flags, parse_assignments(given["assignments"])))


@pytest.mark.parametrize("name", ["main-default", "empirical-default", "ablation-default"])
def test_the_printed_command_builds_the_spec_that_was_recorded(name: str) -> None:
    records = [one for one in read_records(RESULTS / name).stage("compare") if one.spec]
    assert len(records) > 40
    for record, again in zip(records, made_again(records), strict=True):
        assert again.note == ""
        recorded = build_spec(record.spec).digest
        assert record.tags.get("spec", recorded) == recorded
        assert build_spec(json.loads(again.spec)).digest == recorded
    last = {(one.variant, one.rule): place for place, one in enumerate(records)}
    for place in last.values():
        spec = parsed(made_again(records)[place].command)
        assert spec.digest == build_spec(records[place].spec).digest
        assert spec.seed == records[place].seed
        assert str(spec.compute.threads) == records[place].tags.get("threads", str(spec.compute.threads))


def test_a_spec_that_cannot_be_built_here_is_a_file_and_says_why() -> None:
    record = run("fair", "best_ndcg", 0)
    (again,) = made_again([replace(record, spec={**record.spec, "dataset": "nowhere"})])
    assert again.command == f"harness run --spec {SPEC_FILE}"
    assert "nowhere" in again.note
    assert json.loads(again.spec)["dataset"] == "nowhere"


def test_a_spec_that_is_read_otherwise_than_it_was_is_not_given_as_flags() -> None:
    spec = build_spec({"method": "random"}).model_dump(mode="json")
    (again,) = made_again([replace(run("fair", "best_ndcg", 0), spec=spec, tags={"spec": "0" * 16})])
    assert again.command == f"harness run --spec {SPEC_FILE}"
    assert "0" * 16 in again.note


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/home/ada/books.toml: no such file", "books.toml: no such file"),
        ("cannot read '/srv/data/x y'", "cannot read 'x y'"),
        ("see ~/notes and ../../up/there", "see notes and there"),
        (r"C:\Users\ada\model is not there", "model is not there"),
        ("owner/all-MiniLM-L6-v2, 3/4 of 10 %", "owner/all-MiniLM-L6-v2, 3/4 of 10 %"),
        ("https://doi.org/10.1145/2827872", "https://doi.org/10.1145/2827872"),
    ],
)
def test_paths_of_a_machine_are_their_last_part(text: str, shown: str) -> None:
    assert public_text(text) == shown


def test_specs_and_tags_for_strangers() -> None:
    tree = {"dataset": "my/books.toml", "encoder": {"name": "/models/small", "dim": 3}, "use": ["ndcg", "~/own.py"]}
    told = {"dataset": "books.toml", "encoder": {"name": "small", "dim": 3}, "use": ["ndcg", "own.py"]}
    assert public_tree(tree) == told
    tags = {"mlflow.user": "ada", "mlflow.source.name": "/usr/bin/harness", "hash.data": "d", "version.torch": "2",
            "commit": "c", "platform": "Linux"}  # fmt: skip
    assert public_tags(tags) == {"hash of the data": "d", "system": "Linux", "commit": "c", "version of torch": "2"}


def test_all_boards_are_one_table_for_programs() -> None:
    made = part()
    boards = boards_of([made])
    both = [(one, [leaderboard(comparison) for comparison in one.comparisons]) for one in boards]
    rows = list(csv.DictReader(io.StringIO(values_csv(both))))
    assert len(rows) == 8
    fair = next(row for row in rows if row["variant"] == "fair" and row["rule"] == RULES[1])
    assert float(fair["cv"]) == pytest.approx(sum(CVS["fair"]) / 4)
    assert (fair["rank_best"], fair["rank_worst"], fair["seeds"], fair["families"]) == ("2", "3", "4", "in")
    assert next(row for row in rows if row["variant"] == "alpharec")["cv_change"] == ""


def test_the_edge_of_the_front_turns_at_right_angles() -> None:
    assert staircase([(3.0, 1.0), (1.0, 5.0)]) == "1.0,5.0 1.0,1.0 3.0,1.0"
    assert staircase([]) == ""


def test_marks_are_filled_where_nobody_is_better_in_both() -> None:
    found = board(part())
    pages = {row.name: f"{row.name}.html" for row in found.rows}
    drawn = front_svg(found, CV, (True, False), dict.fromkeys(CVS, 0), pages, "c")
    filled = {name for name in CVS if f'class="mark on" href="{name}.html"' in drawn}
    hollow = {name for name in CVS if f'class="mark" href="{name}.html"' in drawn}
    assert (filled, hollow) == ({"alpharec", "fair", "fairer"}, set()), "poor is outside of the frame"


def test_labels_stay_inside_and_do_not_cover_each_other() -> None:
    frame = Box(0, 0, 300, 200)
    points = [(5.0, 100.0), (295.0, 100.0), (150.0, 5.0), (150.0, 195.0), (150.0, 100.0), (160.0, 100.0)]
    labels = placed(["label"] * 6, points, frame, 10)
    assert not any(label.crowded for label in labels)
    for place, label in enumerate(labels):
        assert label.box.shared(frame) == pytest.approx(label.box.area)
        assert all(label.box.shared(other.box) == 0 for other in labels[:place])
    assert [label.crowded for label in placed(["a long name"] * 30, [(150.0, 100.0)] * 30, frame, 10)].count(True) > 10


def test_a_lead_is_little_markdown_and_no_markup() -> None:
    assert lead_html("a `x = <y>` **b**\n\n- one\n- two") == (
        "<p>a <code>x = &lt;y&gt;</code> <strong>b</strong></p>\n<ul><li>one</li><li>two</li></ul>"
    )
    assert lead_html("[here](https://a.b/c) <script>") == '<p><a href="https://a.b/c">here</a> &lt;script&gt;</p>'
    assert lead_html("[here](javascript:alert)") == "<p>here</p>"


def test_committed_studies_have_boards() -> None:
    folders = sorted(path.parent for path in RESULTS.glob("*/study.json"))
    parts = []
    for folder in folders:
        records = read_records(folder)
        declared = declared_study(records.declared, records.study)
        assert isinstance(declared, GridSpec)
        parts.append(Part(folder.name, declared, records))
    arms = {(id(one.part), arm) for found in boards_of(parts) for one in found.comparisons for arm in one.arms}
    assert arms == {(id(one), arm) for one in parts for arm in one.arms}, "nothing that was compared is left out"
