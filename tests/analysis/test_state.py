from harness.analysis.state import broken
from tests.drawn import Drawn, crash_of_owner


def test_a_whole_chain_has_nothing_broken():
    assert broken(crash_of_owner().history()) == []


def test_every_broken_part_is_named():
    d = Drawn()
    d.vip(0, "m1")
    d.vip(0, "m2")
    d.process(0, "m3", "haproxy")
    d.process(5, "m3", "haproxy", alive=False)
    d.server(0, "m1", "master1", "UP", initial=True)
    d.server(6, "m1", "master1", "DOWN")
    d.probes(0, 10)
    assert broken(d.history()) == [
        "the VIP was on m1 and m2",
        "haproxy was not running on m3",
        "m1's haproxy had server master1 DOWN",
    ]


def test_a_server_without_a_check_or_out_of_service_is_as_it_should_be():
    d = crash_of_owner()
    d.server(1, "m2", "unchecked", "no", initial=True)
    d.server(1, "m2", "retired", "MAINT", initial=True)
    assert broken(d.history()) == []


def test_what_a_node_said_before_it_was_switched_on_again_counts_no_more():
    d = crash_of_owner()
    d.process(0, "m1", "haproxy", pid=7)
    d.process(21, "m1", "haproxy", pid=9)
    d.process(22, "m1", "haproxy", alive=False, pid=9)
    assert broken(d.history()) == ["haproxy was not running on m1"]
