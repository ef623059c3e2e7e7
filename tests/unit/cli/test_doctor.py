"""``harness doctor``: what is missing, the command that gets it, and an exit code."""

from pathlib import Path

import pytest

from harness.base import paths
from harness.cli import doctor_checks as checks
from harness.cli.app import main


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr(paths, "_chosen", None)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(checks, "_language_model", lambda hub: iter(()))


def test_nothing_fetched_and_no_network_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "_reachable", lambda url: False)
    assert main(["doctor", "--tracking-uri", "none"]) == 1
    out = capsys.readouterr().out
    assert "MISSING movielens-100k" in out
    assert "harness data show movielens-100k" in out


def test_what_can_be_fetched_is_a_note(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(checks, "_reachable", lambda url: True)
    assert main(["doctor", "--tracking-uri", "none"]) == 0
    out = capsys.readouterr().out
    assert "fetched by the first run from files.grouplens.org" in " ".join(out.split())
    assert "harness data fetch movielens-100k" in out
    assert "ok      torch" in out


def test_an_unusable_store_and_home_are_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "home").write_text("a file")
    monkeypatch.setattr(checks, "_reachable", lambda url: True)
    assert main(["doctor", "--tracking-uri", "http://127.0.0.1:9"]) == 1
    out = capsys.readouterr().out
    assert "MISSING home folder" in out
    assert "MISSING tracking store" in out
    assert "--home FOLDER" in out


def test_an_address_that_nobody_answers_is_not_reachable() -> None:
    assert not checks._reachable("http://127.0.0.1:9/simple/")
    assert not checks._reachable("no address")
