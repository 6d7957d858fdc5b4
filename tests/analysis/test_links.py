import pytest

from harness.analysis.failover import failover
from harness.analysis.faults import faults
from harness.analysis.links import LINKS
from harness.analysis.owners import tenures
from harness.clock import Bounds, greatest
from harness.events import Link, Neighbour, Vip
from tests.drawn import VIP, Drawn, crash_of_owner

M2 = "02:42:c6:12:00:0c"


def measured(drawn: Drawn):
    history = drawn.history()
    found = faults(history)
    return failover(history, found[0], tenures(history, found))


def chain_of_crash() -> Drawn:
    """Every link of crash_of_owner's migration, half a millisecond apart."""
    d = crash_of_owner()
    d.event(-5, "m2", Link(interface="eth0", mac=M2), "wire")
    d.advert(5.9985, "m2", 111, "198.18.0.12")
    d.advert(5.9985, "client", 111, "198.18.0.12", outgoing=False)
    d.gratuitous(6.0005, "client", M2)
    d.event(6.001, "client", Neighbour(address=VIP, mac=M2, state=2), "arp")
    return d


def test_the_links_follow_on_one_another_and_add_up():
    result = measured(chain_of_crash())
    parts = result.links
    assert (parts.detection_s.min, parts.detection_s.max) == pytest.approx((2.9975, 2.9985))
    assert parts.election_s == 0
    assert parts.assign_s == pytest.approx(0.0015)
    assert parts.announce_s == pytest.approx(0.0005)
    assert parts.neighbour_s == pytest.approx(0.0005)
    # The first request that was sent after the VIP had come, at 6.01 s, took 4 ms.
    lengths = [length for name in LINKS if (length := greatest(getattr(parts, name))) is not None]
    assert len(lengths) == len(LINKS) and sum(lengths) == pytest.approx(6.014 - 3)


def test_the_address_lies_between_the_advert_before_it_and_the_first_word_of_it():
    migration_s = measured(chain_of_crash()).vip_migration_s
    assert (migration_s.min, migration_s.max) == pytest.approx((2.9975, 3.0))
    late = chain_of_crash()
    late.events = [e for e in late.events if not (isinstance(e.data, Vip) and e.node == "m2")]
    late.vip(6.004, "m2")  # the agent was kept waiting
    late.vip(23, "m2", present=False)
    assert measured(late).vip_migration_s.max == pytest.approx(3.0005)


def test_a_changed_priority_in_an_advert_is_a_sign_of_detection():
    d = Drawn()
    d.vip(-5, "m1")
    for t, priority in ((1, 112), (2, 112), (3.5, 112), (4.5, 110), (5.5, 110)):
        d.advert(t, "m1", priority, "198.18.0.11")
    d.kill(3, "m1", "haproxy")
    d.state(6, "m2", "MASTER")
    d.vip(6.001, "m2")
    d.probes(0, 10)
    parts = measured(d).links
    assert parts.detection_s == Bounds(1.499, 1.5)
    assert parts.election_s == pytest.approx(1.5)


def test_what_the_silenced_node_itself_notices_is_no_detection():
    d = chain_of_crash()
    d.state(3.0005, "m1", "FAULT")
    assert measured(d).links.detection_s.max == pytest.approx(2.9985)


def test_only_the_new_owners_own_announcement_on_the_clients_wire_counts():
    d = chain_of_crash()
    d.gratuitous(5.9998, "client", "02:42:c6:12:00:0b")
    d.gratuitous(5.9999, "m3", M2)
    assert measured(d).links.announce_s == pytest.approx(0.0005)


def test_a_link_that_nobody_saw_is_none():
    parts = measured(crash_of_owner()).links
    assert parts.announce_s is None
    assert parts.neighbour_s is None
    assert parts.first_answer_s == pytest.approx(0.014)
