from dataclasses import replace
from random import Random

import pytest

from harness.chain.observing import Observing, OnError
from harness.faults.node import NodeCrash
from harness.faults.process import ProcessKill
from harness.simulate.world import World
from harness.steps import Heal, Hold
from tests.chain.loopback import GROWN
from tests.simulate.chains import CHECK, EXACT, OTHER, OWNER, Signal, chain, is_uniform, struck, values

L7 = replace(CHECK, layer7=True, asks_ready=True, answer_s=10.0)
TLS = replace(L7, secure=True)


def evicted(fault, check, for_s, haproxy="m3", backend="s2", **how):
    return values(struck(chain(110, 109, 108, check=check), fault, for_s, **how), "eviction_s", 0, haproxy, backend)


@pytest.mark.parametrize(
    ("check", "d"),
    [
        (CHECK, 0.0),
        (L7, 0.0),
        (replace(CHECK, inter_s=10.0, fastinter_s=10.0, fall=2), 0.0),
        (replace(CHECK, fastinter_s=0.5), 0.0),
    ],
)
def test_a_backend_that_refuses_is_out_after_fall_checks(check, d):
    rest = (check.fall - 1) * (check.fastinter_s + d)
    found = evicted(ProcessKill("kube-apiserver", OTHER), check, 25)
    assert is_uniform(found, d + rest, check.inter_s + d + rest)
    assert sum(found) / len(found) == pytest.approx(d + rest + check.inter_s / 2, abs=0.05 * check.inter_s)


def test_one_that_is_silent_costs_each_check_its_connection():
    found = evicted(NodeCrash(OWNER), CHECK, 15, backend="s1")
    assert is_uniform(found, 2 + 2 * 4, 2 + 2 + 2 * 4)


@pytest.mark.parametrize(("check", "d"), [(L7, 10.0), (TLS, 2.0)])
def test_one_that_hangs_is_found_out_by_a_request_or_a_handshake(check, d):
    found = evicted(Signal("kube-apiserver", "STOP", OTHER), check, 60)
    assert is_uniform(found, d + 2 * (2 + d), 2 + d + 2 * (2 + d))


def test_a_connection_to_one_that_hangs_comes_about_and_is_all_that_a_plain_check_asks():
    assert evicted(Signal("kube-apiserver", "STOP", OTHER), CHECK, 60, trials=20) == [float("inf")] * 20


def readmitted(fault, check, for_s, **how):
    found = struck(chain(110, 109, 108, check=check), fault, for_s, then=[Heal(), Hold(20)], **how)
    return values(found, "readmission_s", 0, "m3", "s2")


def test_one_that_answers_again_is_back_after_rise_checks():
    assert is_uniform(readmitted(ProcessKill("kube-apiserver", OTHER), CHECK, 15), 2, 4)
    # Repairs are random over 20 s, the longest that a failing check's period may be: twice this one's.
    slow = replace(CHECK, downinter_s=10.0, fastinter_s=1.0, connect_s=10.0)
    assert is_uniform(readmitted(ProcessKill("kube-apiserver", OTHER), slow, 15), 1, 11)


def test_after_silence_the_check_under_way_may_still_be_answered_by_its_second_syn():
    back = readmitted(NodeCrash(OTHER), CHECK, 15)
    # Half of the time it waits, at most 2 s, and then passes. A quarter: it asks, and its second SYN is heard. A
    # quarter: that has gone in vain, and after the rest of this check comes another wait.
    assert back[0] >= 2 and back[-1] <= 5
    assert sum(b <= 3 for b in back) / len(back) == pytest.approx(0.25 + 0.25, abs=0.08)


def test_one_success_in_between_starts_the_count_anew():
    of = chain(110, 109, 108)
    world = World(of, EXACT, Random(3))
    apiserver = world.machines[1]
    apiserver.signal("kube-apiserver", "KILL")
    world.kernel.run(3.9)  # two of three checks
    apiserver.start("kube-apiserver")
    world.kernel.run(8)
    apiserver.signal("kube-apiserver", "KILL")
    world.kernel.run(11.9)
    assert all(checking.up for checking in world.machines[0].checked)
    world.kernel.run(14.1)
    assert [checking.up for checking in world.machines[0].checked] == [True, False, True]


def test_a_fresh_haproxy_takes_every_server_for_up_and_one_failure_for_enough():
    world = World(chain(110, 109, 108), EXACT, Random(3))
    world.machines[1].signal("kube-apiserver", "KILL")
    world.kernel.run(10)
    haproxy = world.machines[0]
    haproxy.signal("haproxy", "KILL")
    haproxy.start("haproxy")
    world.kernel.run(10.1)
    assert [checking.up for checking in haproxy.checked] == [True, True, True]
    world.kernel.run(10 + 2 / 3 + 0.1)  # the second of three is asked after a third of the interval
    assert [checking.up for checking in haproxy.checked] == [True, False, True]


