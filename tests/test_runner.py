"""What is kept of a trial, with machines that are only a table of files."""

import pytest

from harness import assets, disk, runner, store
from harness.agent.deeds.deed import Deed
from harness.errors import DiskError, EngineError
from harness.events import AgentStart, Fact, StepTaken, Vip
from harness.faults.node import NodeFreeze
from harness.history import Event
from harness.lab.lab import Lab
from harness.lab.live import Live
from harness.lab.machine import Machine
from harness.profile.folder import find, load
from harness.profile.instrument import instrument
from harness.runner import Trial
from harness.select import VipOwner
from harness.spec import Scenario

EVENT = b'{"t_ns":1,"node":"%s","agent":"node","seq":0,"kind":"link","data":{"interface":"eth0","mac":"aa"}}\n'


class Table(Machine):
    def __init__(self, name: str, gone: bool = False) -> None:
        super().__init__(name, None, "eth0")
        self.powered, self.gone = True, gone

    def run(self, *words: str, check: bool = True) -> str:
        return ""

    def fetch(self, folder: str) -> dict[str, bytes]:
        if self.gone:
            raise EngineError("the container engine went away")
        return {"log/syslog": b"said"} if folder == "/var/log" else {"events/node.jsonl": EVENT % self.name.encode()}


def trial(*machines: Machine) -> Trial:
    plain = load(find("article", assets.PROFILES))
    lab = Lab(
        "lab",
        plain,
        instrument(plain),
        "token",
        Live(plain.facts.roles),
        nodes={machine.name: machine for machine in machines},
    )
    taken: list[Event[Fact]] = [Event(0, "harness", "runner", 0, StepTaken(name="steady", detail=""))]
    return Trial(Scenario("", lambda times: [], lambda times: []), lab, print, steps_taken=taken)


def test_what_one_machine_recorded_is_kept_where_another_cannot_be_reached(tmp_path):
    with pytest.raises(EngineError):
        runner.collect(trial(Table("m1"), Table("m2", gone=True)), "kill-node", tmp_path)
    _, kept = store.load_trial(tmp_path)
    assert [event.node for event in kept.events] == ["harness", "m1"]
    assert (tmp_path / "logs/m1/log/syslog").read_bytes() == b"said"


class Still(Table):
    def act(self, deed: Deed, **about: object) -> dict[str, object]:
        return {}


def test_a_node_that_stands_still_is_left_out_until_it_goes_on():
    of = trial(Still("m1"), Still("m2"))
    for node in of.lab.nodes:
        of.lab.live._take(Event(0, node, "node", 0, AgentStart(boot_id="b", time_namespace=1)))
    of.lab.live._take(Event(0, "m1", "node", 1, Vip(address="v", interface="eth0", present=True, initial=False)))
    of._inject(NodeFreeze(VipOwner()))
    assert (of.lab.live.vip_owner, of.lab.live.alive) == (None, ["m2"])
    of._heal()
    assert (of.lab.live.vip_owner, of.lab.live.alive) == ("m1", ["m1", "m2"])


def test_where_no_machine_can_be_reached_nothing_is_written(tmp_path):
    with pytest.raises(EngineError):
        runner.collect(trial(Table("m1", gone=True), Table("m2", gone=True)), "kill-node", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_too_full_for_the_logs_has_the_history(tmp_path, monkeypatch):
    def full(path):
        raise DiskError(f"{path}: no space left on device")

    monkeypatch.setattr(disk, "folder", full)
    with pytest.raises(DiskError, match=r"logs/m1"):
        runner.collect(trial(Table("m1")), "kill-node", tmp_path)
    assert len(store.load_trial(tmp_path)[1].events) == 2
