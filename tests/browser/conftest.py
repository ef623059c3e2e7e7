"""A real Chromium, and pages in it that tell what they asked for and what went wrong."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import pytest

LEFT_OUT = "HARNESS_WITHOUT_BROWSER=1 leaves out what needs it"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ASKED_IN_VAIN = "/ajax-api/2.0/mlflow/users/current"
"""What MLflow's own pages ask of a server without accounts, which it answers with 404."""
HERE = ("localhost", "127.0.0.1")
PROGRAM = [sys.executable, "-P", "-u", "-c", "import sys; from harness.cli.app import main; sys.exit(main())"]


@dataclass
class Watched:
    """A page, and what it did.

    Attributes:
        page: Playwright's
        elsewhere: addresses on other hosts that it asked for
        faults: errors on its console or in its scripts
    """

    page: Any
    elsewhere: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("request", self._asked)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _asked(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("file", "data", "blob") and parts.hostname not in HERE:
            self.elsewhere.append(request.url)

    def _said(self, message: Any) -> None:
        if message.type == "error" and urlsplit(message.location["url"]).path != ASKED_IN_VAIN:
            self.faults.append(message.text)

    def fits(self) -> bool:
        """Whether nothing lies beside the window, so that nobody has to scroll sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.fixture(scope="module")  # no longer: while it is there, nothing else in this process can have an event loop
def _chromium(missing: Callable[[str], NoReturn]) -> Iterator[Any]:
    if os.environ.get("HARNESS_WITHOUT_BROWSER") == "1":
        pytest.skip("HARNESS_WITHOUT_BROWSER=1: left out")
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        missing(f"there is no Chromium here ({LEFT_OUT})")
    if importlib.util.find_spec("playwright") is None:
        missing(f"playwright is not installed: it is in the extra 'test' ({LEFT_OUT})")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        options = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        browser = driver.chromium.launch(executable_path=program, args=options)
        yield browser
        browser.close()


@pytest.fixture
def opened(_chromium: Any) -> Iterator[Callable[..., Watched]]:
    """``opened(url, width, **options)``: a page, of which nothing is asked elsewhere and nothing goes wrong."""
    pages: list[Watched] = []

    def _open(url: str | Path, width: int = 1600, **options: Any) -> Watched:
        page = _chromium.new_page(viewport={"width": width, "height": 900}, **options)
        page.set_default_timeout(30_000)
        watched = Watched(page)
        watched.watch()
        pages.append(watched)
        page.goto(url.as_uri() if isinstance(url, Path) else url)
        return watched

    yield _open
    for watched in pages:
        watched.page.close()
    assert [url for watched in pages for url in watched.elsewhere] == []
    assert [fault for watched in pages for fault in watched.faults] == []


STUDY = """
summary = "three <b>methods</b>, tuned"
methods = ["joint", "mf", "most_popular"]
baseline = "mf"

[base]
dataset = "long-tail"
"dataset_options.n_users" = 150
"dataset_options.n_items" = 120
"dataset_options.n_groups" = 5
"encoder.name" = "random"
"evaluation.origins" = false
"training.max_epochs" = 2

[budgets.default]
seeds = [0, 1]
trials = 2
"""


@pytest.fixture
def pictured() -> Callable[[Any, str], None]:
    """``pictured(page, name)``: as ``NAME.png`` in the folder ``HARNESS_PICTURES``, where that is set."""
    folder = os.environ.get("HARNESS_PICTURES")

    def _picture(page: Any, name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"{name}.png")

    return _picture


@pytest.fixture(scope="module")
def home(_chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder in which a tiny study has run."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "tiny.toml").write_text(STUDY, encoding="utf-8")
    command(folder / "home", "run", "--study", str(folder / "tiny.toml"), "--plain", "--offline", "--threads", "1")
    return folder / "home"


def command(home: Path, *words: str) -> str:
    """What a command says, which succeeds."""
    done = subprocess.run([*PROGRAM, *words], env=environment(home), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment(home: Path) -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"} | {
        "HARNESS_HOME": str(home)
    }


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[str]:
    """The address that ``harness ui`` prints, as long as it runs."""
    with subprocess.Popen(
        [*PROGRAM, "ui", "--port", "0", "--no-browser"], env=environment(home), stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            yield next(match[0] for line in server.stdout if (match := re.search(r"http://\S+", line)))
        finally:
            server.terminate()
