from harness.profile.keepalived import instances, parse, sync_groups
from harness.profile.keepalived.tracked import Tracked
from tests.profile.keepalived.test_instance import line, of
from tests.profile.oracle import FILES, exact


def weights(tracked: tuple[Tracked, ...]) -> dict[str, int]:
    return {one.name: one.weight for one in tracked}


def test_only_what_is_defined_above_is_tracked():
    found = of("odd")
    assert weights(found["A"].tracked.scripts) == {"weights": 300, "seconds": 253, "twice": 0}
    assert weights(found["B"].tracked.scripts) == {"seconds": 3, "later": -253}
    seconds = found["A"].tracked.scripts[1]
    assert seconds.reverse and seconds.at("").line == line("odd", "seconds weight 254")


def test_an_owner_tracks_nothing_that_has_a_weight():
    owner = of("odd")["E"]
    assert (owner.priority, weights(owner.tracked.scripts)) == (255, {"later": 0})
    assert "the weight of seconds does not count: an owner's priority does not change" in [
        r.text for r in owner.remarks
    ]


def test_in_a_sync_group_weights_of_scripts_do_not_count_but_the_groups_own_do():
    found = of("groups")
    a = found["in_a"]
    assert (a.sync_group, a.state) == ("INNER", "BACKUP")
    assert weights(a.tracked.scripts) == {"a": -4, "b": 0}
    assert weights(a.tracked.processes) == {"haproxy": 2, "gone": 5}
    assert weights(a.tracked.files) == {"load": 0}
    assert weights(a.tracked.interfaces) == {"bond0": 7}, "says it ignores it, and counts it all the same"
    assert weights(found["weighted"].tracked.scripts) == {"a": 10}
    assert weights(found["weighted"].tracked.interfaces) == {"bond0": 6}


def test_an_instance_is_in_the_first_group_that_names_it():
    path = FILES / "keepalived/groups/keepalived.conf"
    groups = sync_groups(parse(exact(path), "k.conf"))
    assert [(g.name, g.members, g.weights) for g in groups] == [
        ("INNER", ("in_a", "in_b"), False),
        ("OUTER", ("out",), True),
        ("WEIGHTED", ("weighted",), True),
    ]
    assert [r.text.split()[0] for r in groups[0].remarks] == ["missing"]
    assert [r.text.split()[0] for r in groups[1].remarks] == ["in_b"]
    assert groups[0].at("track_script").line == line("groups", "    track_script {")


def test_of_two_instances_of_one_name_the_first_counts():
    text = "vrrp_instance A {\n priority 1\n}\nvrrp_instance A {\n priority 2\n}\n"
    assert [(i.name, i.priority) for i in instances(parse(text, "k.conf"))] == [("A", 1)]
