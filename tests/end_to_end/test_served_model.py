"""A registered model behind ``mlflow models serve``: what comes over HTTP is what the model recommends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

import harness as h
from harness.cli.app import main
from harness.track import open_tracker

SHOP = ("n_users=80", "n_items=60", "n_groups=4", "dim=8")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[h.Run]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_HOME", str(tmp_path_factory.mktemp("home")))
        options = [f"dataset_options.{option}" for option in SHOP]
        options += ["training.max_epochs=1", "evaluation.origins=false", "compute.threads=1", "encoder.name=random"]
        sets = [word for option in options for word in ("--set", option)]
        asked = ["run", "--method", "alpharec", "--dataset", "long-tail", "--plain", "--register", "shop", *sets]
        assert main(asked) == 0
        (found,) = h.find_runs(method="alpharec")
        yield found


@pytest.fixture(scope="module")
def address(run: h.Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = ["-P", "-m", "mlflow", "models", "serve", "--model-uri", "models:/shop/1", "--env-manager", "local"]
    log = tmp_path_factory.mktemp("served") / "log"
    with pytest.MonkeyPatch.context() as patch, log.open("w") as said:
        patch.setenv("MLFLOW_TRACKING_URI", run.store.location)
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
        serve = [sys.executable, *command, "--port", port, "--workers", "1"]
        process = subprocess.Popen(serve, stdout=said, stderr=said, start_new_session=True)
    try:
        _wait(f"http://127.0.0.1:{port}/ping", process, log)
        yield f"http://127.0.0.1:{port}/invocations"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(ping: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until it answers."""
    end = time.monotonic() + 120
    while True:
        try:
            urlopen(ping, timeout=5).close()
        except (URLError, OSError):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.2)
        else:
            return


def asked(address: str, rows: list[dict[str, Any]], k: int) -> list[dict[str, Any]]:
    body = json.dumps({"dataframe_records": rows, "params": {"k": k}}).encode()
    with urlopen(Request(address, body, {"Content-Type": "application/json"}), timeout=60) as answer:
        found: list[dict[str, Any]] = json.load(answer)["predictions"]
    return found


def test_a_known_user_and_a_new_one(run: h.Run, address: str) -> None:
    model = run.model
    user, items = model.users["user"][5], model.items["item"].head(3).to_list()
    found = asked(address, [{"user": user}], k=4)
    assert [(row["item"], row["score"]) for row in found] == model.recommend([user], k=4).select("item", "score").rows()
    new = asked(address, [{"items": items}], k=4)
    assert [row["item"] for row in new] == model.recommend(histories=[items], k=4)["item"].to_list()
    assert {row["user"] for row in new} == {None}


def test_an_unknown_user_is_told_so(address: str) -> None:
    with pytest.raises(HTTPError) as caught:
        asked(address, [{"user": "nobody"}], k=4)
    assert "unknown user 'nobody'" in caught.value.read().decode()


def test_the_store_has_the_name_once(run: h.Run) -> None:
    assert open_tracker(run.store.location).register(run.id, "model", "shop") == "1"
