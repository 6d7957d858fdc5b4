import pytest

from harness.errors import ProfileError
from harness.profile.haproxy import Level, parse, servers
from tests.profile.oracle import FILES, exact

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


def of(name):
    path = FILES / "haproxy" / name
    return {f"{s.backend}/{s.name}": s for s in servers(parse(exact(path), "h.cfg"))}


def one(said, more="", defaults=""):
    text = f"defaults\n{defaults}\nbackend b\n{more}\n server m1 {said}\n"
    (server,) = servers(parse(text, "h.cfg"))
    return server


def test_servers_have_their_effective_settings():
    first, second, third = servers(parse(TEXT, "h.cfg"), "h.cfg")
    assert (first.inter_s, first.fall, first.rise, first.layer7, first.timeout_connect_s) == (1.0, 5, 4, True, 5.0)
    assert (second.inter_s, second.fastinter_s, second.downinter_s, second.fall) == (0.25, 0.1, 0.25, 5)
    assert (third.checked, third.inter_s, third.fall, third.rise, third.layer7) == (False, 2.0, 3, 2, False)
    assert {word: first.at(word).line for word in ("", "inter", "rise", "timeout connect", "option httpchk")} == {
        "": 8,
        "inter": 7,
        "rise": 8,
        "timeout connect": 4,
        "option httpchk": 6,
    }


def test_by_default_a_server_is_what_haproxy_makes_of_nothing():
    found = one("10.0.0.1:6443")
    assert (found.mode, found.balance, found.retries, found.redispatch) == ("tcp", "roundrobin", 3, None)
    assert (found.timeout_connect_s, found.timeout_server_s, found.timeout_check_s) == (
        float("inf"),
        float("inf"),
        None,
    )
    assert (found.weight, found.backup, found.disabled, found.maxconn, found.slowstart_s) == (1, False, False, 0, 0.0)
    assert (found.observe, found.error_limit, found.on_error) == ("none", 10, "fail-check")
    assert (found.check_level, found.check_tls, found.tls, found.on_marked_down_shutdown) == (
        Level.TCP,
        False,
        False,
        False,
    )
    assert (found.check_address, found.check_port, found.send_proxy) == ("10.0.0.1", 6443, False)


@pytest.mark.parametrize(
    ("said", "field", "taken"),
    [
        ("inter 2", "inter_s", 0.002),
        ("inter 1500us", "inter_s", 0.002),
        ("inter 2m", "downinter_s", 120.0),
        ("inter 1s fastinter 500", "fastinter_s", 0.5),
        ("downinter 1d", "downinter_s", 86400.0),
        ("inter 10sec", "inter_s", 10.0),
        ("check no-check", "checked", False),
        ("no-check check", "checked", True),
        ("backup no-backup", "backup", False),
        ("disabled", "disabled", True),
        ("disabled enabled", "disabled", False),
        ("on-marked-down shutdown-sessions", "on_marked_down_shutdown", True),
        ("observe layer4 error-limit 3 on-error mark-down", "error_limit", 3),
        ("observe layer4", "observe", "layer4"),
        ("on-error mark-down", "on_error", "mark-down"),
        ("slowstart 30s", "slowstart_s", 30.0),
        ("weight 0", "weight", 0),
        ("cookie check", "checked", False),
        ("source 0.0.0.0 usesrc client interface check inter 9s", "inter_s", 9.0),
        ("send-proxy-v2", "send_proxy", True),
        ("future-keyword inter 7s", "inter_s", 7.0),
        ("port 99", "check_port", 99),
        ("addr 10.0.0.9", "check_address", "10.0.0.9"),
        ("addr 10.0.0.9:7", "check_port", 7),
        ("addr 10.0.0.9:7 port 8", "check_port", 8),
        ("agent-check agent-port 9", "agent", True),
        ("agent-check no-agent-check", "agent", False),
        ("ssl", "tls", True),
        ("ssl no-ssl", "tls", False),
        ("ssl verify none", "check_tls", True),
        ("ssl no-check-ssl", "check_tls", False),
        ("ssl port 7", "check_tls", False),
        ("check-ssl port 7", "check_tls", True),
    ],
)
def test_each_keyword_says_what_it_says(said, field, taken):
    assert getattr(one(f"10.0.0.1:6443 {said}"), field) == taken


