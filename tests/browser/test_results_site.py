"""The published results in a browser: boards sort, filter, hide what loses too much; whole without a script."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.base.trees import read_tree
from harness.publish.results_parts import ResultsSpec
from harness.publish.results_site import write_site
from harness.report.grid.arms import CV
from harness.report.site.boards import Part, boards_of
from harness.report.site.leaderboard import Leaderboard, leaderboard
from harness.study.records import read_records
from harness.study.study_spec import GridSpec, declared_study

from .conftest import Watched
from .contrast import contrasts

pytestmark = pytest.mark.browser
RESULTS = Path(__file__).resolve().parents[2] / "results"
BOARD = "boards/movielens-100k_genre_fair_within_0.02.html"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the committed records but those of `grid`, so that boards have one table each."""
    folder = tmp_path_factory.mktemp("site")
    spec = ResultsSpec.model_validate(read_tree(RESULTS / "results.toml"))
    parts = [(RESULTS / one.folder, read_records(RESULTS / one.folder)) for one in spec.studies if one.study != "grid"]
    write_site(spec, parts, folder)
    return folder


@pytest.fixture(scope="module")
def told() -> Leaderboard:
    """The same board as Python has it."""
    records = read_records(RESULTS / "main-default")
    declared = declared_study(records.declared, records.study)
    assert isinstance(declared, GridSpec)
    boards = boards_of([Part("main-default", declared, records)])
    return leaderboard(next(one for one in boards if one.rule == "fair_within:0.02").comparisons[0])


def shown(page: Any) -> list[str]:
    """Names of the rows that one sees, in their order."""
    found: list[str] = page.locator(".board tbody tr:visible").evaluate_all("rows => rows.map(row => row.dataset.name)")
    return found


def drawn(page: Any) -> set[str]:
    """Names of the marks that one sees in the first picture."""
    found = (
        page.locator("svg.front").first.locator(".mark:visible").evaluate_all("all => all.map(one => one.dataset.name)")
    )
    return set(found)


def slide(page: Any, share: float) -> None:
    """Move the slider by keys, as people without a mouse do."""
    slider = page.get_by_label("NDCG that may be lost")
    slider.focus()
    page.keyboard.press("Home")
    for _ in range(round(share / 0.5)):
        page.keyboard.press("ArrowRight")


def test_any_column_sorts_and_turns_around(site: Path, opened: Callable[..., Watched], told: Leaderboard) -> None:
    page = opened(site / BOARD).page
    by_cv = [row.name for row in told.rows]
    assert shown(page) == by_cv
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("CV@20")
    page.get_by_role("button", name="variant").click()
    assert shown(page) == sorted(by_cv, key=str.casefold)
    values = {row.name: row.seconds.mean for row in told.rows if row.seconds}
    for turn in (1, -1):
        page.get_by_role("button", name="training, s").click()
        assert shown(page) == sorted(by_cv, key=lambda name, turn=turn: turn * values[name])  # type: ignore[misc]
    changes = {row.name: row.changes[CV].change for row in told.rows if row.changes}
    page.get_by_role("button", name="CV against alpharec").click()
    assert shown(page) == [*sorted(changes, key=changes.__getitem__), "alpharec"], "what is absent stays last"
    headings = page.locator(".board thead th")
    for place in range(headings.count()):
        headings.nth(place).get_by_role("button").click()
        assert headings.nth(place).get_attribute("aria-sort") == "ascending"
        assert sorted(shown(page)) == sorted(by_cv)


def test_the_slider_hides_what_loses_more_on_average(
    site: Path, opened: Callable[..., Watched], told: Leaderboard
) -> None:
    page = opened(site / BOARD).page
    for share in (0, 1, 2, 5):
        slide(page, share)
        stays = [row.name for row in told.rows if row.lost is None or row.lost <= share / 100]
        assert shown(page) == stays
        assert drawn(page) == set(stays)
        assert page.get_by_label("NDCG that may be lost").get_attribute("aria-valuetext") == f"at most {share} %"
        assert page.get_by_role("status").inner_text().startswith(f"{len(stays)} of {len(told.rows)} rows are shown")
    assert "group_dro" not in shown(page)
    page.keyboard.press("End")
    assert len(shown(page)) == len(told.rows)
    assert page.locator("#share").inner_text() == "any"


