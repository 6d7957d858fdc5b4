"""Two instances in a sync group, as keepalived 2.2.7 moves them."""

import pytest

from harness.chain import compile as chains
from harness.chain import group
from harness.chain.failure import Kind
from harness.predict.migration import Migration, Stays
from tests.predict.made import ends, predicted, profile

SECOND = """
vrrp_sync_group G {{
    group {{
        VI_1
        VI_2
    }}
    {grouped}
}}
vrrp_instance VI_2 {{
    state BACKUP
    interface eth0
    virtual_router_id 61
    priority {priority}
    advert_int 1
    virtual_ipaddress {{
        198.18.0.101
    }}
    {tracked}
}}
"""
OWN = "track_script {\n        check_haproxy\n    }"
UNTRACKED = {r"^ *track_script \{\n.*\n *\}": ""}


def two(weight=0, tracked="", grouped="", first=OWN, priority=None):
    """The article's nodes with a second instance, whose check may be its own, the first one's or the group's."""
    of_node = {
        node: {r"\Z": SECOND.format(priority=priority or base, tracked=tracked, grouped=grouped)}
        for node, base in (("m1", 110), ("m2", 109), ("m3", 108))
    }
    edits = {"weight 2": f"weight {weight}"} | ({r"track_script \{\s+check_haproxy\s+\}": ""} if first != OWN else {})
    return profile(keepalived=edits, of_node=of_node)


def move(made, kind=Kind.PROXY_DEAD):
    return predicted(made, kind).move


@pytest.mark.parametrize("where", [{"first": "", "tracked": OWN}, {"tracked": ""}, {"first": "", "grouped": OWN}])
def test_what_puts_one_in_fault_puts_both(where):
    made = two(**where)
    found = move(made)
    assert isinstance(found, Migration), found
    assert (found.heirs, found.why.split(";")[0]) == (("m2",), "check_haproxy has weight 0: m1 goes into FAULT")
    assert [track.weight for track in chains.of(made).nodes[0].tracks] == [0]
    assert chains.of(made).remarks == ()


def test_the_second_ones_check_counts_only_in_the_group():
    alone = two(first="", tracked=OWN)
    for node, instances in alone.instances.items():
        assert [one.name for one in group.siblings(instances)] == ["VI_2"], node
    apart = profile(keepalived={"weight 2": "weight 0"})
    assert group.siblings(apart.instances["m1"]) == []


def test_a_weighted_check_of_a_member_is_not_tracked():
    found = move(two(weight=2))
    assert isinstance(found, Stays) and found.wrong
    assert found.why == "nothing is tracked on m1: nothing notices"


def test_a_weighted_check_of_the_group_lowers_all():
    found = move(two(weight=2, first="", grouped=OWN))
    assert isinstance(found, Migration), found
    assert found.why == "m1 then advertises 110, and m2 has 111"


def test_a_weighted_check_of_one_member_moves_nobody():
    """With sync_group_tracking_weight VI_1 has less than m2's, but VI_2 is as strong as ever, and holds both."""
    made = two(weight=2, grouped="sync_group_tracking_weight")
    found = move(made)
    assert isinstance(found, Stays) and found.wrong
    assert found.why == "m1 keeps the VIP: VI_2 of its sync group still has 110, and none is taken before all are"
    assert chains.of(made).remarks == (
        "VI_2 of sync group G takes over at another time than VI_1: that all wait for the last is not followed",
    )


def test_the_group_waits_for_its_last_member():
    made = two(priority=50)
    found = predicted(made, Kind.NODE_CRASH)
    assert isinstance(found.move, Migration)
    assert found.move.why.endswith("VI_2 of its sync group waits otherwise, and none is taken before all are")
    assert ends(found.measures["vip_migration_s"])[1] == pytest.approx(3 + (256 - 50) / 256, abs=1e-5)
    assert ends(predicted(two(), Kind.NODE_CRASH).measures["vip_migration_s"])[1] == pytest.approx(3.574, abs=0.001)
