"""Fronts, forests, pictures and verdicts of a comparison, from records made by hand."""

import io
from collections.abc import Mapping
from typing import Any

import pytest

from harness.report.document import Picture, Section, Table, Text
from harness.report.grid.arms import CV, MIN, NDCG, arm_names, arms_of, counterpart
from harness.report.grid.claims import claims_section
from harness.report.grid.forest import forest_section
from harness.report.grid.front_section import front_section, seed_volumes
from harness.report.grid.path import baseline_accuracy, fairest
from harness.report.grid.pictures import pictures_section
from harness.report.grid.trajectories import extremes_of, moves
from harness.study.records import CurvePoint, Record, Records
from harness.study.study_spec import Claim, GridSpec, Published

SPEC = {"group": "genre", "dataset": "toy", "encoder": {"name": "random"}, "evaluation": {"headline_k": 20}}
NOISE = (0.001, -0.002, 0.0005, 0.0, 0.0015)


def run(
    variant: str, seed: int, ndcg: float, cv: float, least: float = 0.1, *, rule: str = "best_ndcg",
    point: Mapping[str, Any] | None = None, validation: tuple[float, float] | None = None, groups: int = 3,
) -> Record:  # fmt: skip
    metrics = {"test/ndcg_at_20": ndcg, "test/genre/cv_at_20": cv, "test/genre/min25_at_20": least}
    metrics |= {f"test/genre/utility_at_20/g{i}": 0.1 * (i + 1) * ndcg for i in range(groups)}
    kept = validation or (ndcg, cv)
    metrics |= {"validation/ndcg_at_20": kept[0], "validation/genre/cv_at_20": kept[1]}
    name = f"{variant}-{rule}-{point}-{seed}"
    return Record("compare", variant, variant, rule, seed, point or {}, run=name, metrics=metrics, spec=SPEC)


def records(*runs: Record, curves: tuple[CurvePoint, ...] = ()) -> Records:
    return Records("main", "default", {}, runs, curves)


def study(found: Records, **options: Any) -> GridSpec:
    methods = tuple(dict.fromkeys([record.variant for record in found.runs] + ["alpharec"]))
    return GridSpec(summary="s", methods=methods, budgets={}, baseline="alpharec", **options)


def seeds(variant: str, ndcg: float, cv: float, n: int = 5, **options: Any) -> list[Record]:
    return [run(variant, i, ndcg + NOISE[i], cv + NOISE[-1 - i], **options) for i in range(n)]


def tables(section: Section | None) -> dict[str, Table]:
    assert section is not None
    return {block.name: block for block in section.blocks if isinstance(block, Table)}


def drawn(section: Section | None) -> list[str]:
    """Names of the pictures, each of which can be saved."""
    assert section is not None
    pictures = [block for block in section.blocks if isinstance(block, Picture)]
    for picture in pictures:
        picture.figure.savefig(io.BytesIO(), format="png", dpi=40)
        assert picture.caption
    return [picture.name for picture in pictures]


def many(n: int, groups: int = 3) -> Records:
    """``n`` variants beside the baseline, with curves."""
    runs = [*seeds("alpharec", 0.3, 0.5, groups=groups)]
    for i in range(n):
        runs += seeds(f"m{i}", 0.3 - 0.002 * i, 0.48 - 0.005 * i, groups=groups)
    curves = tuple(
        CurvePoint(record.run, f"train/{kind}/g{group}", epoch, group + 2.0 * epoch)
        for record in runs
        for kind in ("group_weight", "group_loss")
        for group in range(groups)
        for epoch in (1, 2, 3)
    )
    return records(*runs, curves=curves)


@pytest.mark.parametrize("n", [1, 2, 9])
def test_pictures_of_few_and_of_many_variants(n: int) -> None:
    found = many(n, groups=3 if n < 9 else 30)
    spec = study(found)
    assert drawn(front_section(spec, found)) == ["front"]
    assert drawn(forest_section(spec, found)) == ["forest"]
    section = pictures_section(spec, found)
    assert drawn(section) == ["utilities", "group-weight", "group-loss"]
    assert section is not None
    assert ("Not shown: " in section.blocks[0].caption) == (n == 9)  # type: ignore[union-attr]


