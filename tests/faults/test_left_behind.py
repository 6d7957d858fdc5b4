"""Every fault in a real lab: it takes effect and is healed, as a second witness sees it, and leaves nothing behind."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from harness.contracts import Fault
from harness.lab import daemons, gate
from harness.lab.lab import Lab
from harness.lab.machine import Machine
from harness.runner import Trial
from harness.spec import Scenario
from tests.faults.every import PROCESSES, called, every

pytestmark = pytest.mark.lab

NODE = "m3"  # which does not hold the VIP: nothing else has to move
DAEMONS = (*PROCESSES, "rsyslogd")
# What a fault could forget to take back: links, what drops frames, rules (nat is the engine's), routes, files.
KEPT = (
    "ip -o link | sed 's/ qdisc .*//; s/^[0-9]*: //; s/@if[0-9]*//'",
    "tc qdisc show; for way in ingress egress; do tc filter show dev eth0 $way; done",
    "for of in iptables ip6tables; do for table in filter mangle raw; do $of -t $table -S; done; done",
    "ip rule; ip route; ip -o -4 addr | sed 's/^[0-9]*: //'",
    "find /etc /usr /opt /root -xdev -type f -not -path '*/supervise/*' | sort",
)


def kept(machine: Machine) -> list[str]:
    return [machine.ask("sh", "-c", asked) for asked in KEPT]


def running(machine: Machine) -> dict[str, str]:
    """Return each process' state and command by its pid, but for those that look."""
    said = machine.run("ps", "-eo", "pid=,ppid=,stat=,comm=").splitlines()
    rows = [line.split(None, 3) for line in said]
    return {pid: f"{state[0]} {command}" for pid, parent, state, command in rows if parent != "0" or pid == "1"}


def answers(lab: Lab) -> bool:
    """Say whether the node's kernel answers the client on any port, if only with a refusal."""
    address = lab.plain.facts.nodes[NODE]
    said = lab.client.ask("sh", "-c", f"curl -s -o /dev/null -m 2 http://{address}:9/; echo $?")
    return said.strip() == "7"  # CURLE_COULDNT_CONNECT at once, not a timeout


def took_effect(lab: Lab, fault: Fault) -> None:
    """See from elsewhere that a fault did what it says: from the client, and in the node's own list of processes."""
    node = lab.nodes[NODE]
    if fault.effect.cut == "some":
        comes_about(lambda: answers(lab))  # if not the first who asks
    else:
        assert answers(lab) is not (fault.effect.silent or fault.effect.cut in ("all", "link"))
    if not node.powered:
        return
    states = running(node).values()
    if fault.effect.silent:
        theirs = {state for state in states if state.split()[1] in DAEMONS}
        assert theirs == {f"T {name}" for name in DAEMONS}, theirs
    for name in fault.effect.gone:
        assert not [state for state in states if state.endswith(f" {name[:15]}") and state[0] != "Z"]
    if fault.effect.cut == "vrrp":  # who hears no owner takes the VIP; one that is only not heard has nothing to say
        comes_about(lambda: (NODE in lab.live.holders) is (fault.effect.way != "out"))
    if port := {"etcd": 2380, "apiserver": lab.plain.facts.apiserver_port}.get(fault.effect.cut):
        assert not reached(lab, port)
    if fault.effect.to == "writing":
        assert "space exceeded" in lab.nodes["m1"].ask("sh", "-c", "etcdctl put a b 2>&1")
    elif fault.effect.errs and fault.effect.to != "verifying":
        assert answered(lab) == str(fault.effect.status)
    if fault.effect.to == "verifying":
        assert verified(lab) == "60"  # CURLE_PEER_FAILED_VERIFICATION
    for name in fault.effect.hung:
        assert {state[0] for state in states if state.endswith(f" {name[:15]}")} == {"T"}


def reached(lab: Lab, port: int) -> bool:
    """Say whether another node still reaches a port of the node's."""
    said = lab.nodes["m1"].ask("sh", "-c", f"nc -z -w 2 {lab.plain.facts.nodes[NODE]} {port}; echo $?")
    return said.strip() == "0"


def answered(lab: Lab) -> str:
    """Return the status of what the node's apiserver answers somebody elsewhere who does not say who they are."""
    where = f"https://{lab.plain.facts.nodes[NODE]}:{lab.plain.facts.apiserver_port}/version"
    return lab.nodes["m1"].ask("curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", where).strip()


def verified(lab: Lab) -> str:
    """Return what curl comes to elsewhere that verifies the certificate of the node's apiserver."""
    where = f"https://{lab.plain.facts.nodes[NODE]}:{lab.plain.facts.apiserver_port}/version"
    return (
        lab.nodes["m1"].ask("sh", "-c", f"curl -s -o /dev/null --cacert /etc/harness/ca.crt {where}; echo $?").strip()
    )


def comes_about(shown: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not shown():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("fault", list(every(NODE)), ids=called)
def test_it_takes_effect_is_healed_and_leaves_nothing_behind(lab: Lab, fault: Fault):
    node = lab.nodes[NODE]
    trial = Trial(Scenario("", lambda times: [], lambda times: []), lab, print)
    before = kept(node)
    assert answers(lab)
    try:
        trial._inject(fault)
        took_effect(lab, fault)
    finally:
        trial._heal()
    gate.await_steady(lab, within_s=200)
    assert answers(lab)
    assert not [state for state in running(node).values() if state[0] in "Tt"]
    assert daemons.ended(node) == []
    assert kept(node) == before
