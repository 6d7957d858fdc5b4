from types import SimpleNamespace
from typing import Any

from harness.errors import EngineError
from harness.events import AgentStart, Fact, HaproxyServer, Vip, VrrpState
from harness.history import Event
from harness.lab.live import Live, Missing
from harness.lab.machine import Machine
from harness.profile.machines import Role

Told = tuple[str, str, dict[str, Any]]


def told(*facts: tuple[str, Fact]) -> Live:
    live = Live(dict.fromkeys(("m1", "m2"), (Role.LB, Role.MASTER)))
    for number, (node, fact) in enumerate(facts):
        live._take(Event(number, node, "node", number, fact))
    return live


def lacking(*facts: tuple[str, Fact]) -> Missing:
    missing = told(*facts).unsteady()
    assert missing is not None
    return missing


def server(node: str, name: str, status: str, check: str = "", code: str = "") -> tuple[str, Fact]:
    row = HaproxyServer(backend="b", server=name, status=status, check_status=check, check_code=code, initial=False)
    return node, row


def up(node: str) -> tuple[str, Fact]:
    return server(node, "a", "UP", "L7OK")


def state(node: str, word: str) -> tuple[str, Fact]:
    return node, VrrpState(instance="VI_1", state=word, priority=100)


def owned(node: str) -> tuple[str, Fact]:
    return node, Vip(address="v", interface="eth0", present=True, initial=False)


WHOLE = (owned("m1"), state("m1", "MASTER"), state("m2", "BACKUP"), up("m1"), up("m2"))


def test_two_may_hold_the_vip_and_then_none_owns_it():
    both = told(*WHOLE, owned("m2"))
    assert (both.holders, both.vip_owner) == (["m1", "m2"], None)
    both.silence("m1")
    assert (both.holders, both.vip_owner) == (["m2"], "m2")


def test_a_whole_chain_lacks_nothing():
    assert told(*WHOLE).unsteady() is None


def test_what_is_missing_names_who_could_say_why():
    missing = lacking(*WHOLE[1:])
    assert missing.what == "no node has the VIP: keepalived is MASTER on m1, BACKUP on m2"
    missing = lacking(*WHOLE, state("m2", "FAULT"))
    assert (missing.what, missing.node, missing.daemon) == ("keepalived on m2 is FAULT", "m2", "keepalived")
    missing = lacking(*WHOLE, server("m2", "a", "DOWN", "L7STS", "403"))
    assert (missing.what, missing.daemon) == ("haproxy on m2 has a (L7STS 403) not UP", "haproxy")
    assert lacking(*WHOLE[:4]).what == "haproxy on m2 tells of no server"


def test_a_server_that_nobody_checks_or_that_is_out_of_service_lacks_nothing():
    for status in ("no", "MAINT", "DRAIN"):
        assert told(*WHOLE, server("m1", "b", status)).unsteady() is None


def test_two_owners_are_named():
    missing = lacking(*WHOLE, owned("m2"))
    assert missing.what.startswith("m1 and m2 have the VIP at once: keepalived is MASTER on m1")


def test_a_node_that_stands_still_is_left_out_and_taken_in_again_with_what_it_had_said():
    live = told(*WHOLE)
    live.silence("m1")
    assert (live.vip_owner, live.alive) == (None, [])
    live._take(Event(9, "m2", "node", 9, owned("m2")[1]))
    assert (live.vip_owner, live.alive) == ("m2", ["m2"])
    live.silence("m1", False)
    assert (live.vip_owner, live.alive) == (None, ["m1", "m2"])


def test_one_in_fault_is_asked_before_the_others():
    assert lacking(state("m1", "BACKUP"), state("m2", "FAULT")).node == "m2"


def test_a_tail_ends_quietly_with_its_engine():
    def gone(*words, **options):
        raise EngineError("the container engine went away")

    client = SimpleNamespace(api=SimpleNamespace(exec_create=gone))
    machine = Machine("m1", SimpleNamespace(id="1", name="m1", client=client), "eth0")
    live = Live(dict.fromkeys(("m1", "m2"), (Role.LB, Role.MASTER)))
    live._listen(machine)  # in the thread of a tail nobody would catch what is raised
    assert live.alive == []


def test_a_load_balancer_and_a_master_lack_what_is_theirs():
    live = Live({"lb1": [Role.LB], "cp1": [Role.MASTER]})
    facts = [
        owned("lb1"),
        state("lb1", "MASTER"),
        server("lb1", "cp1", "UP"),
        ("lb1", AgentStart(boot_id="b", time_namespace=1)),
        owned("lb1"),
        ("cp1", AgentStart(boot_id="b", time_namespace=1)),
    ]
    for number, (node, fact) in enumerate(facts[:-1]):
        live._take(Event(number, node, "node", number, fact))
    assert live.unsteady() == Missing("cp1 is not up")
    live._take(Event(9, "cp1", "node", 0, facts[-1][1]))
    assert live.unsteady() is None
    assert (live.lbs, live.masters, live.alive) == (["lb1"], ["cp1"], ["cp1", "lb1"])
    live.forget("cp1")
    assert live.masters == [] and live.unsteady() is not None


def test_a_tail_that_breaks_off_is_taken_up_again_until_its_node_is_off(monkeypatch):
    monkeypatch.setattr("harness.lab.live.AGAIN_S", 0.0)
    live, ended = Live({"m1": [Role.LB]}), list[Machine]()
    monkeypatch.setattr(live, "_listen", ended.append)

    class Container:
        status = "running"

        def reload(self) -> None:
            if len(ended) == 2:
                raise EngineError("the container engine answered too late")  # which does not say that the node is off
            self.status = "running" if len(ended) < 3 else "exited"

    live._turns["m1"] = 1
    live._listen_on(Machine("m1", Container(), "eth0"), 1)
    assert len(ended) == 3
    live._listen_on(Machine("m1", Container(), "eth0"), 2)  # another tail has its place
    assert len(ended) == 3
