from collections import Counter

import pytest

from harness.analysis.blame import blame, causes
from harness.analysis.faults import faults
from harness.analysis.owners import tenures
from harness.events import Effect, FaultEffect, HaproxySocket, Link, Neighbour, Vip
from tests.drawn import BACKENDS, VIP, Drawn, crash_of_owner, freeze_of_owner, two_dead


def blamed(drawn: Drawn, front: str = "haproxy") -> dict[str, int]:
    history = drawn.history()
    found = faults(history)
    broken = causes(history, found, tenures(history, found), BACKENDS, front)
    return Counter(one.cause for one in blame(history, broken))


def test_what_fails_while_nobody_has_the_vip_is_owed_to_that():
    assert blamed(crash_of_owner()) == {"no VIP": 301}


def test_what_fails_with_nothing_broken_is_unexplained():
    d = crash_of_owner()
    d.probe(1.5, error="reset")
    assert blamed(d)["unexplained"] == 1


def test_clients_that_nobody_told_of_an_owner_which_is_back_miss_it():
    d = freeze_of_owner()
    for node in ("m1", "m2"):
        d.event(-1, node, Link(interface="eth0", mac=node))
    for at, mac in ((6.0, "m2"), (25.0, "m1")):
        d.event(at, "client", Neighbour(address=VIP, mac=mac, state=2))
    d.probe(22, error="connect_timeout", took_s=1.0)
    d.probe(26, error="connect_timeout", took_s=1.0)
    assert blamed(d) == {"no VIP": 301, "client not told of the VIP's owner": 1, "unexplained": 1}


def test_a_dead_backend_is_to_blame_until_it_is_evicted():
    d = crash_of_owner()
    d.probe(8, error="tls", took_s=1.0)
    d.probe(13.6, error="tls", took_s=1.0)  # m2 evicted it at 13.5
    assert blamed(d) == {"no VIP": 301, "dead backend not yet evicted": 1, "unexplained": 1}


def parted(effect: Effect, node: str = "m1") -> Drawn:
    """m1 holds the VIP, and at 3 s something is cut; it takes master2 out at 7 s."""
    d = Drawn()
    d.vip(-1, "m1")
    d.cut(3, node, effect)
    for server in BACKENDS:
        d.server(-1, "m1", server, "UP", initial=True)
    d.server(7, "m1", "master2", "DOWN")
    d.probe(5, error="connect_timeout", took_s=1.0)
    d.probe(9, error="connect_timeout", took_s=1.0)
    return d


@pytest.mark.parametrize(
    ("effect", "node"),
    [
        (Effect(cut="apiserver", way="out", others=("m3",)), "m1"),
        (Effect(cut="apiserver", way="in"), "m3"),
        (Effect(cut="all", others=("m1",)), "m3"),
        (Effect(cut="all", way="in"), "m3"),
    ],
)
def test_a_backend_out_of_reach_is_to_blame_until_it_is_evicted(effect, node):
    assert blamed(parted(effect, node)) == {"backend out of reach not yet evicted": 1, "unexplained": 1}


@pytest.mark.parametrize(
    ("effect", "node"),
    [
        (Effect(cut="apiserver", way="in"), "m1"),
        (Effect(cut="apiserver", way="out"), "m3"),
        (Effect(cut="apiserver", others=("m2",)), "m3"),
        (Effect(cut="vrrp"), "m3"),
    ],
)
def test_what_is_cut_elsewhere_is_not(effect, node):
    assert blamed(parted(effect, node)) == {"unexplained": 2}


def test_a_backend_alone_with_its_etcd_is_to_blame_for_what_it_answers():
    d = parted(Effect(cut="etcd"), "m3")
    d.probe(6.5, error="5xx")
    assert blamed(d) == {"backend without its etcd not yet evicted": 1, "unexplained": 2}


def test_a_member_of_etcd_that_was_parted_has_the_others_elect_as_it_comes_back():
    d = parted(Effect(cut="etcd"), "m3")
    d.heal(20, "m3")
    d.probe(21, error="5xx", served_by="m2")
    assert blamed(d)["etcd electing a leader"] == 1


def test_nobody_has_the_vip_where_nobody_reaches_its_owner():
    d = parted(Effect(cut="all"))
    d.vip(6.5, "m2")  # which goes on to send to m1
    assert blamed(d) == {"no VIP": 1, "backend out of reach not yet evicted": 1}


def test_what_a_backend_answers_that_errs_is_owed_to_that():
    d = Drawn()
    d.vip(-1, "m1")
    effect = Effect(errs=("kube-apiserver",))
    d.event(2.9, "harness", FaultEffect(fault="HttpError", node="m2", index=0, effect=effect), "runner")
    d.fault(3, "m2")
    for server in BACKENDS:
        d.server(-1, "m1", server, "UP", initial=True)
    d.server(7, "m1", "master1", "DOWN")
    d.probe(5, error="5xx")
    d.probe(6, error="reset")
    d.probe(9, error="5xx")
    assert blamed(d) == {"backend that answers with errors not yet evicted": 1, "unexplained": 2}


