"""An apiserver beside the VIP takes all memory, and the kernel kills it: every haproxy must evict it."""

from failover_example.checks import FewFail
from failover_example.faults import OutOfMemory

from harness.checks import Evicts, VipStays
from harness.select import NotVipOwner
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    steps=lambda t: [
        Inject(OutOfMemory("kube-apiserver", NotVipOwner())),
        Hold(t.eviction_refused_s.max + 1),
        Heal(),
        Await(Condition.STEADY, t.readmission_s.max + 5),
        Hold(2),
    ],
    checks=lambda t: [VipStays(0), *([Evicts(0)] if t.chain.checked else []), FewFail(1 / 3)],  # of three, one is dead
)


def test_out_of_memory(trial: Play) -> None:
    trial(scenario)
