import pytest

from harness.errors import ProfileError
from harness.profile import keepalived

TEXT = """global_defs { router_id LVS }   # on one line
vrrp_script check {
    script "/bin/check --now"  ! an old comment
    interval 3
    fall 2
    weight -2
}
vrrp_instance VI_1 {
    state MASTER
    priority 110
    advert_int 0.3
    virtual_ipaddress {
        10.0.0.5/24 dev eth0
    }
    track_script {
        check
    }
}
"""


def test_blocks_keep_their_lines():
    root = keepalived.parse(TEXT, "k.conf")
    assert [(b.words[0], b.line, b.end_line) for b in root.children] == [
        ("global_defs", 1, 1),
        ("vrrp_script", 2, 7),
        ("vrrp_instance", 8, 18),
    ]


def test_what_timing_follows_from_is_read():
    root = keepalived.parse(TEXT, "k.conf")
    script = keepalived.scripts(root)["check"]
    assert (script.command, script.interval_s, script.fall, script.rise, script.weight) == (
        "/bin/check --now",
        3,
        2,
        1,
        -2,
    )
    (instance,) = keepalived.instances(root)
    assert instance.advert_int_s == 1.0, "version 2 carries whole seconds"
    assert (instance.priority, instance.addresses, instance.scripts) == (110, ("10.0.0.5",), ("check",))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a {\n b\n", "k.conf:1: the block `a` is never closed"),
        ("a\n}\n", "k.conf:2: a closing brace"),
        ('a "b\n', "k.conf:1: no closing quotation"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(text, says):
    with pytest.raises(ProfileError, match=says):
        keepalived.parse(text, "k.conf")
