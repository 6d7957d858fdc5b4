"""Every rule that speaks of an error, confirmed: a lab on the broken files shows what the rule says."""

import time

import pytest

from harness.lab import lab as labs
from harness.lab import preflight
from harness.lint.rule import Severity
from harness.model.vrrp import master_down_s
from harness.profile.folder import load
from tests.lint.files import codes, made
from tests.lint.test_rules import ALL, M1, M2, PROXY

pytestmark = pytest.mark.lab

TRACKED = "    track_script {\n        check_apiserver\n    }\n"
# What the owner's check asks is its own apiserver; killing that is what must move the VIP.
STAYS = [
    ("K01", [(ALL, "weight -20", "weight -2")]),
    ("K01", [(ALL, "weight -20", "weight 5")]),
    ("K02", [("m2/keepalived.conf", "state BACKUP", "state BACKUP\n    nopreempt"),
             ("m3/keepalived.conf", "state BACKUP", "state BACKUP\n    nopreempt")]),
    ("K07", [(M1, "        check_apiserver\n", "        check_apiservr\n")]),
    ("K07", [(M1, "/etc/keepalived/check.sh", "/etc/keepalived/chk.sh")]),
    ("K12", [(ALL, TRACKED, "")]),
]  # fmt: skip
TWO_MASTERS = [
    ("K05", [(M2, "advert_int 1", "advert_int 2")]),
    ("K06", [(M2, "virtual_router_id 77", "virtual_router_id 78")]),
    ("K06", [(M2, "auth_pass 8letters", "auth_pass another")]),
    ("K06", [(M2, "        10.0.0.100", "        10.0.0.101")]),
    ("K13", [(M1, "        10.0.0.12\n", "")]),
]


@pytest.fixture
def broken(engine, tmp_path, monkeypatch):
    """Return a lab on files that break a rule, as an operator runs them who has asked neither lint nor daemon."""
    stack = []

    def build(code, changes):
        found = made(tmp_path, *changes)
        assert code in codes(found, lambda f: f.severity is Severity.ERROR)
        monkeypatch.setattr(preflight, "check", lambda *words: [])
        context = labs.up(engine, load(tmp_path), print)
        stack.append(context)
        return context.__enter__()

    yield build
    for context in stack:
        context.__exit__(None, None, None)


def masters(lab) -> list[str]:
    """Return the nodes that hold a VIP, by the kernel's own word."""
    return [
        n
        for n, node in lab.nodes.items()
        if " 10.0.0.10" in node.run("ip", "-o", "-4", "addr", "show", "to", "10.0.0.100/31")
    ]


def settled(lab) -> None:
    instances = [group[0] for group in lab.plain.instances.values()]
    time.sleep(max(master_down_s(i.priority, i) for i in instances) + 3)


@pytest.mark.parametrize(("code", "changes"), STAYS, ids=[f"{c}-{n}" for n, (c, _) in enumerate(STAYS)])
def test_the_vip_never_moves(broken, code, changes):
    lab = broken(code, changes)
    labs.await_steady(lab, within_s=60)
    (owner,) = masters(lab)
    lab.nodes[owner].act("kill", "kube-apiserver", "--index", "0", "--fault", "ProcessKill")
    time.sleep(3 * 2 + 4.6 + 3)  # fall 2 of interval 2, its limit, a whole master-down time, and three seconds more
    assert masters(lab) == [owner]


@pytest.mark.parametrize(("code", "changes"), TWO_MASTERS, ids=[f"{c}-{n}" for n, (c, _) in enumerate(TWO_MASTERS)])
def test_two_nodes_are_master_at_once(broken, code, changes):
    lab = broken(code, changes)
    settled(lab)
    for _ in range(2):
        assert len(masters(lab)) >= 2
        time.sleep(1)