@pytest.mark.parametrize(
    ("more", "field", "taken"),
    [
        ("option redispatch", "redispatch", -1),
        ("option redispatch 2", "redispatch", 2),
        ("option redispatch\n no option redispatch", "redispatch", None),
        ("retries 0", "retries", 0),
        ("balance leastconn", "balance", "leastconn"),
        ("mode http", "mode", "http"),
        ("timeout server 0", "timeout_server_s", float("inf")),
        ("timeout connect 7s", "timeout_queue_s", 7.0),
        ("timeout connect 7s\n timeout queue 9s", "timeout_queue_s", 9.0),
        ("timeout tunnel 1h", "timeout_tunnel_s", 3600.0),
        ("timeout check 300", "timeout_check_s", 0.3),
        ("option external-check", "check_level", Level.PROGRAM),
        ("option tcp-check\n tcp-check connect port 9", "check_port", 9),
        ("option tcp-check\n tcp-check connect addr 10.1.1.1:8 sni port", "check_address", "10.1.1.1"),
    ],
)
def test_each_setting_of_its_backend_says_what_it_says_there_or_in_defaults(more, field, taken):
    assert getattr(one("10.0.0.1:6443 check", more), field) == taken
    assert getattr(one("10.0.0.1:6443 check", defaults=more), field) == taken


def test_default_servers_add_up_and_hold_for_what_follows():
    found = of("inherit.cfg")
    assert [(s.inter_s, s.rise, s.fall, s.weight, s.disabled) for s in list(found.values())[:3]] == [
        (3.0, 4, 5, 20, False),
        (3.0, 1, 9, 20, True),
        (3.0, 4, 9, 256, False),
    ]
    a = found["two/a"]
    assert (a.rise, a.backup, a.mode, a.balance, a.redispatch, a.retries) == (6, True, "http", "leastconn", 2, 1)
    assert (found["one/a"].redispatch, found["three/a"].redispatch, found["four/a"].redispatch) == (-1, None, None)
    assert (found["four/a"].check_address, found["four/a"].check_port) == ("10.8.0.7", 83)


def test_addresses_are_taken_in_all_their_forms():
    found = of("addresses.cfg")
    assert {key.split("/")[1]: (s.address, s.port) for key, s in found.items()} == {
        "plain": ("10.9.0.1", 6443),
        "v6": ("2001:db8::1", 6443),
        "v6b": ("2001:db8::2", 6443),
        "v4": ("10.9.0.2", 6443),
        "mapped": ("10.9.0.3", 0),
        "offset": ("10.9.0.4", 0),
        "named": ("apiserver.example", 6443),
        "sock": ("unix@/run/backend.sock", 0),
        "elsewhere": ("10.9.0.5", 6443),
        "elsewhere2": ("10.9.0.5", 6443),
        "tmpl1": ("10.9.1.1", 6443),
        "tmpl2": ("10.9.1.1", 6443),
        "tmpl3": ("10.9.1.1", 6443),
        "rng5": ("10.9.1.2", 6443),
        "rng6": ("10.9.1.2", 6443),
        "tls": ("10.9.0.8", 443),
    }
    assert (found["all/elsewhere2"].check_address, found["all/elsewhere2"].check_port) == ("10.9.0.6", 8443)


