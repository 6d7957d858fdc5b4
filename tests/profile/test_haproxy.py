import pytest

from harness.errors import ProfileError
from harness.profile import haproxy

TEXT = """global
    stats socket /run/h.sock level admin
defaults
    timeout connect 5s
backend b
    option httpchk
    default-server inter 1s fall 5
    server one 10.0.0.1:6443 check rise 4
    server two 10.0.0.2:6443 check inter 250 fastinter 100ms  # faster
listen l
    bind :1
    server three 10.0.0.3:80
"""


def test_servers_have_their_effective_settings():
    one, two, three = haproxy.servers(haproxy.parse(TEXT, "h.cfg"), "h.cfg")
    assert (one.inter_s, one.fall, one.rise, one.layer7, one.timeout_connect_s) == (1.0, 5, 4, True, 5.0)
    assert (two.inter_s, two.fastinter_s, two.downinter_s, two.fall) == (0.25, 0.1, 0.25, 5)
    assert (three.checked, three.inter_s, three.fall, three.rise, three.layer7) == (False, 2.0, 3, 2, False)


def test_the_stats_socket_is_found():
    assert haproxy.stats_socket(haproxy.parse(TEXT, "h.cfg")) == "/run/h.sock"
    assert haproxy.stats_socket(haproxy.parse("global\n daemon\n", "h.cfg")) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("server a b\n", "h.cfg:1: `server` stands before"),
        ("backend b\n server a 1.1.1.1:80 inter soon\n", "h.cfg:2: .*soon"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(text, says):
    with pytest.raises(ProfileError, match=says):
        list(haproxy.servers(haproxy.parse(text, "h.cfg"), "h.cfg"))
