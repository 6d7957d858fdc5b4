from random import Random

from harness.chain import shares
from harness.simulate.surroundings import Surroundings
from harness.simulate.warmup import Warmup
from tests.simulate.chains import EXACT


def warming(slowstart_s, until_s, stop_s=None):
    around, seen = Surroundings(EXACT, Random(1), 0.0), []
    warmup = Warmup(around, slowstart_s, lambda: seen.append((around.kernel.now, warmup.parts)))
    around.kernel.at(10.0, warmup.start)
    if stop_s is not None:
        around.kernel.at(stop_s, warmup.stop)
    around.kernel.run(until_s)
    return warmup.parts, seen


def test_it_grows_once_a_second_as_haproxys_did():
    assert warming(4.0, 20.0) == (16, [(10.0, 1), (11.0, 5), (12.0, 9), (13.0, 13), (14.0, 16)])


def test_without_slowstart_it_is_whole_at_once():
    assert warming(0.0, 20.0) == (16, [])


def test_a_second_that_changes_nothing_is_not_told():
    parts, seen = warming(60.0, 200.0)
    assert (parts, len(seen)) == (16, 16)
    assert seen[1] == (14.0, 2)  # 16 × 4 / 60 is more than 1
    assert seen[-1] == (10 + shares.whole_after_s(60.0), 16) == (67.0, 16)


def test_one_that_is_down_again_is_whole_when_it_is_back_without_it():
    assert warming(4.0, 20.0, stop_s=11.5) == (16, [(10.0, 1), (11.0, 5)])
