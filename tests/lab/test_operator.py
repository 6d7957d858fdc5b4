"""An operator's own folder in a lab: names, addresses and bytes as they are."""

import difflib
from pathlib import Path

import pytest

from harness.lab import gate
from harness.lab import lab as labs
from harness.profile.files import HAPROXY, KEEPALIVED
from harness.profile.folder import load

pytestmark = pytest.mark.lab
OPERATOR = Path(__file__).parent.parent / "operator"


@pytest.fixture(scope="module")
def operated(engine):
    with labs.up(engine, load(OPERATOR), print) as lab:
        gate.await_steady(lab, within_s=200)
        yield lab


def test_the_nodes_have_the_operators_interfaces_and_addresses(operated):
    for node, interface, address in (("m1", "bond0", "101"), ("m2", "eth4", "102"), ("m3", "eth4", "103")):
        said = operated.nodes[node].ask("ip", "-o", "-4", "addr", "show", "dev", interface)
        assert f" 10.17.134.{address}/24 " in said
        assert (" 10.17.134.5/32 " in said) == (node == "m1")


def test_the_files_are_the_operators_but_for_what_is_declared(operated):
    for node, path, source in (
        ("m1", KEEPALIVED, OPERATOR / "m1/keepalived.conf"),
        ("m2", HAPROXY, OPERATOR / "haproxy.cfg"),
        ("m3", "/opt/keepalived-check/haproxy.sh", OPERATOR / "opt/keepalived-check/haproxy.sh"),
    ):
        there = operated.nodes[node].ask("cat", path).splitlines()
        changes = [line for line in difflib.ndiff(source.read_text().splitlines(), there) if line[0] in "+-"]
        assert all(line.startswith("+ ") for line in changes)
        assert {line[2:].strip() for line in changes} <= {
            f"vrrp_notify_fifo {operated.instrumented.notify_fifo} root",
            "option tcplog",
        }
