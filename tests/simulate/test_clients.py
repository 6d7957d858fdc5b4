"""The integration over due times is held against requests played one by one."""

from dataclasses import replace
from itertools import pairwise

import pytest

from harness.chain.retries import Picks
from harness.faults.node import NodeCrash
from harness.faults.process import ProcessKill
from harness.simulate.assumed import QUIET_LAB
from harness.simulate.clients import OF_HEALTH, OF_READ, Clients
from harness.simulate.passage import passage
from harness.simulate.play import Play
from harness.simulate.record import Answer, View
from harness.simulate.timeline import Timeline
from harness.simulate.turns import ordered
from harness.steps import Heal, Hold, Inject
from tests.simulate.chains import OTHER, OWNER, Signal, chain

S, R, D, W, H, E = Answer.SERVES, Answer.REFUSES, Answer.DROPS, Answer.WAITS, Answer.HANGS, Answer.ERRS
W_, E_ = Answer.WAITS_UNTOLD, Answer.ERRS_UNTOLD
WHOLE = View(0, S, (0, 1, 2), (S, S, S))
DARK = View(None, D, (), (S, S, S))


def clients(deadline_s=1.0, balance=None, **changes):
    return Clients(chain(110, 109, 108, balance=balance, **changes), deadline_s, QUIET_LAB)


def lost(views, deadline_s=1.0, from_s=0.0, to_s=10.0, **how):
    return clients(deadline_s, **how).lost_s(Timeline(views), from_s, to_s)


def test_while_nobody_has_the_vip_every_request_is_lost():
    assert lost([(0, WHOLE), (2, DARK), (5, WHOLE)]) == pytest.approx(3)


@pytest.mark.parametrize(
    ("deadline_s", "left"),
    [
        (1.0, 3.0),  # the second SYN leaves at the deadline
        (1.5, 2.0),  # who was due in the last second is saved by it
        (3.5, 0.0),  # the third SYN, after 3 s, saves the first
        (3.0, 2.0),
    ],
)
def test_a_syn_that_is_sent_again_within_the_deadline_saves_a_request(deadline_s, left):
    assert lost([(0, WHOLE), (2, DARK), (5, WHOLE)], deadline_s) == pytest.approx(left)


def test_a_refusal_ends_a_request_whatever_its_deadline():
    refused = WHOLE._replace(front=R)
    assert lost([(0, WHOLE), (2, refused), (5, WHOLE)], 30.0) == pytest.approx(3)


def test_one_dead_backend_of_three_costs_its_share_until_it_is_out():
    dead = WHOLE._replace(answers=(S, R, S))
    views = [(0, WHOLE), (2, dead), (5, dead._replace(up=(0, 2)))]
    assert lost(views) == pytest.approx(1)
    assert lost(views, balance={"redispatch": -1}) == 0
    # A retry on the same server, a second later each time, saves who came so late that the server is back by then.
    back = [*views[:2], (5, WHOLE)]
    assert lost(back, 3.5) == 0
    assert lost(back, 2.5) == pytest.approx(1 / 3)


def test_a_hung_haproxy_or_backend_answers_nothing_and_no_server_up_closes():
    assert lost([(0, WHOLE._replace(front=H))], 30.0) == pytest.approx(10)
    assert lost([(0, WHOLE._replace(answers=(S, H, S)))]) == pytest.approx(10 / 3)
    assert lost([(0, WHOLE._replace(up=()))], 30.0) == pytest.approx(10)


def test_who_reads_waits_for_etcd_as_long_as_the_apiserver_is_patient():
    waiting = WHOLE._replace(answers=(W_,) * 3)
    views = [(0, WHOLE), (2, waiting), (5, WHOLE)]
    assert lost(views, 0.4) == pytest.approx((3 - 0.4) / 4)
    assert lost(views, 1.0) == pytest.approx((3 - 1) / 4)
    assert lost(views, 30.0) == pytest.approx((3 - 2) / 4)
    assert lost([(0, WHOLE), (2, waiting), (5, WHOLE._replace(answers=(E, E, E)))]) == pytest.approx(5 + 3 / 4)


def test_who_asks_for_health_is_refused_at_once_when_that_has_told():
    views = [(0, WHOLE), (2, WHOLE._replace(answers=(W_,) * 3)), (4, WHOLE._replace(answers=(W,) * 3)), (5, WHOLE)]
    assert lost(views, 1.0) == pytest.approx(1 * 3 / 4 + (3 - 1) / 4)
    assert clients().dark_s(Timeline(views), 0, 10) == pytest.approx(1)
    gone = [(0, WHOLE), (2, WHOLE._replace(answers=(E_, S, S))), (4, WHOLE._replace(answers=(E, S, S))), (5, WHOLE)]
    assert lost(gone) == pytest.approx(2 / 3 / 4 + 1 / 3)