def test_a_haproxy_that_runs_and_does_not_listen_yet_is_down():
    d = Drawn()
    d.vip(-1, "m1")
    d.process(-1, "m1", "haproxy")
    d.event(-1, "m1", HaproxySocket(path="/s", answering=True))
    d.kill(3, "m1", "haproxy")
    d.process(3.0005, "m1", "haproxy", alive=False)
    d.event(3.02, "m1", HaproxySocket(path="/s", answering=False))
    d.process(6, "m1", "haproxy", pid=9)
    d.event(6.2, "m1", HaproxySocket(path="/s", answering=True))
    for at in (4.0, 6.1, 6.5):
        d.probe(at, error="refused", took_s=0.0002)
    assert blamed(d) == {"haproxy down": 2, "unexplained": 1}


def test_a_haproxy_is_down_from_the_first_signal_on_however_long_its_processes_take_to_go():
    """The worker is gone at 3.025, its master at 3.1 s; what the worker had open is reset as it goes."""
    d = Drawn()
    d.vip(-1, "m1")
    for pid in (7, 8):
        d.process(-1, "m1", "haproxy", pid=pid)
    d.fault(3, "m1", took_s=0.095, process="haproxy")
    d.process(3.025, "m1", "haproxy", alive=False, pid=8)
    d.process(3.1, "m1", "haproxy", alive=False, pid=7)
    d.probe(2.95, error="reset", took_s=0.08)
    d.probe(2.9, error="reset", took_s=0.08)
    assert blamed(d) == {"haproxy down": 1, "unexplained": 1}


def test_what_answers_on_the_vip_may_be_another_than_haproxy():
    d = Drawn()
    d.vip(-1, "m1")
    d.process(-1, "m1", "nginx")
    d.kill(3, "m1", "nginx")
    d.process(3.0005, "m1", "nginx", alive=False)
    d.process(6, "m1", "nginx", pid=9)
    for at in (4.0, 6.3, 6.7):
        d.probe(at, error="refused", took_s=0.0002)
    assert blamed(d, "nginx") == {"nginx down": 2, "unexplained": 1}


def test_a_client_that_was_told_of_another_owner_sends_to_the_wrong_node():
    d = Drawn()
    for node in ("m1", "m2"):
        d.event(-5, node, Link(interface="eth0", mac=node))
    d.vip(-1, "m1")
    for at, node in ((-1, "m1"), (2, "m2"), (3, "m1")):
        d.event(at, "client", Neighbour(address=VIP, mac=node, state=2), "arp")
    d.vip(1.999, "m2")
    d.vip(1.999, "m2", present=False)
    for due_s in (2.5, 3.5):
        d.probe(due_s, error="connect_timeout", took_s=0.1)
    assert blamed(d) == {"client not told of the VIP's owner": 1, "unexplained": 1}


def test_a_connection_to_the_last_owner_is_reset_by_the_next():
    d = Drawn()
    d.vip(-1, "m1")
    d.vip(5, "m1", present=False)
    d.vip(5, "m2")
    d.probe(5.5, error="reset", stream="kept")
    d.probe(5.6, error="refused")
    assert blamed(d) == {"VIP moved under a connection": 1, "unexplained": 1}


def test_a_connection_to_one_of_two_owners_that_gives_way_is_reset_by_the_other():
    d = Drawn()
    d.vip(-1, "m1")
    d.vip(5, "m2")
    d.vip(12, "m2", present=False)
    d.probe(12.1, error="reset")
    d.probe(40, error="reset")
    assert blamed(d) == {"VIP moved under a connection": 1, "unexplained": 1}


def test_without_a_quorum_answers_are_red_until_a_read_succeeds_again():
    d = two_dead()
    d.event(-1, "m3", Vip(address=VIP, interface="eth0", present=True, initial=True))
    d.server(-1, "m3", "master2", "UP", initial=True)
    d.probe(25, error="5xx")
    d.probe(30.5, error="5xx")
    d.probe(31, stream="kept", target="read")
    d.probe(32, error="5xx")  # etcd works off what has waited
    d.probe(60, error="5xx")
    assert blamed(d) == {"no quorum": 3, "unexplained": 1}


def test_a_haproxy_without_a_backend_closes():
    d = Drawn()
    d.vip(-1, "m1")
    d.server(-1, "m1", "master", "UP", initial=True)
    d.server(4, "m1", "master", "DOWN")
    d.server(6, "m1", "master", "UP")
    d.probe(5, error="closed")
    assert blamed(d) == {"no backend up": 1}


def test_a_load_balancer_that_is_off_is_no_member_of_etcd():
    """Of the two that are off one is a master: two of three members run, and nothing fails for want of a quorum."""
    d = two_dead()
    d.event(-1, "m3", Vip(address=VIP, interface="eth0", present=True, initial=True))
    d.probe(25, error="5xx")
    history = d.history()
    found = faults(history)
    held, some = tenures(history, found), (("m1", "m2", "m3"), ("m1", "cp2", "cp3"))
    broken = [causes(history, found, held, BACKENDS, masters=masters) for masters in some]
    owed = [{one.cause for one in blame(history, each)} for each in broken]
    assert ["no quorum" in each for each in owed] == [True, False]


def test_what_a_backend_without_its_etcd_answers_is_owed_to_that_until_it_is_out():
    d = Drawn()
    d.starts(0, "client", "prober")
    d.vip(-5, "m1")
    for server in BACKENDS:
        d.server(-4, "m1", server, "UP", initial=True)
    d.kill(3, "m2", "etcd")
    d.server(12, "m1", "master1", "DOWN")
    d.probe(11, error="5xx")
    d.probe(14, error="5xx")
    assert blamed(d) == {"backend without its etcd not yet evicted": 1, "unexplained": 1}
