"""A real ``mlflow server``, and a proxy before it that can be told to fail."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.track.mlflow_store import open_client
from harness.track.uri import resolve_uri
from tests.mlflow_server import MlflowServer


def _proxy_module() -> Any:
    spec = importlib.util.spec_from_file_location("faults_proxy", Path(__file__).with_name("proxy.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def the_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    folder = tmp_path_factory.mktemp("server")
    database = f"sqlite:///{folder / 'mlflow.db'}"
    open_client(resolve_uri(database))
    server = MlflowServer(folder, database)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def server(the_server: MlflowServer) -> MlflowServer:
    """It runs when the test begins."""
    the_server.start()
    return the_server


@pytest.fixture
def proxy(server: MlflowServer) -> Iterator[Any]:
    """Passes everything on until it is told otherwise."""
    found = _proxy_module().Proxy(server.port)
    try:
        yield found
    finally:
        found.close()
