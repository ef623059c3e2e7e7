"""``harness doctor``: what is missing, the command that gets it, and an exit code."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from harness.base import paths
from harness.cli.app import main
from harness.track.journal.journal_folder import JournalFolder
from harness.track.uri import resolve_uri

NOBODY = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _own_home_and_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "HF_ENDPOINT", "PIP_INDEX_URL"):
        monkeypatch.setenv(variable, NOBODY)
    for variable in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(variable, "127.0.0.1")


@pytest.fixture
def somebody() -> Iterator[str]:
    """The address of a server, which answers that it does not know what is asked."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/simple/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_nothing_fetched_and_no_network_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--tracking-uri", "none"]) == 1
    out = capsys.readouterr().out
    assert "MISSING movielens-100k" in out
    assert "harness data show movielens-100k" in out
    assert "note model hub not reachable" in " ".join(out.split())


def test_what_can_be_fetched_is_a_note(
    somebody: str, hub: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", somebody)
    monkeypatch.setenv("PIP_INDEX_URL", somebody)
    assert main(["doctor", "--tracking-uri", "none"]) == 0
    out = capsys.readouterr().out
    assert "fetched by the first run from 127.0.0.1" in " ".join(out.split())
    assert "harness data fetch movielens-100k" in out
    assert "ok      torch" in out
    assert "ok      model hub" in out


def test_an_unusable_store_and_home_are_missing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    assert main(["doctor", "--tracking-uri", NOBODY]) == 1
    out = capsys.readouterr().out
    assert "MISSING home folder" in out
    assert "MISSING tracking store" in out
    assert "--home FOLDER" in out


def test_what_is_no_address_is_not_reachable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "no address")
    monkeypatch.setenv("PIP_INDEX_URL", "no address")
    assert main(["doctor", "--tracking-uri", "none"]) == 1
    out = capsys.readouterr().out
    assert "note model hub not reachable" in " ".join(out.split())
    assert "MISSING movielens-100k" in out


def test_what_is_not_yet_recorded_is_named_with_the_line_that_sends_it(capsys: pytest.CaptureFixture[str]) -> None:
    JournalFolder(resolve_uri("http://me:s3cret@nowhere.invalid:5000")).begin({"start": {}})
    main(["doctor", "--tracking-uri", "none"])
    out = " ".join(capsys.readouterr().out.split())
    assert "1 journal waits for http://me:***@nowhere.invalid:5000" in out
    assert "harness sync --tracking-uri http://me:***@nowhere.invalid:5000" in out
