"""Arms are the same whether they are planned or read from records."""

from dataclasses import replace
from pathlib import Path

from harness.study.arm import Arm
from harness.study.points import GridPoint
from harness.study.records import Record, Records, read_records, write_records

POINT = {"data.ratios": (0.4, 0.3, 0.3), "config.lam": 2, "encoder.name": "random", "group": "age"}
PLANNED = Arm("joint (ERM)", "joint", "best_ndcg", GridPoint("lam 2", POINT))


def test_a_planned_arm_is_that_of_its_records(tmp_path: Path) -> None:
    record = Record("compare", "joint (ERM)", "joint", "best_ndcg", 3, dict(reversed(POINT.items())))
    write_records(Records("main", "default", {}, (record,)), tmp_path)
    (read,) = read_records(tmp_path).runs
    assert {PLANNED: 1}[read.arm] == 1
    assert read.arm.search == PLANNED.search


def test_arms_that_differ_in_their_rule_alone_share_their_trials() -> None:
    fair = replace(PLANNED, rule="fair_within:0.02")
    assert fair != PLANNED
    assert fair.search == PLANNED.search
    elsewhere = replace(PLANNED, point=GridPoint("lam 3", POINT | {"config.lam": 3}))
    assert PLANNED not in (elsewhere, replace(PLANNED, variant="joint"))
    assert elsewhere.search != PLANNED.search


def test_a_point_is_a_problem_and_knobs() -> None:
    assert PLANNED.point.problem == {"data.ratios": (0.4, 0.3, 0.3), "group": "age"}
    assert PLANNED.point.knobs == {"config.lam": 2, "encoder.name": "random"}