def test_words_and_families_filter_table_and_picture(site: Path, opened: Callable[..., Watched]) -> None:
    page = opened(site / BOARD).page
    page.get_by_label("Variants whose name has").fill("JOINT")
    assert shown(page) == ["joint (balanced)", "joint (ERM)"]
    assert drawn(page) == {"joint (balanced)", "joint (ERM)"}
    page.get_by_label("Variants whose name has").fill("")
    page.get_by_label("in", exact=True).uncheck()
    assert shown(page) == ["alpharec"]
    page.get_by_label("none", exact=True).uncheck()
    assert shown(page) == []
    page.get_by_label("in", exact=True).check()
    assert "alpharec" not in shown(page)
    assert "bifair" in shown(page)


def test_the_front_is_that_of_the_marks_that_are_left(site: Path, opened: Callable[..., Watched]) -> None:
    page = opened(site / BOARD).page
    front = page.locator("svg.front").first.locator(".mark.on:visible")

    def names() -> set[str]:
        return set(front.evaluate_all("all => all.map(one => one.dataset.name)"))

    plain = opened(site / BOARD, java_script_enabled=False).page
    before = plain.locator("svg.front").first
    assert names() == set(before.locator(".mark.on").evaluate_all("all => all.map(one => one.dataset.name)"))
    steps = [page.locator("svg.front .steps").nth(place).get_attribute("points") for place in (0, 1)]
    numbers = [[float(one) for one in path.replace(" ", ",").split(",")] for path in steps if path]
    python = [plain.locator("svg.front .steps").nth(place).get_attribute("points") for place in (0, 1)]
    assert numbers == [[float(one) for one in path.replace(" ", ",").split(",")] for path in python if path]
    assert "bifair" in names()
    page.get_by_label("Variants whose name has").fill("e")  # bifair has none
    assert "bifair" not in names()
    assert "separate" in names()


def test_without_a_script_everything_can_be_read(site: Path, opened: Callable[..., Watched], told: Leaderboard) -> None:
    page = opened(site / BOARD, java_script_enabled=False).page
    assert shown(page) == [row.name for row in told.rows]
    assert not page.locator("#controls").is_visible()
    assert page.locator(".claim").count() == 4


def test_from_the_first_page_to_the_command_of_a_run(site: Path, opened: Callable[..., Watched]) -> None:
    page = opened(site / "index.html").page
    page.locator("#claims td a").first.click()
    assert page.url.endswith("#claim-main-default-1")
    assert page.locator(".claim:target h4").inner_text().startswith("CV falls by 8.88 %")
    page.locator(".claim:target td a").first.click()
    assert page.url.endswith("alpharec_best_ndcg.html#seed-0")
    assert page.locator(".run:target pre.command").inner_text().startswith("harness run --method alpharec")
    page.go_back()
    page.locator('.board tr[data-name="bifair"] a.number').first.click()
    spec = page.locator("#seed-0 details").first
    spec.locator("summary").click()
    assert '"eta"' in spec.locator("pre").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index.html", BOARD, "boards/movielens-100k_genre_best_ndcg.html",
                                  "runs/main-default/bifair_fair_within_0.05.html"])  # fmt: skip
def test_pages_fit_a_phone_and_are_read_in_both_schemes(
    name: str, scheme: str, site: Path, opened: Callable[..., Watched], pictured: Callable[[Any, str], None]
) -> None:
    watched = opened(site / name, 390, color_scheme=scheme)
    watched.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert watched.fits()
    assert contrasts(watched.page) == []
    small = watched.page.locator("small, dt, dd, pre, summary, legend, span.verdict").evaluate_all(
        "all => all.filter(one => one.offsetParent && parseFloat(getComputedStyle(one).fontSize) < 11).length"
    )
    assert small == 0
    pictured(watched.page, f"site-{Path(name).stem}-{scheme}")
    wide = opened(site / name, 1400, color_scheme=scheme)
    assert wide.fits()


def test_everything_that_is_used_has_a_name_and_keys_come_to_it(site: Path, opened: Callable[..., Watched]) -> None:
    page = opened(site / BOARD).page
    unnamed = page.evaluate("""() => [...document.querySelectorAll('a, button, input, summary, [tabindex="0"]')]
      .filter(one => !(one.innerText || one.textContent || '').trim() && !(one.labels && one.labels.length)
        && !one.getAttribute('aria-label')).map(one => one.outerHTML)""")
    assert unnamed == []
    page.keyboard.press("Tab")
    reached = []
    for _ in range(40):
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
        page.keyboard.press("Tab")
    assert {"word", "lost", "bifair", "alpharec"} <= set(reached)
    outline = page.evaluate("""() => { document.getElementById('word').focus({focusVisible: true});
      return getComputedStyle(document.activeElement).outlineStyle; }""")
    assert outline == "solid"
