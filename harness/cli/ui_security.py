"""Who may ask the web pages of ``harness ui``: by which names, from which pages.

MLflow refuses requests to names that it was not told (an attacker's name may lead to this machine: DNS rebinding), and
such that change something from pages of other names.
"""

import re
import socket
from collections.abc import Sequence
from contextlib import suppress

from harness.base.errors import BadInput

LOCAL = ("localhost", "127.0.0.1", "[::1]")
EVERYWHERE = ("0.0.0.0", "::")
EVERYBODY = "*"


def is_loopback(host: str) -> bool:
    """Whether only this machine's own programs reach a server that listens on ``host``."""
    return host in ("localhost", "::1") or host.startswith("127.")


def names_of(host: str, given: str | None) -> tuple[str, ...]:
    """By which names, beside :data:`LOCAL`, a server on ``host`` is asked.

    Args:
        given: a list with commas; None: the address itself, or this machine's name and addresses

    Raises:
        BadInput: for what is no list of names.
    """
    if given is not None:
        names = tuple(name.strip() for name in given.split(","))
        for name in names:
            if not re.fullmatch(r"[\w.*-]+(:(\d+|\*))?|\[[0-9a-fA-F:.*]+\](:(\d+|\*))?", name):
                raise BadInput(f"--allowed-hosts {given}: '{name}' is no name or address of a host: write NAME,NAME")
        return names
    if is_loopback(host):
        return ()
    return _own_names() if host in EVERYWHERE else (_bracketed(host),)


def security_options(names: Sequence[str], port: int) -> dict[str, str]:
    """What MLflow's server is told: names with and without the port, and pages under them."""
    if EVERYBODY in names:
        return {"allowed-hosts": EVERYBODY, "cors-allowed-origins": EVERYBODY}
    known = [*LOCAL, *names]
    hosts = [form for name in known for form in ([name] if _has_port(name) else [name, f"{name}:{port}"])]
    origins = [f"{scheme}://{host}" for host in hosts for scheme in ("http", "https")]
    return {"allowed-hosts": ",".join(hosts), "cors-allowed-origins": ",".join(origins)}


def _own_names() -> tuple[str, ...]:
    """This machine's name, and the addresses that it leads to."""
    name = socket.gethostname()
    addresses: list[str] = []
    with suppress(OSError):  # a name that leads nowhere
        addresses = [str(found[4][0]) for found in socket.getaddrinfo(name, None, proto=socket.IPPROTO_TCP)]
    outside = (_bracketed(address) for address in addresses if not is_loopback(address))
    return tuple(dict.fromkeys([name, *outside]))


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _has_port(name: str) -> bool:
    return re.search(r":(\d+|\*)$", name.rpartition("]")[2]) is not None
