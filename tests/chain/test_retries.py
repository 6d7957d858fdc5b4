"""The rows were measured: tests/profile/haproxy/test_retries.py measures them again."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.chain import compile as chains
from harness.chain import retries
from harness.chain.failure import Kind
from harness.chain.retries import Ending, Picks, Retries
from harness.profile import haproxy
from harness.simulate.assumed import QUIET_LAB
from harness.simulate.clients import Clients
from harness.simulate.passage import passage
from harness.simulate.record import Answer, View
from harness.simulate.timeline import Timeline
from tests.chain.dead_backend import DEADLY, ROWS, configured
from tests.predict.made import predicted, profile

PLAIN = Retries(most=3, redispatch=None, picks=Picks.ANEW, connect_s=0.3)


def servers(*lines, mode="tcp", count=3):
    text = configured(lines, mode, tuple(range(9001, 9001 + count)))
    return list(haproxy.servers(haproxy.parse(text, "h.cfg")))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.mode}: {', '.join(row.lines)}, {'silent' * row.silent}")
def test_a_dead_server_is_met_as_haproxy_was_seen_to_meet_it(row):
    ending = retries.of(servers(*row.lines, mode=row.mode)[0]).ending(row.silent, up=3)
    assert (ending.attempts, ending.elsewhere) == (row.attempts, row.elsewhere)
    assert ending.after_s == pytest.approx(row.after_s)


def test_with_one_server_left_there_is_nowhere_else_and_each_retry_waits():
    for number in ("", " 1", " 2", " -2"):
        (only,) = servers(f"option redispatch{number}", count=1)
        ending = retries.of(only).ending(False, up=1)
        assert (ending.attempts, ending.elsewhere) == (4, False)
        assert ending.after_s == pytest.approx(0.9)


def test_the_wait_is_a_second_and_timeout_connect_where_that_is_less():
    for connect_s, waits_s in ((0.3, 0.9), (3.0, 3.0), (math.inf, 3.0)):
        assert Retries(3, None, Picks.ANEW, connect_s).ending(False, 3).after_s == pytest.approx(waits_s)


def test_without_timeout_connect_the_kernel_gives_up_and_haproxy_takes_that_for_a_refusal():
    assert Retries(1, None, Picks.ANEW, math.inf).ending(True, 3) == Ending(2, 127 + 1 + 127, False)


def test_what_haproxy_dies_of():
    (deadly, *_) = servers(*DEADLY)
    assert retries.of(deadly).divides_by_zero
    assert not any(retries.of(servers(*row.lines)[0]).divides_by_zero for row in ROWS)


def test_backups_do_not_count_as_active_so_that_only_the_last_retry_leaves_one():
    (one, *_) = servers("option redispatch")
    ending = retries.of(one).ending(False, up=2, backups=True)
    assert (ending.attempts, ending.elsewhere) == (3, True)
    assert ending.after_s == pytest.approx(0.9)
    assert retries.of(one).ending(False, up=2) == Ending(1, 0.0, True)


BALANCES = (
    "roundrobin",
    "static-rr",
    "random(2)",
    "leastconn",
    "source",
    "uri",
    "hdr(host)",
    "source\n hash-type consistent",
)
REDISPATCHES = (
    "",
    "no option redispatch",
    "option redispatch",
    *(f"option redispatch {n}" for n in (-2, -1, 0, 1, 2, 5)),
)
DEAD = {Kind.APISERVER_DEAD: Answer.REFUSES, Kind.NODE_CRASH: Answer.DROPS}


@settings(deadline=None, max_examples=150)
@given(
    balance=st.sampled_from(BALANCES),
    redispatch=st.sampled_from(REDISPATCHES),
    number=st.integers(0, 4),
    connect=st.sampled_from(["400ms", "1s", "5s"]),
    mode=st.sampled_from(["tcp", "http"]),
    retry_on=st.sampled_from(["", "retry-on 503", "retry-on conn-failure 503", "retry-on all-retryable-errors"]),
    kind=st.sampled_from(sorted(DEAD, key=str)),
    deadline_s=st.sampled_from([0.217, 1.217, 3.217, 12.217]),
)
def test_the_simulation_does_what_is_predicted(balance, redispatch, number, connect, mode, retry_on, kind, deadline_s):
    said = f"balance {balance}\n {redispatch}\n retries {number}\n {retry_on}\n mode {mode}\n timeout connect {connect}"
    tls = {r"^( +server .*)": r"\1 ssl verify none"} if mode == "http" else {}  # an apiserver speaks nothing else
    made = profile(haproxy={"balance +roundrobin": said, r"^ *mode +tcp *$": "", **tls})
    within = predicted(made, kind, node="m2").evictions["m1", "master1"]["misrouted_s"]
    elsewhere = within.why.endswith("elsewhere")

    of = chains.of(made)
    answers = [DEAD[kind] if place == 1 else Answer.SERVES for place in range(3)]
    balancer = of.nodes[0].balancer
    assert balancer is not None and within.bounds is not None
    met, waited_s = passage(balancer, (0, 1, 2), (1, 2, 0, 1, 2), lambda node, _: answers[node], math.inf)
    assert (met is Answer.SERVES) == elsewhere
    assert waited_s == pytest.approx(within.bounds.max)

    lost = Clients(of, deadline_s, QUIET_LAB).lost_s(
        Timeline([(0.0, View(0, Answer.SERVES, (0, 1, 2), tuple(answers)))]), 0.0, 9.0
    )
    refuses_first = {"leastconn": 9.0, "random(2)": 5.0}.get(balance, 3.0) if kind is Kind.APISERVER_DEAD else 3.0
    assert lost == pytest.approx(0.0 if elsewhere and waited_s < deadline_s else refuses_first)
