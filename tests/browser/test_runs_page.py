"""MLflow's page of runs as ``harness ui`` leads to it: what it shows, sorting, a description, comparing two runs."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Watched

pytestmark = pytest.mark.browser

NDCG = "metrics.`test/ndcg_at_20`"


@pytest.fixture
def shown(served: str, opened: Callable[..., Watched]) -> Any:
    """The page, once the runs are there."""
    page = opened(served).page
    page.get_by_test_id("sort-header-test/ndcg_at_20").wait_for()
    cell(page, 0, NDCG).wait_for()
    return page


def cell(page: Any, row: int, column: str) -> Any:
    return page.locator(f'[role=row][row-index="{row}"] [col-id="{column}"]')


def values(page: Any, rows: int) -> list[float]:
    return [float(cell(page, row, NDCG).inner_text()) for row in range(rows)]


def test_it_lands_on_the_runs_with_accuracy_and_fairness_beside_each_other(shown: Any) -> None:
    columns = shown.locator("[role=columnheader][col-id]").evaluate_all(
        "cells => cells.map(cell => cell.getAttribute('col-id'))"
    )
    metrics = [name for name in columns if name.startswith("metrics.")]
    grouping = {name for name in metrics if "cv" in name or "min25" in name}
    assert len(metrics) == 3
    assert NDCG in metrics
    assert len(grouping) == 2, "CV and MIN of the grouping trained on"


def test_its_picture(shown: Any, pictured: Callable[[Any, str], None]) -> None:
    pictured(shown, "runs-page")
    assert shown.get_by_text("matching runs").is_visible()


def test_the_most_accurate_run_comes_first_and_a_click_turns_it_around(shown: Any) -> None:
    measured = 6
    before, first = values(shown, measured), cell(shown, 0, NDCG).inner_text()
    assert before == sorted(before, reverse=True)
    assert not re.match(r"\d", cell(shown, measured + 1, NDCG).inner_text()), "runs that were not measured come last"
    shown.get_by_test_id("sort-header-test/ndcg_at_20").click()
    shown.wait_for_url(re.compile("orderByAsc=true"))
    script = "([cell, before]) => document.querySelector(cell).innerText !== before"
    shown.wait_for_function(script, arg=[f'[row-index="0"] [col-id="{NDCG}"]', first])
    after = values(shown, measured)
    assert after == sorted(after)


def test_two_runs_are_compared(shown: Any) -> None:
    for row in (0, 1):
        shown.locator(f'[role=row][row-index="{row}"] input[type=checkbox]').first.check(force=True)
    shown.get_by_test_id("runs-compare-button").click()
    shown.wait_for_url(re.compile("compare-runs"))
    shown.get_by_text("Comparing 2 Runs").first.wait_for()


def test_a_run_describes_itself(shown: Any) -> None:
    cell(shown, 0, "attributes.`Run Name`").get_by_role("link").click()
    shown.get_by_text("On test data: NDCG@20").wait_for()
    shown.get_by_text("harness run --method").first.wait_for()
