"""By which names the web pages are asked."""

import socket

import pytest

from harness.base.errors import BadInput
from harness.cli.ui_security import is_loopback, names_of, security_options


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.1.1", "localhost", "::1"])
def test_this_machine_alone_needs_no_names(host: str) -> None:
    assert is_loopback(host)
    assert names_of(host, None) == ()


def test_unless_told_the_machine_has_its_own_name_and_an_address_is_itself() -> None:
    assert socket.gethostname() in names_of("0.0.0.0", None)
    assert names_of("192.168.1.5", None) == ("192.168.1.5",)
    assert names_of("fd00::5", None) == ("[fd00::5]",)
    assert not is_loopback("0.0.0.0")


def test_what_the_server_is_told() -> None:
    told = security_options(names_of("0.0.0.0", "lab.example, [fd00::5]:80"), 5000)
    hosts = told["allowed-hosts"].split(",")
    assert {"localhost", "localhost:5000", "lab.example", "lab.example:5000", "[fd00::5]:80"} <= set(hosts)
    assert "[fd00::5]:80:5000" not in hosts
    assert "http://lab.example:5000" in told["cors-allowed-origins"].split(",")
    assert security_options(("*",), 5000) == {"allowed-hosts": "*", "cors-allowed-origins": "*"}


@pytest.mark.parametrize("given", ["", "a,,b", "http://a", "a b", "a/b", "a;b", "\x1b[2J"])
def test_what_is_no_list_of_names_is_one_line(given: str) -> None:
    with pytest.raises(BadInput, match="is no name or address of a host"):
        names_of("0.0.0.0", given)
