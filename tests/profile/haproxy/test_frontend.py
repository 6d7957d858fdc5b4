import pytest

from harness.errors import ProfileError
from harness.profile.haproxy import frontends, mute, parse
from tests.profile.oracle import FILES, exact


def test_where_it_listens_and_whom_it_hands_to():
    text = """defaults
 timeout client 30s
 mode http
frontend f
 bind 10.0.0.5:8443,:8444 transparent
 bind [::1]:8445-8450 v6only
 bind /run/f.sock
 default_backend b
listen l
 mode tcp
 timeout client 0
 bind :::1
"""
    f, listen = frontends(parse(text, "h.cfg"))
    assert f.binds == (("10.0.0.5", 8443), ("", 8444), ("::1", 8445), ("/run/f.sock", 0))
    assert (f.name, f.mode, f.default_backend, f.timeout_client_s) == ("f", "http", "b", 30.0)
    assert (f.at("bind").line, f.at("timeout client").line, f.at("").line) == (7, 2, 4)
    assert (listen.binds, listen.mode, listen.default_backend) == ((("::", 1),), "tcp", "")
    assert listen.timeout_client_s == float("inf")


@pytest.mark.parametrize("port", ["${PORT}", "$PORT", "${PORT-8443}"])
def test_a_port_that_the_environment_holds_is_not_known(port):
    (front,) = frontends(parse(f"frontend f\n bind *:{port}\n", "h.cfg"))
    assert front.binds == (("*", 0),)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("bind", "h.cfg:2: bind lacks its address"),
        ("bind 10.0.0.1", "h.cfg:2: bind 10.0.0.1: '' is not a port"),
        ("timeout client x", "h.cfg:2: timeout client: 'x' is not a time"),
    ],
)
def test_a_bad_value_is_named_with_its_line(line, says):
    with pytest.raises(ProfileError, match=says):
        list(frontends(parse(f"frontend f\n {line}\n", "h.cfg")))


def test_what_logs_how_sessions_end_is_not_mute():
    text = (
        "defaults\n option tcplog\nfrontend a\nfrontend b\n mode http\ndefaults\nfrontend c\nlisten d\n log-format x\n"
    )
    assert [section.name for section in mute(parse(text, "h.cfg"))] == ["c"]


def test_variables_and_quotes_are_put_in():
    path = FILES / "haproxy/quotes.cfg"
    (front,) = frontends(parse(exact(path), "h.cfg"))
    assert [port for _, port in front.binds] == [7443, 7444, 6443, 16443]