def test_the_baseline_alone() -> None:
    found = many(0)
    assert drawn(front_section(study(found), found)) == ["front"]
    assert drawn(pictures_section(study(found), found)) == ["utilities", "group-weight", "group-loss"]
    assert forest_section(study(found), found) is None


def test_nothing_measured() -> None:
    empty = records()
    assert front_section(study(empty), empty) is None
    assert pictures_section(study(empty), empty) is None
    assert forest_section(study(empty), empty) is None
    assert claims_section(study(empty), empty) is None


def test_tasks_that_differ_have_pictures_of_their_own() -> None:
    runs = [record for data in ("a", "b") for name in ("alpharec", "bifair")
            for record in seeds(name, 0.3, 0.4, 2, point={"dataset": data})]  # fmt: skip
    found = records(*runs)
    for section in (front_section(study(found), found), forest_section(study(found), found)):
        assert len(drawn(section)) == len(set(drawn(section))) == 2
    assert len(drawn(pictures_section(study(found), found))) == 2


def test_one_seed_has_pictures_without_intervals() -> None:
    found = records(*seeds("alpharec", 0.3, 0.5, 1), *seeds("bifair", 0.29, 0.4, 1))
    assert drawn(front_section(study(found), found)) == ["front"]
    assert drawn(forest_section(study(found), found)) == ["forest"]


def test_points_of_a_path_stand_in_one_forest_beside_the_only_baseline() -> None:
    runs = [*seeds("alpharec", 0.3, 0.5, 3)]
    for knob in (1, 2):
        for name in ("bifair", "joint"):
            runs += seeds(name, 0.3, 0.5 - 0.1 * knob, 3, point={"config.lam": knob})
    section = forest_section(study(records(*runs)), records(*runs))
    assert section is not None
    assert [block.name for block in section.blocks if isinstance(block, Picture)] == ["forest"]
    axes = section.blocks[0].figure.axes[0]  # type: ignore[union-attr]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == [f"{name}, lam {knob}" for name in ("bifair", "joint") for knob in (1, 2)]
    changes = [line.get_xdata()[0] for line in axes.get_lines() if line.get_marker() != "None"]
    assert sorted(changes) == pytest.approx([-40, -40, -20, -20], abs=1)


def test_hypervolumes_of_a_path() -> None:
    """Two points above (0, 0.8): 0.2 × 0.5 + (0.3 − 0.2) × 0.3 under CV; a dominated point adds nothing."""
    path = [((0.3, 0.5), 1), ((0.2, 0.3), 2), ((0.15, 0.6), 3)]
    runs = [run("bifair", 0, *place, point={"config.lam": knob}) for place, knob in path]
    volumes = seed_volumes(arms_of(runs), CV, (True, False), 0.8)
    assert volumes == {0: pytest.approx(0.2 * 0.5 + 0.1 * 0.3)}


def test_the_reference_point_is_most_popular_where_it_was_run() -> None:
    runs = [run("alpharec", 0, 0.3, 0.5), run("bifair", 0, 0.29, 0.4)]
    with_popular = records(*runs, run("most_popular", 0, 0.1, 0.9))
    table = tables(front_section(study(with_popular), with_popular))["hypervolume"]
    values = {row["variant"]: row["hypervolume"] for row in table.data if row["plane"] == CV}
    assert values["bifair"] == pytest.approx(0.29 * 0.5)
    assert "mean of most_popular" in table.note
    table = tables(front_section(study(records(*runs)), records(*runs)))["hypervolume"]
    values = {row["variant"]: row["hypervolume"] for row in table.data if row["plane"] == CV}
    assert values == {"alpharec": 0, "bifair": pytest.approx(0.29 * 0.1)}
    assert "the worst measured" in table.note


