"""``harness ui``: MLflow's web pages on the store that runs are recorded in."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from harness.base.watched_process import command_of
from harness.cli.parameters import Experiment, Home, TrackingUri
from harness.cli.ui_runs_page import open_browser, runs_page
from harness.cli.ui_security import is_loopback, names_of, security_options
from harness.console.echo import echo

START_SECONDS = 90
STOP_SECONDS = 10
POLL_SECONDS = 0.3


def ui(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0: any free one.")] = 5000,
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than this machine's own let others in.")
    ] = "127.0.0.1",
    allowed_hosts: Annotated[
        str | None,
        typer.Option(
            "--allowed-hosts",
            metavar="NAME,NAME",
            help="Names by which browsers elsewhere may ask, beside localhost  [default: this machine's].",
        ),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page of runs, where there is a screen.")
    ] = True,
    tracking_uri: TrackingUri = None,
    experiment: Experiment = None,
    home: Home = None,
) -> None:
    """Show recorded runs: MLflow's web pages, from the page of runs on. Ctrl-C stops them."""
    from harness.base import paths
    from harness.base.errors import BadInput
    from harness.base.sharing import PRIVATE, make_file, make_folder
    from harness.base.writable import written_into_home
    from harness.runs.dead_runs import end_dead_runs
    from harness.track import open_tracker
    from harness.track.mlflow_store import open_client
    from harness.track.mlflow_tracker import EXPERIMENT, MlflowTracker
    from harness.track.uri import NOWHERE, resolve_uri

    if tracking_uri == NOWHERE:
        raise BadInput("--tracking-uri none: there is nothing to show")
    store = resolve_uri(tracking_uri)
    if store.artifacts is None:
        page = runs_page(MlflowTracker(store, experiment or EXPERIMENT))
        echo(f"this store is a server already: open {store}{page}")
        if browser and str(store) == store.text:  # a password is not for a browser's command line
            open_browser(store.text + page)
        return
    port = _free_port(host, port)
    names = names_of(host, allowed_hosts)
    echo(f"opening {store}")
    open_client(store)
    end_dead_runs(open_tracker(tracking_uri, experiment), echo)
    page = runs_page(MlflowTracker(store, experiment or EXPERIMENT))
    folder = paths.tracking_folder()
    log = folder / "ui.log"
    with written_into_home(log):
        make_folder(folder)
        make_file(log, PRIVATE)
        log.write_bytes(b"")
    url = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{port}"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command_of(_command(store.artifacts, host, port, names)),
            stdin=subprocess.PIPE,  # nobody writes to it: it closes with this process, and the server ends
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | _variables(store.text),
            cwd=folder,
            start_new_session=True,
        )
        try:
            _wait_until_up(server, f"http://{_reachable(host)}:{port}/health", log)
            echo(f"MLflow is at {url}{page}  (Ctrl-C stops it; its log is {log})")
            if not is_loopback(host):
                echo(
                    f"warning: everybody who reaches port {port} of this machine, as {' or '.join(names)}, can read, "
                    "change and delete all runs: there is no password (--allowed-hosts NAME,NAME: by other names)"
                )
            if browser:
                open_browser(url + page)
            while server.poll() is None:  # not wait(): polars' own handler makes the system go on waiting after Ctrl-C
                time.sleep(POLL_SECONDS)
        except KeyboardInterrupt:
            echo("stopping")
            return
        finally:
            _stop(server)
    _failed(log)


def _variables(uri: str) -> dict[str, str]:
    """The address is no argument: those can be seen by everybody on the machine, and it may hold a password."""
    return {
        "MLFLOW_BACKEND_STORE_URI": uri,
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }


def _command(artifacts: Path, host: str, port: int, names: Sequence[str]) -> list[str]:
    options = {"default-artifact-root": artifacts.as_uri(), "host": host, "port": port, "workers": 1}
    options |= security_options(names, port)
    server = [sys.executable, "-m", "mlflow", "server"]
    return [*server, *(word for name, value in options.items() for word in (f"--{name}", str(value)))]


def _free_port(host: str, port: int) -> int:
    """The port, when nobody listens there.

    Raises:
        Unavailable: where somebody does, or the address is not this machine's.
    """
    from harness.base.errors import Unavailable

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":  # a port that was closed a moment ago is free; elsewhere the option means another thing
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = error.strerror or error
            raise Unavailable(f"cannot listen on {host}:{port}: {reason}; try --port {port + 1 or 5001}") from None
        return int(probe.getsockname()[1])


def _reachable(host: str) -> str:
    """An address that reaches a server listening on ``host``."""
    if host in ("0.0.0.0", "::"):
        return "127.0.0.1" if host == "0.0.0.0" else "[::1]"
    return f"[{host}]" if ":" in host else host


def _wait_until_up(server: "subprocess.Popen[bytes]", health: str, log: Path) -> None:
    from urllib.request import ProxyHandler, build_opener

    direct = build_opener(ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            _failed(log)
        try:
            with direct.open(health, timeout=2):
                return
        except OSError:  # nobody listens yet
            time.sleep(POLL_SECONDS)
    _failed(log, f"did not answer within {START_SECONDS} s")


def _failed(log: Path, what: str = "ended unexpectedly") -> None:
    from harness.base.errors import HarnessError

    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    last = f": {lines[-1].strip()}" if lines else ""
    raise HarnessError(f"MLflow's server {what}{last}  (see {log})")


def _stop(server: "subprocess.Popen[bytes]") -> None:
    """End the server and its workers."""
    _signal(server, signal.SIGTERM)  # what it has started may be there even where it is not
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        _signal(server, getattr(signal, "SIGKILL", signal.SIGTERM))
        server.wait()


def _signal(server: "subprocess.Popen[bytes]", number: int) -> None:
    with suppress(ProcessLookupError):
        if os.name == "posix":
            os.killpg(server.pid, number)
        else:
            server.send_signal(number)
