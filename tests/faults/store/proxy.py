"""A server between MLflow's client and MLflow's server that does to answers what networks and servers do to them."""

import http.client
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Fault = Callable[[str, str], str | int | float | None]
"""Asked of each request's method and path. An ``int``: that HTTP status is answered, and the request goes nowhere. A
``float``: it is passed on after so many seconds. ``drop``: the connection is closed. ``lose``: it is passed on, and its
answer is lost. None: it is passed on."""


def nothing(method: str, path: str) -> None:
    """No fault."""


class Proxy:
    """Passes requests on to ``port`` unless its :attr:`fault` says otherwise; keeps what was asked."""

    def __init__(self, port: int) -> None:
        self.fault: Fault = nothing
        self.asked: list[tuple[str, str]] = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:  # the client has gone
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                """Nothing is logged."""

            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Transfer-Encoding", "") == "chunked":
                    body = _chunks(self.rfile)
                proxy.asked.append((self.command, self.path))
                fault = proxy.fault(self.command, self.path)
                if fault == "drop":
                    self.close_connection = True
                    return
                if isinstance(fault, float):
                    time.sleep(fault)
                elif isinstance(fault, int):
                    self._answer(fault, {}, b"no")
                    return
                status, headers, content = _ask(port, self.command, self.path, body, dict(self.headers))
                if fault == "lose":
                    self.close_connection = True
                    return
                self._answer(status, headers, content)

            def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
                self.send_response(status)
                for name in ("Content-Type", "Content-Disposition"):
                    if name in headers:
                        self.send_header(name, headers[name])
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _pass_on  # noqa: N815 - http.server names them

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """What a client is given; with a password, as servers behind a gate have."""
        return f"http://me:s3cret@127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Listen no longer."""
        self._server.shutdown()
        self._server.server_close()


def _ask(port: int, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    kept = {name: value for name, value in headers.items() if name.lower() in ("content-type", "accept")}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body or None, kept)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    except OSError:  # the server is not there
        return 502, {}, b"bad gateway"
    finally:
        connection.close()


def _chunks(stream: Any) -> bytes:
    whole = b""
    while size := int(stream.readline().split(b";")[0], 16):
        whole += stream.read(size)
        stream.readline()
    stream.readline()
    return whole
