from harness.analysis.faults import faults
from harness.analysis.lanes import darkness, lanes
from harness.analysis.owners import tenures
from harness.clock import NS
from harness.profile.machines import Role
from tests.drawn import Drawn, crash_of_owner, freeze_of_owner, ns


def drawn_lanes(drawn: Drawn, end_s: float = 30.0):
    history = drawn.history()
    found = faults(history)
    rows = lanes(history, found, tenures(history, found), ns(end_s))
    return {(r.node, r.name): [(b.start_ns / NS, b.end_ns / NS, b.state) for b in r.bars] for r in rows}


def test_a_node_that_is_off_shows_nothing_meanwhile():
    d = crash_of_owner()
    d.process(-5, "m1", "etcd", pid=4)
    d.process(20.2, "m1", "etcd", pid=5)
    d.state(-5, "m1", "MASTER")
    rows = drawn_lanes(d)
    assert rows["m1", "etcd"] == [(-5, 3, "up"), (20.2, 30, "up")]
    assert rows["m1", "keepalived"] == [(-5, 3, "MASTER")]
    assert rows["m1", "VIP"] == [(-5, 3.001, "held"), (23.001, 30, "held")]
    assert darkness(faults(d.history()), ns(30)) == [("m1", "off", ns(3), ns(20))]


def test_a_node_that_resumes_shows_what_it_showed_before():
    d = freeze_of_owner()
    d.process(-5, "m1", "etcd")
    d.state(20.5, "m1", "BACKUP")
    rows = drawn_lanes(d)
    assert rows["m1", "etcd"] == [(-5, 3, "up"), (20, 30, "up")]
    assert rows["m1", "keepalived"] == [(-5, 3, "MASTER"), (20, 20.5, "MASTER"), (20.5, 30, "BACKUP")]
    assert rows["m1", "VIP"] == [(-5, 3.001, "held"), (20, 30, "held")]
    assert darkness(faults(d.history()), ns(30)) == [("m1", "frozen", ns(3), ns(20))]


def test_the_backends_that_a_haproxy_has_up():
    d = crash_of_owner()
    d.process(-5, "m2", "haproxy")
    assert [s for _, _, s in drawn_lanes(d)["m2", "backends up"]] == ["1/1", "2/2", "3/3", "2/3", "3/3"][-3:]


def test_a_machine_has_the_rows_of_its_roles():
    d = Drawn()
    for node in ("cp1", "lb1"):
        d.process(-5, node, "rsyslogd")
    history = d.history()
    rows = lanes(history, [], [], ns(9), {"lb1": [Role.LB], "cp1": [Role.MASTER]})
    assert [(row.node, row.name) for row in rows] == [
        ("lb1", "VIP"),
        ("lb1", "keepalived"),
        ("lb1", "haproxy"),
        ("lb1", "backends up"),
        ("cp1", "apiserver"),
        ("cp1", "etcd"),
    ]