def test_each_kind_of_check_asks_for_something():
    said = {key.split("/")[0]: (s.check_level.value, s.check_tls) for key, s in of("levels.cfg").items()}
    assert said == {
        "tcp": ("tcp", False),
        "tcp-though-tls": ("tcp", False),
        "tls": ("tls", True),
        "tls-as-the-traffic": ("tls", True),
        "tls-not-elsewhere": ("tcp", False),
        "hello": ("tls", False),
        "http": ("http", False),
        "https": ("http", True),
        "https-by-rule": ("http", True),
        "http-by-rule": ("http", False),
        "https-by-default-rule": ("http", True),
        "script": ("tls", True),
        "dialogue": ("answer", False),
        "redis": ("answer", False),
        "rules-without-their-option": ("tcp", False),
        "last-option-wins": ("tcp", False),
        "port-of-rule": ("tcp", False),
        "inherited": ("http", True),
        "inherited-anew": ("http", False),
        "inherited-otherwise": ("tls", False),
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("backend b\n server a 1.1.1.1:80 inter soon\n", "h.cfg:2: server a: 'soon' is not a time"),
        ("backend b\n server a 1.1.1.1:80 inter 0\n", "h.cfg:2: server a: inter must not be 0"),
        ("backend b\n server a 1.1.1.1:80 inter\n", "h.cfg:2: server a: inter lacks its value"),
        ("backend b\n server a 1.1.1.1:80 fall x\n", "h.cfg:2: server a: 'x' is not a whole number from 1 on"),
        ("backend b\n server a 1.1.1.1:80 weight 257\n", "h.cfg:2: server a: '257'"),
        ("backend b\n server a 1.1.1.1:http\n", "h.cfg:2: server a: 'http' is not a port"),
        ("backend b\n server a 1.1.1.1:99999\n", "h.cfg:2: server a: '99999' is not a port"),
        ("backend b\n server a nowhere check\n", "h.cfg:2: server a: nowhere has no port to check"),
        ("backend b\n server a\n", "h.cfg:2: server a: server takes a name and an address"),
        ("backend b\n server-template a x 1.1.1.1:1\n", "h.cfg:2: server-template a: 'x' is neither"),
        ("backend b\n server-template a 1-99999 1.1.1.1:1\n", "h.cfg:2: server-template a: .* more than 10000"),
        ("defaults\n timeout check ever\nbackend b\n server a 1.1.1.1:1\n", "h.cfg:2: timeout check: 'ever'"),
        (
            "defaults\n timeout check 25d\nbackend b\n server a 1.1.1.1:1\n",
            "h.cfg:2: timeout check: .* at most 24 days",
        ),
        ("defaults\n timeout check\nbackend b\n server a 1.1.1.1:1\n", "h.cfg:2: timeout check lacks its value"),
        ("backend b\n retries many\n server a 1.1.1.1:1\n", "h.cfg:2: retries: 'many'"),
        ("backend b\n server a $HOST:${PORT}\n", "h.cfg:2: server a: .*PORT.* is not a port"),
    ],
)
def test_a_bad_value_is_named_with_its_line(text, says):
    with pytest.raises(ProfileError, match=says):
        list(servers(parse(text, "h.cfg"), "h.cfg"))


TRACKING = """\
backend k
    server a 10.0.0.1:6443 track h/a on-marked-down shutdown-sessions
    server b 10.0.0.2:6443 track a
    server c 10.0.0.3:6443 track h/nobody
backend h
    option httpchk GET /readyz
    server a 10.0.0.1:6443 check check-ssl verify none inter 7s fall 5
"""


def test_who_tracks_another_is_checked_as_that_one_is():
    a, b, c, checked = servers(parse(TRACKING, "h.cfg"))
    for server in (a, b):
        assert (server.checked, server.inter_s, server.fall) == (True, 7.0, 5)
        assert (server.check_level, server.check_tls) == (Level.HTTP, True)
        assert server.at("fall").line == checked.at("fall").line == 7
    assert (a.on_marked_down_shutdown, checked.on_marked_down_shutdown, c.checked) == (True, False, False)
    assert (a.check_address, b.check_address, b.address) == ("10.0.0.1", "10.0.0.1", "10.0.0.2")