def test_etcd_without_a_quorum_takes_every_backend_that_is_asked_for_it():
    world = World(chain(110, 109, 108, check=L7), EXACT, Random(3))
    for machine in world.machines[:2]:
        machine.signal("etcd", "KILL")
    world.kernel.run(12)
    assert [checking.up for checking in world.machines[2].checked] == [False, False, False]
    plain = World(chain(110, 109, 108), EXACT, Random(3))
    for machine in plain.machines[:2]:
        machine.signal("etcd", "KILL")
    plain.kernel.run(12)
    assert all(checking.up for checking in plain.machines[2].checked)


def test_asleep_or_awake_a_check_keeps_its_phase():
    """While nothing changes no event is spent; what comes of it is what a check every two seconds would find."""
    for seed in range(40):
        world = World(chain(110, 109, 108), EXACT, Random(seed))
        first = -world.machines[2].checked[1]._ended_s
        world.kernel.run(100.3)
        world.machines[1].signal("kube-apiserver", "KILL")
        world.kernel.run(110)
        down = next(at_s for at_s, *change in world.record.servers if change == [2, 1, False, True])
        periods = (down + first) / 2
        assert periods == pytest.approx(round(periods), abs=1e-9)
        assert 100.3 + 4 <= down <= 100.3 + 6


def observed(on_error, limit=10, hurries_s=None, fall=3, node="m1", **how):
    """Evictions of a dead apiserver by the haproxy that the clients reach: 100 a second, a third of whom meet it."""
    watch = Observing(limit, on_error, hurries_s)
    found = evicted(
        ProcessKill("kube-apiserver", OTHER), replace(CHECK, observing=watch, fall=fall, inter_s=9.0), 40, node, "s2",
        trials=100, **how,
    )  # fmt: skip
    return found[0], found[-1]


# Every connection that comes to the dead server is tried there four times, and so makes four errors: 133 a second.
PER_S = 4 * 100 / 3


@pytest.mark.parametrize(
    ("on_error", "fall", "errors"),
    [
        (OnError.MARK_DOWN, 3, 10),
        (OnError.FAIL_CHECK, 3, 30),
        (OnError.SUDDEN_DEATH, 3, 20),
        (OnError.SUDDEN_DEATH, 1, 10),
    ],
)
def test_clients_take_a_dead_server_out_long_before_its_checks(on_error, fall, errors):
    first, last = observed(on_error, fall=fall)
    # A check that fails meanwhile is worth ten.
    assert last <= errors / PER_S + 1e-6
    assert first >= 0


def test_with_fastinter_its_checks_hasten():
    assert observed(OnError.FASTINTER)[1] > 2 + 2 + 8.5
    assert observed(OnError.FASTINTER, hurries_s=0.5)[1] <= 10 / PER_S + 0.5 + 2 + 2


def test_where_no_clients_come_its_checks_decide():
    assert observed(OnError.MARK_DOWN, node="m3")[1] > 4 + 8.5


def test_one_that_is_warming_up_gets_more_each_second():
    of = chain(110, 109, 108)
    through = of.nodes[0].balancer
    assert through is not None
    slow = replace(through, servers=tuple(replace(server, slowstart_s=4.0) for server in through.servers))
    world = World(replace(of, nodes=tuple(replace(node, balancer=slow) for node in of.nodes)), EXACT, Random(3))
    world.machines[1].signal("kube-apiserver", "KILL")
    world.kernel.run(20)
    world.machines[1].start("kube-apiserver")
    world.kernel.run(40)
    seen = [(at_s, view.up.count(1) / len(view.up)) for at_s, view in world.record.views]
    back = next(at_s for at_s, *change in world.record.servers if change == [0, 1, True, True])
    growing = [(at_s - back, share) for at_s, share in seen if at_s >= back]
    assert [after_s for after_s, _ in growing] == pytest.approx(range(len(GROWN)))
    assert [share for _, share in growing] == pytest.approx([share for _, share in GROWN], abs=0.001)


def test_backups_take_over_when_no_other_is_up_and_give_way_again():
    of = chain(110, 109, 108)
    through = of.nodes[0].balancer
    assert through is not None
    first, *others = through.servers
    spare = replace(through, servers=(first, *(replace(server, backup=True) for server in others)))
    for all_backups, taken in ((False, (1,)), (True, (1, 2))):
        nodes = tuple(replace(node, balancer=replace(spare, all_backups=all_backups)) for node in of.nodes)
        world = World(replace(of, nodes=nodes), EXACT, Random(3))
        assert world.machines[0].up == (0,)
        world.machines[0].signal("kube-apiserver", "KILL")
        world.kernel.run(10)
        assert world.machines[0].up == taken
        world.machines[0].start("kube-apiserver")
        world.kernel.run(20)
        assert world.machines[0].up == (0,)
