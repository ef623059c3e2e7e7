"""Somebody else's package, installed into a fresh environment: its plug-ins are listed, used and tested."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "plugins" / "fair_library"
HARNESS = "import sys; from harness.cli.app import main; sys.exit(main(sys.argv[1:]))"


class Environment:
    """A virtual environment that sees the libraries of this one and has the package installed.

    Args:
        folder: where to make it
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = folder / "fair_library"
        shutil.copytree(PACKAGE, self.package)
        venv.create(folder / "venv", symlinks=True)
        paths = {"base": str(folder / "venv"), "platbase": str(folder / "venv")}
        self.python = Path(sysconfig.get_path("scripts", "venv", paths)) / Path(sys.executable).name
        # addsitedir, and not the bare path: it also follows this environment's own editable installs.
        here = sysconfig.get_path("purelib")
        borrowed = Path(sysconfig.get_path("purelib", "venv", paths)) / "borrowed.pth"
        borrowed.write_text(f"import site; site.addsitedir({here!r})\n")
        pip = [sys.executable, "-m", "pip", "--python", str(self.python), "install", "--quiet", "--no-deps"]
        subprocess.run([*pip, str(self.package)], check=True, capture_output=True, timeout=300)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python with ``arguments``; its output and errors are one text."""
        environment = {**os.environ, "HARNESS_HOME": str(self.folder / "home"), "OMP_NUM_THREADS": "1"}
        return subprocess.run(
            [str(self.python), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
            env=environment,
            timeout=300,
        )

    def harness(self, *arguments: str) -> str:
        """What ``harness`` prints; it must succeed."""
        done = self.run("-c", HARNESS, *arguments)
        assert done.returncode == 0, done.stdout
        return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("fresh"))


@pytest.mark.network
def test_its_plug_ins_are_listed_and_the_broken_one_with_its_reason(environment: Environment) -> None:
    listed = [line.strip().split("  ", 1) for line in environment.harness("list").splitlines()]
    rows = {name: text[0].strip() if text else "" for name, *text in listed}
    assert rows["decade"] == "items by decade"
    assert rows["text_profile"].startswith("items whose texts resemble")
    assert rows["village-library"] == "generated loans of 45 books"
    assert rows["novelty_at_K"].startswith("share of listed items")
    assert rows["GROUPING/hoover_at_K"].startswith("share of all utility")
    assert rows["shelves"].startswith("two ways")
    assert rows["broken"].startswith("BROKEN (entry point fair_library.broken:Broken)")
    assert {"bifair", "movielens-100k", "genre", "sensitivity"} <= set(rows), "the others are still there"


@pytest.mark.network
def test_a_run_uses_them_and_says_what_it_leaves_out(environment: Environment) -> None:
    said = environment.harness(
        *("run", "--method", "text_profile", "--dataset", "village-library", "--group", "decade"),
        *("--encoder", "random", "--tracking-uri", "none", "--threads", "1", "--plain"),
        *("--set", "evaluation.origins=false"),
    )
    assert "text_profile on village-library, trained on decade groups" in said
    assert "60 users × 45 items" in said
    for row in ("novelty", "decade (trained) hoover", "genre cv", "1980s", "1990s", "2000s"):
        assert row in said
    assert "metric 'unreadable' is left out: metric 'unreadable'" in said.replace("\n", " ")


@pytest.mark.network
def test_only_the_use_of_the_broken_one_fails(environment: Environment) -> None:
    done = environment.run("-c", HARNESS, "run", "--method", "broken", "--dataset", "village-library")
    assert done.returncode == 2
    assert done.stdout.splitlines() == [
        "error: method 'broken' (fair_library.broken:Broken) cannot be loaded: "
        "ImportError: a library that this machine does not have"
    ]


@pytest.mark.network
def test_the_contracts_hold_for_them(environment: Environment) -> None:
    done = environment.run("-m", "pytest", "-q", "-p", "no:cacheprovider", str(environment.package / "tests"))
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
    assert "failed" not in done.stdout