def test_validation_alone_chooses_the_point_at_matched_accuracy() -> None:
    """λ = 2 is fairest on validation within 5 %; on test another point is, which does not matter."""
    runs = [
        run("alpharec", 0, 0.30, 0.5, validation=(0.30, 0.5)),
        run("bifair", 0, 0.31, 0.1, point={"config.lam": 1}, validation=(0.299, 0.45)),
        run("bifair", 0, 0.28, 0.4, point={"config.lam": 2}, validation=(0.29, 0.40)),
        run("bifair", 0, 0.33, 0.1, point={"config.lam": 3}, validation=(0.20, 0.10)),
    ]
    arms = arms_of(runs)
    assert baseline_accuracy(arms[:1]) == {0: 0.30}
    choice = fairest(arms[1:], 0, 0.95 * 0.30)
    assert choice is not None
    assert (choice.name, choice.run) == ("lam 2", runs[2])
    assert fairest(arms[1:], 0, 0.5) is None
    lines = tables(front_section(study(records(*runs)), records(*runs)))["paths"].lines
    assert [line[1:3] for line in lines] == [("1 %", "0.310"), ("2 %", "0.310"), ("5 %", "0.280")]


def test_rules_alone_make_no_path() -> None:
    rules = [run("bifair", 0, 0.3, 0.4, rule=rule) for rule in ("best_ndcg", "fair_within:0.02")]
    found = records(run("alpharec", 0, 0.30, 0.5), *rules)
    assert "paths" not in tables(front_section(study(found), found))


def test_a_path_without_a_baseline_says_so() -> None:
    runs = records(*(run("bifair", 0, 0.3, 0.4, point={"config.lam": knob}) for knob in (1, 2)))
    section = front_section(study(runs), runs)
    assert section is not None
    assert any(isinstance(block, Text) and "no NDCG on validation" in block.text for block in section.blocks)


def test_arms_have_names_and_counterparts() -> None:
    arms = arms_of([
        run("alpharec", 0, 0.3, 0.5),
        run("bifair", 0, 0.3, 0.4, rule="best_ndcg"),
        run("bifair", 0, 0.3, 0.4, rule="fair_within:0.02"),
        run("joint", 0, 0.3, 0.4, point={"config.lam": 2}),
        run("alpharec", 0, 0.3, 0.5, point={"group": "popularity"}),
    ])  # fmt: skip
    assert arm_names(arms[:4]) == ["alpharec", "bifair, best_ndcg", "bifair, fair_within:0.02", "joint, lam 2"]
    assert [counterpart(arms, "alpharec", arm) for arm in arms[1:]] == [arms[0]] * 3 + [arms[4]]
    assert counterpart(arms, "bifair", arms[4]) is None, "another problem"
    assert arms[0].values(NDCG) == {0: 0.3}
    assert arms[0].values(MIN) == {0: 0.1}


def test_lines_of_constant_values_are_not_drawn() -> None:
    assert not moves({"a": {1: 0.5, 2: 0.5}, "b": {1: 0.1, 2: 0.11}})
    assert moves({"a": {1: 0.5, 2: 0.4}})
    assert not moves({})
    assert extremes_of({name: {1: value} for name, value in zip("abcdef", range(6), strict=True)}) == list("feba")


def line(section: Section | None, number: int = 0) -> dict[str, str]:
    table = tables(section)["claims"]
    return dict(zip(table.headings, table.lines[number], strict=True))


LOWER_CV = Claim(text="lowers CV", metric="{group}/cv", variant="bifair", against="alpharec", published=-8.88,
                 comparable=0.02, source="Table 2")  # fmt: skip


def test_a_claim_that_holds_and_one_that_cannot_be_tested() -> None:
    found = records(*seeds("alpharec", 0.3, 0.5), *seeds("bifair", 0.3, 0.4))
    published = (Published(source="Table 2", dataset="ml-1m", encoder="big", variant="bifair", metric="ndcg", value=1),)
    spec = study(found, claims=(LOWER_CV, Claim(text="scales", untestable="needs a cluster")), published=published)
    first, second = (line(claims_section(spec, found), number) for number in (0, 1))
    assert first["verdict"].startswith("reproduced: NDCG 0.0 … 0.0 %")
    assert "data set toy, published: ml-1m; encoder random, published: big" in first["verdict"]
    assert (first["here"], first["published"], first["seeds"]) == ("−20.0 %", "−8.88 %", "5")
    assert first["measured"] == "CV@20 of genre: bifair against alpharec"
    assert second["verdict"] == "not testable here: needs a cluster"


