import dataclasses

import pytest

from harness import assets
from harness.errors import ProfileError
from harness.profile import keepalived
from harness.profile.carried import FOLDER, Carrying
from harness.profile.files import KEEPALIVED, File

INSTANCE = """\
vrrp_instance A {{
    interface eth0
    virtual_router_id 7
    virtual_ipaddress {{
        10.0.0.5
    }}
    track_process {{
        {}
    }}
}}
"""
PROCESS = "vrrp_track_process p {\n    process haproxy\n    quorum 2\n    weight -5\n}\n"


def carried(text, node="m1", **others):
    files = [File(KEEPALIVED, text, source="k.conf")]
    files += [File(f"/etc/keepalived/{name}.conf", said, source=f"{name}.conf") for name, said in others.items()]
    return Carrying(node, files)


def tracked(carrying):
    texts = {file.path: file.text for file in carrying.files}
    root = keepalived.parse(texts[KEEPALIVED], "k.conf", "m1", texts)
    return {one.name: [(t.name, t.weight, t.reverse) for t in one.tracked.files] for one in keepalived.instances(root)}


@pytest.mark.parametrize(
    ("entry", "becomes"),
    [
        ("p", ("p_lost", -5, False)),
        ("p weight 0", ("p_lost", 0, False)),
        ("p weight 7 reverse", ("p_stands", 7, True)),
        ("p weight -254", ("p_lost", -253, False)),
    ],
)
def test_what_is_tracked_is_a_file_of_the_same_weight(entry, becomes):
    found = carried(PROCESS + INSTANCE.format(entry))
    assert tracked(found) == {"A": [becomes]}
    (fed,) = found.fed
    assert fed.process.least == 2
    assert (fed.when_lost or fed.when_stands) == f"{FOLDER}/{becomes[0]}"


def test_every_line_keeps_its_number():
    text = PROCESS + INSTANCE.format("p")
    before, after = text.splitlines(), carried(text).files[0].text.splitlines()
    assert len(before) == len(after)
    assert [(n, new) for n, (old, new) in enumerate(zip(before, after, strict=True), 1) if old != new] == [
        (1, "track_file p_lost {"),
        (2, f"    file {FOLDER}/p_lost"),
        (3, "#     quorum 2"),
        (4, "#     weight -5"),
        (12, "    track_file {"),
        (13, "        p_lost weight -5"),
    ]


def test_one_that_is_tracked_both_ways_has_two_files():
    other = INSTANCE.format("p weight 5").replace("instance A", "instance B")
    found = carried(PROCESS + INSTANCE.format("p") + other)
    assert tracked(found) == {"A": [("p_lost", -5, False)], "B": [("p_stands", 5, False)]}
    assert (found.fed[0].when_lost, found.fed[0].when_stands) == (f"{FOLDER}/p_lost", f"{FOLDER}/p_stands")


def test_what_keepalived_ignores_is_left_out():
    found = carried(PROCESS + PROCESS.replace("haproxy", "nginx") + INSTANCE.format("p\n        q\n        p weight 9"))
    assert tracked(found) == {"A": [("p_lost", -5, False)]}
    assert [fed.process.command for fed in found.fed] == ["haproxy"]


def test_another_nodes_lines_stay_and_an_included_file_is_carried_too():
    text = "include part.conf\n@m2 vrrp_track_process q {\n" + INSTANCE.format("@m2 q\n        @m1 p")
    found = carried(text.replace("@m2 vrrp_track_process q {\n", ""), part=PROCESS)
    assert tracked(found) == {"A": [("p_lost", -5, False)]}
    assert "@m2 q" in found.files[0].text and "@m1 p_lost weight -5" in found.files[0].text


def test_a_line_ends_as_it_did():
    text = (PROCESS + INSTANCE.format("p")).replace("\n", "\r\n")
    assert "track_file p_lost {\r\n" in carried(text).files[0].text


def test_a_weight_that_a_group_would_drop_of_a_file_is_refused():
    group = "vrrp_sync_group G {\n    group {\n        A\n    }\n}\n"
    with pytest.raises(ProfileError, match="k.conf:13: a lab cannot carry .* give it weight 0"):
        carried(PROCESS + INSTANCE.format("p") + group)
    assert tracked(carried(PROCESS + INSTANCE.format("p weight 0") + group)) == {"A": [("p_lost", 0, False)]}


def test_without_a_tracked_process_nothing_changes():
    for path in assets.PROFILES.glob("*/m1/keepalived.conf"):
        file = File(KEEPALIVED, path.read_text(), source=str(path))
        assert Carrying("m1", [dataclasses.replace(file)]).files == [file]
