from dataclasses import replace

import pytest

from harness.faults.process import ProcessKill
from harness.steps import Heal, Hold
from tests.simulate.chains import EXACT, OWNER, TRACK, Signal, chain, struck, values

HEARD = replace(TRACK, hears=True, interval_s=0.0, weight=0)
KILLED = ProcessKill("haproxy", OWNER)


def migrations(track, fault=KILLED, **how):
    return values(struck(chain(110, 109, tracks=(track,)), fault, 8, **how), "vip_migration_s")


def test_an_exit_counts_at_once():
    assert migrations(HEARD) == pytest.approx([(256 - 109) / 256] * 400, abs=1e-5)


def test_or_after_its_delay():
    assert migrations(replace(HEARD, lost_s=1.5)) == pytest.approx([1.5 + (256 - 109) / 256] * 400, abs=1e-5)


def test_a_process_that_is_stopped_is_there():
    assert set(migrations(HEARD, Signal("haproxy", "STOP"))) == {float("inf")}


def test_what_is_back_before_its_delay_is_over_was_never_lost():
    late = chain(110, 109, tracks=(replace(HEARD, lost_s=30.0),))
    assert not struck(late, KILLED, 1, then=[Heal(), Hold(40)]).moved


def test_it_takes_as_long_to_hear_as_is_assumed():
    found = migrations(HEARD, assumed=replace(EXACT, heard_s=(0.1, 0.2)))
    assert found[0] - (256 - 109) / 256 >= 0.1 and found[-1] - (256 - 109) / 256 <= 0.2 + 1e-6


def test_out_of_fault_the_whole_wait_begins_and_a_process_counts_before_it_serves():
    found = struck(chain(110, 109, tracks=(HEARD,)), KILLED, 3, then=[Heal(), Hold(8)])
    assert values(found, "failback_s") == pytest.approx([3 + (256 - 110) / 256] * 400, abs=1e-5)