def test_without_the_fault_there_is_one_master_and_the_vip_moves(broken, tmp_path, engine):
    """The same deeds on files without a fault: what the others show is the fault's own."""
    assert made(tmp_path) == []
    with labs.up(engine, load(tmp_path), print) as lab:
        labs.await_steady(lab, within_s=60)
        (owner,) = masters(lab)
        lab.nodes[owner].act("kill", "kube-apiserver", "--index", "0", "--fault", "ProcessKill")
        deadline = time.monotonic() + 3 * 2 + 4.6 + 3
        while masters(lab) == [owner]:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_K03_keepalived_takes_the_state_for_backup(broken):
    lab = broken("K03", [(M1, "state BACKUP", "state master")])
    settled(lab)
    said = lab.nodes["m1"].run("sh", "-c", "cat /var/log/harness/keepalived/*")
    assert "unknown state 'master', defaulting to BACKUP" in said


def test_H01_an_unchecked_server_is_never_taken_out(broken):
    lab = broken("H01", [(PROXY, "default-server check ", "default-server ")])
    settled(lab)
    lab.nodes["m2"].act("cut-off", "eth0", "--index", "0", "--fault", "NodeCrash")
    time.sleep(8)
    assert any("no check" in said for said in statuses(lab))
    assert answers(lab, 9).count("000") >= 2


def test_H02_a_check_in_the_clear_takes_every_backend_out(broken):
    lab = broken("H02", [(PROXY, "check-ssl verify none ", "")])
    time.sleep(10)
    assert set(statuses(lab)) == {"DOWN"}
    assert set(answers(lab, 3)) == {"000"}


def test_H10_a_frontend_on_the_apiservers_port_keeps_one_of_the_two_from_starting(broken):
    lab = broken("H10", [(PROXY, "bind *:8443", "bind *:6443")])
    settled(lab)
    for node in lab.nodes.values():
        assert len({"haproxy", "kube-apiserver"} & set(node.run("ps", "-eo", "comm").split())) == 1


def test_H10_bound_to_the_vip_haproxy_runs_where_the_vip_is_and_nowhere_else(broken):
    lab = broken("H10", [(PROXY, "bind *:8443", "bind 10.0.0.100:8443")])
    settled(lab)
    running = [n for n, node in lab.nodes.items() if "haproxy" in node.run("ps", "-eo", "comm").split()]
    assert not running or running == masters(lab)


def test_E01_of_two_members_none_may_fail(broken, tmp_path):
    changes = [
        (PROXY, "    server m3 10.0.0.13:6443\n", ""),
        ("m1/keepalived.conf", "        10.0.0.13\n", ""),
        ("m2/keepalived.conf", "        10.0.0.13\n", ""),
    ]
    made(tmp_path, *changes)
    (tmp_path / "profile.toml").write_text('[nodes]\nm1 = "10.0.0.11"\nm2 = "10.0.0.12"\n')
    lab = broken("E01", changes)
    labs.await_steady(lab, within_s=60)
    lab.nodes["m2"].act("kill", "etcd", "--index", "0", "--fault", "ProcessKill")
    time.sleep(3)
    said = lab.client.run("curl", "-sk", "-m", "5", "-w", "%{http_code}", "https://10.0.0.11:6443/readyz", check=False)
    assert said.endswith("500")


def statuses(lab) -> list[str]:
    """Return each server's status as the owner's haproxy tells it."""
    (owner, *_) = masters(lab)
    ask = "echo 'show stat -1 4 -1' | python3 -c \"import socket,sys;s=socket.socket(socket.AF_UNIX);" + (
        "s.connect('/run/haproxy/harness.sock');s.sendall(sys.stdin.read().encode());print(s.recv(65536).decode())\""
    )
    rows = lab.nodes[owner].run("sh", "-c", ask).splitlines()
    column = rows[0].split(",").index("status")
    return [row.split(",")[column] for row in rows[1:] if row.count(",") > column]


def answers(lab, count: int) -> list[str]:
    """Return the HTTP status of some requests through the VIP; 000 where there was no answer."""
    ask = "curl -sk -m 1 -o /dev/null -w '%{http_code} ' https://10.0.0.100:8443/livez"
    return lab.client.run("sh", "-c", f"for i in $(seq {count}); do {ask}; done; true").split()
