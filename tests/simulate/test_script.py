from dataclasses import replace
from random import Random

import pytest

from bench.ks import agreement
from harness.chain.look import Lookup
from harness.chain.sight import Request, Way
from harness.faults.process import ProcessKill
from harness.simulate.script import Ended, Tracking
from harness.simulate.surroundings import Surroundings
from harness.steps import Heal, Hold
from tests.simulate.chains import EXACT, OWNER, TRACK, chain, is_uniform, sight, struck, values

ASKS = Request(Way.BALANCER, minds=True, asks_ready=True, connects=False, limit_s=1.0)


class Bench:
    """A Tracking's, with a script that does as it is told, and never sleeps, in a world whose time stands still."""

    frozen = False

    def __init__(self, track):
        self.ok, self.weighed, self.stops, self.was_stopped = True, 0, False, False
        around = Surroundings(EXACT, Random(1), 0.0)
        around.later = self.later
        self.tracking = Tracking(around, self, track)

    def tried(self, track):
        return Ended(self.ok, 0.0, self.stops)

    def stopped(self):
        self.was_stopped = True

    def reweigh(self):
        self.weighed += 1

    def later(self, delay_s, deed, *words):
        if delay_s:
            self.deeds = [(deed, words)]
        else:
            deed(*words)

    def run(self, ok):
        self.ok = ok
        deed, words = self.deeds.pop()
        deed(*words)
        return self.tracking.ok


def started(ok, **changes):
    bench = Bench(replace(TRACK, sight=sight(ASKS), **changes))
    bench.ok = ok
    bench.tracking.start()
    return bench


def test_the_first_result_counts_at_once_whatever_rise_and_fall():
    assert started(True, rise=3, fall=5).tracking.ok is True
    assert started(False, rise=3, fall=5).tracking.ok is False


def test_only_failures_in_a_row_fail_it_and_only_successes_in_a_row_bring_it_back():
    bench = started(True, rise=2, fall=3)
    assert [bench.run(ok) for ok in (False, False, True, False, False)] == [True] * 5
    assert bench.run(False) is False
    assert [bench.run(ok) for ok in (True, False, True)] == [False] * 3
    assert bench.run(True) is True
    assert bench.weighed == 3


def test_a_script_may_have_its_own_keepalived_stopped():
    bench = started(True)
    bench.stops = True
    bench.run(False)
    assert bench.was_stopped and not bench.deeds


def test_detection_is_uniform_over_the_interval():
    weightless = chain(110, 109, tracks=(replace(TRACK, weight=0, interval_s=4.0),))
    found = struck(weightless, ProcessKill("haproxy", OWNER), 8)
    assert is_uniform(values(found, "detection_s"), 0, 4)


@pytest.mark.parametrize("fall", [2, 10])
def test_each_further_failure_costs_one_interval(fall):
    track = replace(TRACK, weight=0, fall=fall)
    found = struck(chain(110, 109, tracks=(track,)), ProcessKill("haproxy", OWNER), 3 * fall + 3)
    assert is_uniform(values(found, "detection_s"), 3 * (fall - 1), 3 * fall)


def test_asleep_or_awake_a_script_keeps_its_phase():
    """A look-up that sleeps and the same script kept awake, by asking what always answers, come to the same."""
    both = (Lookup("haproxy"), replace(ASKS, way=Way.APISERVER))
    for fall, rise in ((1, 1), (3, 2)):
        track = replace(TRACK, weight=0, fall=fall, rise=rise)
        found = {
            probes: struck(
                chain(110, 109, tracks=(replace(track, sight=sight(*probes)),)),
                ProcessKill("haproxy", OWNER),
                for_s=15,
                trials=300,
                then=[Heal(), Hold(15)],
            )
            for probes in (both, both[:1])
        }
        for name, low, high in (("detection_s", 3 * fall - 3, 3 * fall), ("failback_s", 3 * rise, 3 * rise + 6)):
            asleep, awake = (values(found[probes], name) for probes in (both[:1], both))
            assert agreement(asleep, awake).p > 0.01
            assert low <= asleep[0] and asleep[-1] <= high


def test_failback_waits_for_rise_successes():
    track = replace(TRACK, weight=0, rise=2)
    found = struck(chain(110, 109, tracks=(track,)), ProcessKill("haproxy", OWNER), 6, then=[Heal(), Hold(12)])
    # FAULT until the second success; then BACKUP, for its whole master-down time.
    assert is_uniform([b - 3 - (256 - 110) / 256 for b in values(found, "failback_s")], 3, 6)


def test_a_script_takes_its_time_before_it_says_so():
    slow = replace(EXACT, lookup_s=(0.5, 0.5))
    weightless = chain(110, 109, tracks=(replace(TRACK, weight=0),))
    found = struck(weightless, ProcessKill("haproxy", OWNER), 8, assumed=slow)
    assert is_uniform(values(found, "detection_s"), 0.5, 3.5)
