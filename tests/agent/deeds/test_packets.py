from types import SimpleNamespace
from typing import Any

import pytest

from harness.agent.deeds import packets
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
            case ["-D", hook, *rest]:
                rules.remove(" ".join(["-A", hook, *rest]))
            case ["-F", chain]:
                rules[:] = [rule for rule in rules if not rule.startswith(f"-A {chain} ")]
            case ["-X", chain]:
                assert not [rule for rule in rules if chain in rule.split()[1:2]]


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
    Drop(112, way).do()
    for rules in tables.rules.values():
        chain = f"FAILOVER-112-{way}"
        assert {rule.split()[1] for rule in rules if rule.endswith(f"-j {chain}")} == hooks
        assert f"-A {chain} -p 112 -j DROP" in rules
    Pass(112, way).do()
    assert tables.rules == {"iptables": [others], "ip6tables": [others]}


def test_a_kernel_that_takes_no_rule_is_no_proof(monkeypatch):
    monkeypatch.setattr(packets, "subprocess", SimpleNamespace(run=Tables(deaf="ip6tables").run))
    with pytest.raises(Unproven, match="ip6tables took no rule against protocol 112: no table `filter`"):
        Drop(112, "both").do()
