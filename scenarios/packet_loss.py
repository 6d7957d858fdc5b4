"""One packet in fifty is lost between the VIP's owner and all others: TCP sends again, and the VIP has to stay."""

import pytest

from harness.checks import ErrorRateBelow, NoAcknowledgedWriteLost, NotEvicted, VipStays
from harness.faults.network import PacketLoss
from harness.select import VipOwner
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

LOST = 0.02
# A request whose SYN, or the answer to that, is lost takes a second more, which is too long: on its way to the load
# balancer, and from there to another node. What is lost later is sent again after 0.2 s.
FAILS = 4 * LOST

scenario = Scenario(
    __doc__,
    group="network",
    steps=lambda t: [
        Inject(PacketLoss(VipOwner(), LOST)),
        Hold(30),
        Heal(),
        Await(Condition.STEADY, t.return_s),
        Hold(2),
    ],
    checks=lambda t: [
        VipStays(0),
        ErrorRateBelow(0, FAILS),
        *([NotEvicted(0)] if t.chain.checked else []),
        NoAcknowledgedWriteLost(),
    ],
)


@pytest.mark.catalogue
def test_packet_loss(trial: Play) -> None:
    trial(scenario)