@pytest.mark.parametrize(
    ("bifair", "expected"),
    [
        (seeds("bifair", 0.2, 0.4), "not reproduced: accuracy fell by more than 2 %"),
        (seeds("bifair", 0.3, 0.6), "not reproduced: the other way"),
        (seeds("bifair", 0.3, 0.5), "not reproduced: no significant difference"),
        (seeds("bifair", 0.3, 0.4, 1), "not testable here: 1 paired seed"),
        ([run("bifair", 9, 0.3, 0.4)], "not testable here: no shared seed"),
        ([], "not testable here: no run of bifair"),
    ],
)
def test_claims_that_do_not_hold(bifair: list[Record], expected: str) -> None:
    found = records(*seeds("alpharec", 0.3, 0.5), *bifair, *seeds("other", 0.3, 0.5, 1))
    methods = ("alpharec", "bifair", "other")
    spec = GridSpec(summary="s", methods=methods, budgets={}, baseline="alpharec", claims=(LOWER_CV,))
    section = claims_section(spec, found)
    assert line(section)["verdict"].startswith(expected)
    told = str((tables(section)["claims"].lines, tables(section)["claims"].data))
    assert "CV@20 of genre" in told or "CV of the groups trained on" in told
    assert "{group}" not in told


def test_where_no_trial_met_the_rule_the_runs_under_another_count_and_are_named() -> None:
    found = records(*seeds("alpharec", 0.3, 0.5), *seeds("bifair", 0.3, 0.4))
    claim = LOWER_CV.model_copy(update={"selection": "fair_within:0.02"})
    both = study(found, claims=(claim,), selections=("best_ndcg", "fair_within:0.02"),
                 variants={"alpharec": {"method": "alpharec", "selections": ["best_ndcg"]}})  # fmt: skip
    told = line(claims_section(both, found))["verdict"]
    assert told.endswith("no trial of bifair met fair_within:0.02: its runs under best_ndcg"), (
        "the baseline has one rule"
    )
    met = records(*seeds("alpharec", 0.3, 0.5), *seeds("bifair", 0.3, 0.4, rule="fair_within:0.02"))
    assert "no trial" not in line(claims_section(both, met))["verdict"]


def test_claims_are_corrected_together() -> None:
    """Holm over the two that can be tested: the smaller p doubles."""
    noisy = [run("bifair", i, 0.3, 0.4 + 30 * noise) for i, noise in enumerate(NOISE)]
    found = records(*seeds("alpharec", 0.3, 0.5), *noisy)
    claims = (LOWER_CV, LOWER_CV.model_copy(update={"metric": "ndcg"}), Claim(text="t", untestable="u"))
    rows = tables(claims_section(study(found, claims=claims), found))["claims"].data
    smaller = min(rows[0]["p"], rows[1]["p"])
    assert min(rows[0]["p_holm"], rows[1]["p_holm"]) == pytest.approx(2 * smaller)
    assert rows[2]["p_holm"] != rows[2]["p_holm"]


def test_a_claim_at_every_point_has_a_verdict_at_each() -> None:
    points = [{"encoder.name": "random"}, {"encoder.name": "tfidf"}]
    runs = [record for point in points for name, cv in (("alpharec", 0.5), ("bifair", 0.4))
            for record in seeds(name, 0.3, cv, point=point)]  # fmt: skip
    found = records(*runs)
    table = tables(claims_section(study(found, claims=(LOWER_CV,)), found))["claims"]
    assert [row["place"] for row in table.data] == ["encoder.name random", "encoder.name tfidf"]
    one = LOWER_CV.model_copy(update={"point": points[1]})
    assert len(tables(claims_section(study(found, claims=(one,)), found))["claims"].lines) == 1
