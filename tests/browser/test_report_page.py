"""The report of a study: tables sort by a click, it fits a phone and the dark, headings stay with what follows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Watched
from .contrast import contrasts

pytestmark = pytest.mark.browser


@pytest.fixture
def file(home: Path) -> Path:
    (report,) = (home / "reports").iterdir()
    return report / "report.html"


def column(table: Any, place: int) -> list[str]:
    return [str(text) for text in table.locator(f"tbody tr > :nth-child({place})").all_inner_texts()]


def test_a_click_sorts_and_one_more_turns_it_around(file: Path, opened: Callable[..., Watched]) -> None:
    page = opened(file).page
    table = page.locator("table").filter(has_text="NDCG@20").first
    names = column(table, 1)
    table.get_by_role("button", name="variant").click()
    assert column(table, 1) == sorted(names)
    ndcg = table.get_by_role("button", name="NDCG@20 ↑")
    place = 1 + [text.strip() for text in table.locator("thead th").all_inner_texts()].index("NDCG@20 ↑")
    for turn in (1, -1):
        ndcg.click()
        found = [float(text.split()[0].replace("−", "-")) for text in column(table, place)]
        assert found == sorted(found, key=lambda value, turn=turn: turn * value)  # type: ignore[misc]
    assert table.locator("th[aria-sort]").all_inner_texts() == ["NDCG@20 ↑"]


def test_what_is_absent_stays_last(file: Path, opened: Callable[..., Watched]) -> None:
    page = opened(file).page
    page.evaluate("""() => document.querySelectorAll('table tbody')[0].rows[0].cells[1].textContent = '–'""")
    table = page.locator("table").first
    for _ in range(2):
        table.locator("thead th").nth(1).get_by_role("button").click()
        assert column(table, 2)[-1] == "–"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone_and_is_read_in_both_schemes(scheme: str, file: Path, opened: Callable[..., Watched]) -> None:
    watched = opened(file, 400, color_scheme=scheme)
    assert watched.fits()
    assert contrasts(watched.page) == []
    widths = watched.page.locator("tbody th.k").evaluate_all("cells => cells.map(cell => cell.offsetWidth)")
    assert widths
    assert max(widths) <= 180, "the first column leaves room for the others"


def test_contrast_is_measured(file: Path, opened: Callable[..., Watched]) -> None:
    page = opened(file).page
    page.add_style_tag(content=".note { color: #999 !important; }")
    assert {tag for _, tag, _ in contrasts(page)} == {"P"}


def test_only_its_own_script_runs(file: Path, tmp_path: Path, opened: Callable[..., Watched]) -> None:
    other = tmp_path / "other.html"
    text = file.read_text(encoding="utf-8")
    other.write_text(text.replace("</main>", "<script>document.title = 'taken over'</script></main>"), encoding="utf-8")
    watched = opened(other)
    assert watched.page.title() != "taken over"
    assert any("Content Security Policy" in fault for fault in watched.faults)
    watched.faults.clear()


def test_no_heading_is_alone_at_the_end_of_a_page(file: Path, opened: Callable[..., Watched]) -> None:
    page = opened(file).page
    page.emulate_media(media="print")
    for heading in page.locator("h2").all():
        assert heading.evaluate("one => getComputedStyle(one).breakAfter") == "avoid"
    tall = page.locator("figure svg").evaluate_all("all => all.map(one => getComputedStyle(one).maxHeight)")
    assert all(float(height.removesuffix("px")) < 800 for height in tall), "a heading and a figure fit on one page"
