from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from harness.agent.deeds import frames, packets
from harness.agent.deeds.deed import Unproven
from harness.agent.deeds.packets import Drop, Pass


class Tables:
    """Takes what iptables-restore(8) is told, as far as a chain of one's own goes, and lists it."""

    def __init__(self, deaf: str = "") -> None:
        self.deaf = deaf
        self.rules: dict[str, list[str]] = {"iptables": [], "ip6tables": []}

    def run(self, words: list[str], input: str = "", **how: Any) -> SimpleNamespace:
        family = words[0].removesuffix("-restore")
        if family == self.deaf:
            return SimpleNamespace(stdout="", stderr="no table `filter`\n")
        if "-restore" in words[0]:
            assert "--noflush" in words, "others' rules are none of ours"
            for line in input.splitlines():
                self.taken(self.rules[family], line.split())
        return SimpleNamespace(stdout="\n".join(self.rules[family]), stderr="")

    def taken(self, rules: list[str], words: list[str]) -> None:
        match words:
            case ["-I" | "-A" as how, hook, *rest]:
                rules.insert(0 if how == "-I" else len(rules), " ".join(["-A", hook, *rest]))
            case [chain, "-", "[0:0]"] if chain.startswith(":"):
                rules.append(f"-N {chain[1:]}")
            case ["-D", hook, *rest]:
                rules.remove(" ".join(["-A", hook, *rest]))
            case ["-F", chain]:
                rules[:] = [rule for rule in rules if not rule.startswith(f"-A {chain} ")]
            case ["-X", chain]:
                assert not [rule for rule in rules if chain in rule.split()[1:2] and rule.startswith("-A")]
                rules[:] = [rule for rule in rules if rule != f"-N {chain}"]


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Tables:
    made = Tables()
    monkeypatch.setattr(packets, "subprocess", SimpleNamespace(run=made.run))
    return made


@pytest.mark.parametrize(("way", "hooks"), [("both", {"INPUT", "OUTPUT"}), ("in", {"INPUT"}), ("out", {"OUTPUT"})])
def test_what_is_dropped_is_dropped_where_it_passes_and_nowhere_once_it_may_pass_again(tables, way, hooks):
    others = "-A INPUT -p tcp -j ACCEPT"
    for rules in tables.rules.values():
        rules.append(others)
    Drop("vrrp", way).do()
    for rules in tables.rules.values():
        chain = f"FH-vrrp-{way}"
        assert {rule.split()[1] for rule in rules if rule.endswith(f"-j {chain}")} == hooks
        assert f"-A {chain} -p 112 -j DROP" in rules
    Pass("vrrp", way).do()
    assert tables.rules == {"iptables": [others], "ip6tables": [others]}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packets, "facts", lambda: {"addresses": {"m1": "198.18.0.11", "m2": "fd00::12"}})
    monkeypatch.setattr(packets, "apiserver_port", lambda: 6443)


def in_chain(rules: list[str]) -> list[str]:
    return [rule.split(maxsplit=2)[2] for rule in rules if rule.startswith("-A FH-")]


def test_what_a_node_tells_itself_passes(tables, told):
    Drop("all", "both", ["m1"]).do()
    passes, _, *rules = in_chain(tables.rules["iptables"])
    assert passes == "-i lo -j RETURN"
    assert rules == [f"{end} 198.18.0.11 -j DROP" for end in ("-s", "-d")]


def test_a_share_is_drawn_for_each_packet(tables, told):
    Drop("all", "in", share=0.02).do()
    _, _, rule = in_chain(tables.rules["iptables"])
    assert rule == "-m statistic --mode random --probability 0.020000000 -j DROP"
    Pass("all", "in", share=0.02).do()
    assert tables.rules == {"iptables": [], "ip6tables": []}


def test_from_everybody_frames_are_kept_whatever_is_in_them(tables, monkeypatch):
    told: list[str] = []
    monkeypatch.setattr(frames, "_links", lambda: ["eth0"])

    def batch(program: str, lines: Iterable[str]) -> str:
        told.extend(lines)
        return ""

    monkeypatch.setattr(frames, "batch", batch)
    Drop("all", "in").do()
    assert [line.split()[4] for line in told if line.startswith("filter")] == ["ingress"]
    Pass("all", "in").do()
    assert told[-1].startswith("qdisc del")
    assert tables.rules == {"iptables": [], "ip6tables": []}


def test_it_is_kept_from_those_that_are_named_each_by_its_kind_of_address(tables, told):
    Drop("apiserver", "out", ["m1"]).do()
    _, _, *rules = in_chain(tables.rules["iptables"])
    assert rules == [f"{end} 198.18.0.11 -p tcp --dport 6443 -j DROP" for end in ("-s", "-d")]
    assert len(in_chain(tables.rules["ip6tables"])) == 2  # of what it tells itself


def test_a_node_that_is_not_there_is_said_and_nothing_is_done(tables, told):
    with pytest.raises(Unproven, match="no node is called m9: there are m1, m2"):
        Drop("etcd", "both", ["m1", "m9"]).do()
    assert tables.rules == {"iptables": [], "ip6tables": []}


def test_what_is_refused_is_reset_where_it_is_tcp(tables, told):
    Drop("etcd", "in", refused=True).do()
    Drop("vrrp", "in", refused=True).do()
    refused = [rule for rule in in_chain(tables.rules["ip6tables"]) if "REJECT" in rule]
    assert refused == [
        "-p tcp --dport 2380 -j REJECT --reject-with tcp-reset",
        "-p tcp --sport 2380 -j REJECT --reject-with tcp-reset",
        "-p 112 -j REJECT",
        "-p 51 -j REJECT",
    ]


def test_two_partitions_of_a_node_have_a_chain_each_of_no_longer_name_than_iptables_takes(tables, told):
    Drop("apiserver", "both", ["m1"]).do()
    Drop("apiserver", "both", ["m2"]).do()
    chains = {rule.split()[1] for rule in tables.rules["iptables"] if rule.startswith("-N")}
    assert len(chains) == 2 and max(map(len, chains)) <= 28
    Pass("apiserver", "both", ["m1"]).do()
    Pass("apiserver", "both", ["m2"]).do()
    assert tables.rules == {"iptables": [], "ip6tables": []}


def test_a_kernel_that_takes_no_rule_is_no_proof(monkeypatch):
    monkeypatch.setattr(packets, "subprocess", SimpleNamespace(run=Tables(deaf="ip6tables").run))
    with pytest.raises(Unproven, match="ip6tables took no rule against vrrp: no table `filter`"):
        Drop("vrrp", "both").do()
