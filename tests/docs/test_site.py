"""The site builds without a warning, its internal links lead somewhere, and it shows what is registered."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.domain.exposure_names import EXPOSURE_DISPARITIES
from harness.plugins.registry import KINDS, registry
from harness.runs.diagnosis.signatures import SIGNATURES

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HARNESS_HOME": str(folder / "home")}
    command = [sys.executable, "-P", "-m", "sphinx", "-W", "--keep-going", "-q", "-d", str(folder / "trees")]
    command += [str(ROOT / "docs"), str(folder / "html")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    return folder / "html"


def headings(page: Path) -> set[str]:
    """The names that a reference page has sections of."""
    return {*re.findall(r'<h2><code[^>]*><span class="pre">([^<]+)</span></code>', page.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "disparity"])
def test_the_reference_has_everything_that_is_registered(site: Path, kind: str) -> None:
    spelt = {getattr(registry.get(kind, name), "name", name) for name in registry.names(kind)}
    assert headings(site / f"reference/{KINDS[kind].plural}.html") == spelt


def test_it_has_disparities_of_utilities_and_of_exposure(site: Path) -> None:
    assert headings(site / "reference/disparities.html") == {*registry.names("disparity"), *EXPOSURE_DISPARITIES}


def test_every_option_in_the_reference_says_what_it_means(site: Path) -> None:
    pages = [page.read_text(encoding="utf-8") for page in (site / "reference").glob("*.html")]
    rows = [row for page in pages for row in re.findall(r'<tr class="row-[^>]*>(.*?)</tr>', page, re.DOTALL)]
    assert len(rows) > 200
    assert [row for row in rows if re.search(r"<td><p></p></td>\s*$", row)] == []


def test_every_signature_of_failure_is_answered(site: Path) -> None:
    page = (site / "faq.html").read_text(encoding="utf-8")
    assert {*re.findall(r'A run says <code[^>]*><span class="pre">(\w+)', page)} == {*SIGNATURES}


def test_every_page_belongs_to_the_table_of_contents_and_every_mark_was_filled(site: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in site.rglob("*.html")]
    assert len(texts) > 30
    assert not [text for text in texts if "from the code:" in text or "the file ../" in text]


def test_pages_ask_no_other_host(site: Path) -> None:
    """Scripts, styles, fonts and pictures come with the site."""
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        asked = re.findall(r'<(?:script|img|link)\b[^>]*\b(?:src|href)="(?:\w+:)?//[^"]*"', text)
        assert not asked, page.name


def test_the_picture_of_the_house_is_the_contract(tmp_path: Path) -> None:
    code = "import house_picture; print(house_picture.picture(), end='')"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT / "docs/_ext", timeout=60, check=True)
    assert done.stdout == (ROOT / "docs/house.svg").read_text(encoding="utf-8")
