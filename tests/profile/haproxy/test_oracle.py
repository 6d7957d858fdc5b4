"""What the parser believes of every haproxy.cfg that the project has, held against haproxy itself.

haproxy has no command that tells inter, fastinter, downinter, retries, redispatch, a timeout, or what becomes of
sessions when a server goes down. Of these only the rules for inheriting are tested here, with others' help.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.lab.machine import Machine
from harness.profile import haproxy
from harness.profile.haproxy import Level, Server
from tests.profile import oracle
from tests.profile.oracle import Haproxy

pytestmark = pytest.mark.lab
MUTE_PORTS = (4444, 4445)
# A server that takes connections and never says a word.
_MUTE = f"""
import socket, time
all = [socket.create_server(("127.0.0.1", port), backlog=512) for port in {MUTE_PORTS}]
time.sleep(1800)
"""
Pair = tuple[haproxy.Sections, Haproxy]


@pytest.fixture(params=oracle.proxies(), ids=lambda path: f"{path.parent.name}/{path.name}", scope="module")
def both(request: pytest.FixtureRequest, bare: Machine) -> Iterator[Pair]:
    """Return what the parser makes of one file, and haproxy running on it."""
    path: Path = request.param
    sections = haproxy.parse(oracle.exact(path), str(path))
    running = Haproxy(bare, oracle.exact(path), dict(names(haproxy.servers(sections, str(path)))))
    yield sections, running
    running.stop()


def names(servers: Iterator[Server]) -> Iterator[tuple[str, str]]:
    """Yield each name that stands for an address, with one for it."""
    for number, name in enumerate(sorted({s.address for s in servers if s.address[:1].isalpha()})):
        if "@" not in name:
            yield name, f"192.0.2.{100 + number}"


def test_servers(both):
    sections, running = both
    said = {(row["be_name"], row["srv_name"]): row for row in running.ask("show servers state")}
    ours = {(s.backend, s.name): s for s in haproxy.servers(sections, "")}
    assert list(ours) == list(said)
    known = dict(names(iter(ours.values())))
    for key, server in ours.items():
        row = said[key]
        assert (server.checked, server.tls) == (bool(int(row["srv_check_state"]) & 2), row["srv_use_ssl"] == "1")
        assert (str(server.weight), server.disabled) == (row["srv_iweight"], row["srv_admin_state"] != "0")
        if row["srv_addr"] != "-":
            address = known.get(server.address, server.address)
            assert ipaddress.ip_address(address) == ipaddress.ip_address(row["srv_addr"])
        if server.port:
            assert str(server.port) == row["srv_port"]
        if row["srv_check_addr"] != "-":
            assert server.check_address == row["srv_check_addr"]
        if row["srv_check_port"] != "0" and "tcp-check connect" not in server.where:
            assert str(server.check_port) == row["srv_check_port"]


def test_counters_and_algorithms(both):
    sections, running = both
    rows = {(row["pxname"], row["svname"]): row for row in running.ask("show stat")}
    for server in haproxy.servers(sections, ""):
        row, backend = rows[server.backend, server.name], rows[server.backend, "BACKEND"]
        assert (backend["mode"], backend["algo"]) == (server.mode, server.balance)
        assert server.backup == (row["bck"] == "1")
        assert (row["slim"] or "0") == str(server.maxconn)
        if server.checked and not server.disabled:
            assert (row["check_rise"], row["check_fall"]) == (str(server.rise), str(server.fall))


def test_where_it_listens(both):
    """The first port of each range; `ss` has all, and the peers' too, if there are any."""
    sections, running = both
    sockets = {line.split()[3] for line in running.machine.ask("ss", "-ltnH").splitlines()}
    frontends = list(haproxy.frontends(sections))
    assert [f.name for f in frontends] == [r["pxname"] for r in running.ask("show stat") if r["svname"] == "FRONTEND"]
    for address, port in (bind for frontend in frontends for bind in frontend.binds):
        if port:
            known = {"": "0.0.0.0", "*": "0.0.0.0", "::": "[::]"}.get(address, address)
            assert {f"{known}:{port}", f"*:{port}" if address == "::" else ""} & sockets, (address, port)
    modes = {row["pxname"]: row["mode"] for row in running.ask("show stat") if row["svname"] == "FRONTEND"}
    assert {f.name: f.mode for f in frontends} == modes


def test_its_own_socket(both):
    sections, running = both
    socket = haproxy.stats_socket(sections)
    assert socket is None or running.machine.ask("sh", "-c", f"test -S {socket} && echo there").strip() == "there"


def test_what_checks_ask(bare):
    """Let every kind of check meet a server that takes the connection and keeps silent: its failure tells its kind."""
    path = oracle.FILES / "haproxy/levels.cfg"
    bare.container.exec_run(["python3", "-c", _MUTE], detach=True)
    time.sleep(0.5)
    running = Haproxy(bare, oracle.exact(path), {})
    try:
        time.sleep(1.5)
        said = {
            r["pxname"]: r["check_status"].removeprefix("* ") for r in running.ask("show stat") if r["svname"] == "a"
        }
    finally:
        running.stop()
    servers = haproxy.servers(haproxy.parse(oracle.exact(path), str(path)), "")
    assert {server.backend: failing(server) for server in servers} == said


def failing(server: Server) -> str:
    """Return how a check of a silent server ends."""
    if server.check_port not in MUTE_PORTS:
        return "L4CON"
    if server.check_tls or server.check_level is Level.TLS:
        return "L6TOUT"
    return "L4OK" if server.check_level is Level.TCP else "L7TOUT"