def test_without_a_haproxy_the_owners_apiserver_is_met():
    def straight(front):
        return View(0, front, (), (front, S, S))

    how = {"balancer": None}
    assert lost([(0, straight(S))], **how) == 0
    assert lost([(0, straight(R))], **how) == pytest.approx(10)
    assert lost([(0, straight(W)), (4, straight(S))], **how) == pytest.approx(4 * 3 / 4 + 3 / 4)


def test_a_blackout_is_the_longest_time_in_which_nothing_could_be_answered():
    some = WHOLE._replace(answers=(S, D, D))
    views = [(0, WHOLE), (1, DARK), (2, WHOLE._replace(front=R)), (4, some), (5, DARK), (6, WHOLE)]
    assert clients().dark_s(Timeline(views), 0, 10) == pytest.approx(3)
    assert clients().dark_s(Timeline(views), 1.5, 10) == pytest.approx(2.5)
    assert clients().dark_s(Timeline(views), 0, 5.5) == float("inf")
    assert clients().dark_s(Timeline([(0, WHOLE)]), 0, 5) == 0


def one_by_one(of, through, timeline, deadline_s, from_s, to_s, period_s):
    """Send requests one after another through a round robin of the haproxy that they reach; return the lost share."""
    place, failed = 0, []
    for number in range(round((to_s - from_s) / period_s)):
        due_s = from_s + number * period_s
        arrived_s = of.arrival(timeline, due_s)
        if arrived_s is None:
            failed.append(True)
            continue
        view = timeline.view(arrived_s)
        order = ordered(view.up, place % len(view.up), through.retries.most) if view.up else ()
        failed.append(not of.answered(timeline, due_s, arrived_s, order))
        place += taken(through, view, order) if view.up else 0
    return sum(failed) / len(failed)


def taken(through, view, order):
    """Return how many turns a connection takes at once."""
    asked = []

    def answer(node, later_s):
        asked.append((node, later_s))
        return view.answers[node]

    passage(through, view.up, order, answer, 60.0)
    at_once = [node for node, later_s in asked if later_s == 0]
    return 1 + sum(a != b for a, b in pairwise(at_once))


@pytest.mark.parametrize("deadline_s", [0.3, 1.0, 1.7, 5.0, 12.0])
@pytest.mark.parametrize(
    "balance", [{}, {"redispatch": -1, "connect_s": 0.7}, {"picks": Picks.RING, "redispatch": 2, "connect_s": 0.7}]
)
@pytest.mark.parametrize(
    "faults",
    [
        [ProcessKill("haproxy", OWNER)],
        [ProcessKill("kube-apiserver", OTHER)],
        [NodeCrash(OWNER), NodeCrash(OWNER)],
        [Signal("etcd", "KILL")],
    ],
)
def test_the_integral_is_what_requests_one_by_one_come_to(faults, balance, deadline_s):
    of = chain(110, 109, 108, balance=balance)
    steps = [Hold(2), *(step for fault in faults for step in (Inject(fault), Hold(9))), Heal(), Hold(9)]
    counted = Clients(of, deadline_s, QUIET_LAB)
    for seed in range(2):
        record = Play(of, steps, QUIET_LAB, seed).record()
        timeline = Timeline(record.views)
        share = counted.lost_s(timeline, 0, record.end_s) / record.end_s
        through = of.nodes[0].balancer
        walked = sum(
            part * one_by_one(counted, through, timeline.of(heard), deadline_s, 0, record.end_s, period_s=0.0053)
            for heard, part in ((OF_READ, QUIET_LAB.reads), (OF_HEALTH, 1 - QUIET_LAB.reads))
        )
        assert share == pytest.approx(walked, abs=0.004)
        assert 0 <= share < 1


def test_within_a_piece_nothing_changes():
    """Between two edges every due time fares alike, also where requests wait for what comes later."""
    of = chain(110, 109, 108, balance={"redispatch": -1, "connect_s": 0.7})
    record = Play(of, [Inject(NodeCrash(OWNER)), Hold(6), Inject(NodeCrash(OWNER)), Hold(5), Heal(), Hold(6)],
                  replace(QUIET_LAB, late_s_mean=0.02), seed=4).record()  # fmt: skip
    counted, timeline = Clients(of, 6.0, QUIET_LAB), Timeline(record.views)
    for begin, end, _ in timeline.pieces(0, record.end_s):
        for a, b in pairwise(counted._edges(timeline, begin, end)):
            shares = {counted.share(timeline, a + (b - a) * part) for part in (0.001, 0.3, 0.7, 0.999)}
            assert len(shares) == 1
