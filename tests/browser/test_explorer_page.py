"""The page on which runs are compared by hand, of a study and of two runs."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.report.explorer.explored_runs import of_records
from harness.report.explorer.explorer_page import explorer_html
from harness.study.records import read_records

from .conftest import Watched, command
from .contrast import contrasts

pytestmark = pytest.mark.browser
RESULTS = Path(__file__).resolve().parents[2] / "results/main-default"


@pytest.fixture
def file(home: Path) -> Path:
    (report,) = (home / "reports").iterdir()
    return report / "runs.html"


def marks(page: Any) -> Any:
    """The marks of the scatter plot: paths with a colour, without those of axes."""
    return page.locator("#scatter svg path[fill]:not([fill=none])")


def test_every_measured_run_is_a_line_and_a_mark_and_a_row(file: Path, opened: Callable[..., Watched]) -> None:
    page = opened(file).page
    assert marks(page).count() == 6
    assert page.locator("#parallel svg").get_by_text("NDCG@20", exact=True).count() == 1
    page.locator("#split").select_option("validation")
    assert marks(page).count() == 6 + 5, "trials as well: two of each tuned method, one of the other"
    assert page.locator("tbody tr").count() == 11


def test_pointing_at_a_run_names_it_and_clicking_chooses_it(file: Path, opened: Callable[..., Watched]) -> None:
    page = opened(file).page
    place = marks(page).last.bounding_box()
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    tip = page.locator(".tip")
    tip.first.wait_for()
    name = tip.first.locator("strong").inner_text()
    assert re.fullmatch(r"(joint|mf|most_popular), best_ndcg, seed [01]", name)
    before = page.locator("#chosen").inner_text()
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    assert (name in before) != (name in page.locator("#chosen").inner_text())


def test_a_range_of_an_axis_leaves_the_other_runs_pale(file: Path, opened: Callable[..., Watched]) -> None:
    page = opened(file).page

    def pale() -> int:
        return int(
            marks(page).evaluate_all("all => all.filter(one => one.getAttribute('fill-opacity') == '0.1').length")
        )

    place = page.locator("#parallel svg").get_by_text("NDCG@20", exact=True).bounding_box()
    x, top = place["x"] + place["width"] / 2, place["y"] + place["height"]
    assert pale() == 0
    page.mouse.move(x, top + 10)
    page.mouse.down()
    page.mouse.move(x, top + 60, steps=4)
    page.mouse.move(x, top + 180, steps=8)
    page.mouse.up()
    page.wait_for_timeout(300)
    assert 0 < pale() < 6


def test_a_method_can_be_hidden(file: Path, opened: Callable[..., Watched]) -> None:
    page = opened(file).page
    page.get_by_role("button", name="mf").click()
    assert marks(page).count() == 4


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone_in_both_schemes(scheme: str, file: Path, opened: Callable[..., Watched]) -> None:
    watched = opened(file, 400, color_scheme=scheme)
    assert watched.fits()
    assert watched.page.locator("#parallel svg").bounding_box()["width"] <= 400
    assert contrasts(watched.page) == []


def test_two_runs_of_the_command_line(home: Path, tmp_path: Path, opened: Callable[..., Watched]) -> None:
    found = re.findall(r"<code>(\w+)</code>", (next((home / "reports").iterdir()) / "runs.html").read_text())
    ids = [whole(home, short) for short in found[:2]]
    said = command(home, "compare", *ids, "--html", str(tmp_path / "two.html"))
    assert said.endswith(f"page {tmp_path / 'two.html'}\n")
    page = opened(tmp_path / "two.html").page
    assert marks(page).count() == 2
    page.get_by_text("A: ", exact=False).first.wait_for()


def test_the_published_results_as_the_readme_shows_them(
    tmp_path: Path, opened: Callable[..., Watched], pictured: Callable[[Any, str], None]
) -> None:
    records = read_records(RESULTS)
    file = tmp_path / "runs.html"
    file.write_text(explorer_html(of_records(records, "What harness run --study main measured")), encoding="utf-8")
    page = opened(file, 1100).page
    measured = [record for record in records.stage("compare") if record.finished]
    assert marks(page).count() == len(measured)
    page.set_viewport_size({"width": 1100, "height": 1190})
    pictured(page, "runs")


def test_mlflow_shows_it_among_the_files_of_the_studys_run(
    served: str, home: Path, opened: Callable[..., Watched]
) -> None:
    (parent,) = (path.parents[2].name for path in (home / "mlflow/artifacts").rglob("report/runs.html"))
    address = served.partition("/runs?")[0]
    page = opened(f"{address}/runs/{parent}/artifacts/report/runs.html").page
    page.frame_locator("iframe").locator("#parallel svg").wait_for()


def whole(home: Path, short: str) -> str:
    """The id that begins like this."""
    return next(path.name for path in (home / "mlflow/artifacts").rglob(f"{short}*") if path.is_dir())
