from harness.faults.process import ProcessKill
from harness.select import VipOwner
from harness.steps import Heal, Hold, Inject, flapping, lasting_s


def test_what_flaps_breaks_and_heals_again_and_again():
    fault = ProcessKill("haproxy", VipOwner())
    steps = flapping(fault, 2, 1.0, 0.5)
    assert steps == [Inject(fault), Hold(1.0), Heal(), Hold(0.5)] * 2
    assert lasting_s(steps).min == lasting_s([]).min + 3.0
