"""What haproxy 2.6.12 made of checks on loopback, before a server that answers plain requests with 400."""

import pytest

from harness.chain import mismatch
from harness.profile import haproxy

FRONT = "frontend f\n  bind *:8443{bind}\n  default_backend b\n"


def server(options: str, lines: str = "", port: int = 6443):
    text = f"backend b\n{lines}  server s1 10.0.0.11:{port} {options}\n"
    return next(haproxy.servers(haproxy.parse(text, "haproxy.cfg")))


HTTP = "  option httpchk GET /readyz\n"


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ("check", HTTP),
        ("check", f"{HTTP}  http-check expect status 200\n"),
        ("check", f"{HTTP}  http-check expect status 200-399,401\n"),
        ("check", f"{HTTP}  http-check expect rstatus ^2\n"),
        ("check", f"{HTTP}  http-check expect ! status 400\n"),
        ("check check-ssl no-check-ssl", HTTP),
    ],
)
def test_a_check_in_the_clear_never_passes(options, lines):
    assert "asks in the clear on port 6443" in mismatch.never_up(server(options, lines))


@pytest.mark.parametrize(
    ("lines", "asked"),
    [
        ("  option httpchk\n", "OPTIONS /"),
        ("  option httpchk /readyz\n", "OPTIONS /readyz"),
        ("  option httpchk HEAD /healthz HTTP/1.0\n", "HEAD /healthz"),
        ("  option httpchk GET /livez/ping\n", "GET /livez/ping"),
        ("  option httpchk\n  http-check send uri /readyz\n", "OPTIONS /readyz"),
        ("  option httpchk GET /readyz\n  http-check send meth HEAD hdr Host x\n", "HEAD /readyz"),
    ],
)
def test_who_says_nothing_of_itself_is_told_no_more_than_all(lines, asked):
    assert mismatch.never_up(server("check check-ssl verify none", lines)).startswith(f"{asked} is answered 403")


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("  option httpchk GET /readyz HTTP/1.1\n", "names no Host"),
        ("  option httpchk\n  http-check send meth GET uri /readyz ver HTTP/1.1\n", "names no Host"),
        ("  option httpchk GET /readyz\n  http-check expect status 204\n", "expects status 204"),
        ("  option httpchk GET /healthz\n  http-check expect string OK\n", "expects string OK"),
        ("  option httpchk GET /healthz\n  http-check expect rstring ^OK$\n", "expects rstring"),
    ],
)
def test_an_answer_that_is_well_is_not_what_is_expected(lines, why):
    assert why in mismatch.never_up(server("check check-ssl verify none", lines))


@pytest.mark.parametrize(
    "lines",
    [
        "  option httpchk GET /readyz HTTP/1.1\\r\\nHost:\\ api\n",
        "  option httpchk\n  http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host api\n",
        "  option httpchk GET /healthz\n  http-check expect string ok\n",
        "  option httpchk GET /healthz?verbose\n  http-check expect string passed\n",
        "  option httpchk GET /readyz\n  http-check expect status 401\n",  # nobody is answered without a name
    ],
)
def test_what_is_expected_may_come(lines):
    assert mismatch.never_up(server("check check-ssl verify none", lines)) == ""


@pytest.mark.parametrize(
    ("lines", "content"),
    [
        ("", False),
        ("  http-check expect status 200-599\n", True),
        ("  http-check expect rstatus [2-5]..\n", True),
        ("  http-check expect string ok\n", True),  # which stands in it for each check that is well
        ("  http-check expect rstring ^ok$\n", False),
    ],
)
def test_what_a_check_makes_of_an_apiserver_without_its_etcd(lines, content):
    assert mismatch.content(server("check check-ssl verify none", f"{HTTP}{lines}"), etcd=True) is content


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ("", "  option httpchk GET /\n  http-check expect status 200-403\n"),
        ("", "  option httpchk GET /\n  http-check expect ! rstatus ^5\n"),
        ("", "  option httpchk\n  http-check send meth GET uri /readyz\n"),
        ("", "  option httpchk GET /\n  http-check send uri-lf /%[str(livez)]\n"),
        ("", "  option httpchk GET / HTTP/1.1\\r\\nHost:\\ x\\r\\nAuthorization:\\ Bearer\\ x\n"),
        (" crt /etc/haproxy/check.pem", "  option httpchk GET /livez/ping\n"),
        ("", "  option httpchk GET /\n  option ssl-hello-chk\n"),
    ],
)
def test_who_says_so_or_expects_it_may_pass(options, lines):
    assert mismatch.never_up(server(f"check check-ssl verify none{options}", lines)) == ""


@pytest.mark.parametrize(
    ("options", "lines", "port"),
    [
        ("check check-ssl verify none", HTTP, 6443),
        ("check ssl verify none", HTTP, 6443),
        ("check", "", 6443),
        ("check", f"{HTTP}  option ssl-hello-chk\n", 6443),
        ("check", f"{HTTP}  http-check connect ssl\n", 6443),
        ("check", f"{HTTP}  http-check connect port 8080\n", 6443),
        ("check", f"{HTTP}  http-check expect status 400\n", 6443),  # UP, as was seen
        ("check", f"{HTTP}  http-check expect ! rstatus ^5\n", 6443),  # the same
        ("check", f"{HTTP}  http-check expect string ok\n", 6443),  # not known
        ("check", HTTP, 8080),
        ("", HTTP, 6443),
    ],
)
def test_other_checks_may_pass(options, lines, port):
    assert mismatch.never_up(server(options, lines, port)) == ""


@pytest.mark.parametrize(("options", "tls", "wrong"), [("ssl", False, True), ("ssl", True, False), ("", False, False)])
def test_what_clients_have_encrypted_is_not_to_be_encrypted_again(options, tls, wrong):
    assert bool(mismatch.garbled(server(f"check {options} verify none"), tls)) is wrong


@pytest.mark.parametrize(("mode", "tls"), [("tcp", True), ("http", True), ("http", False)])
def test_an_apiserver_gets_no_tls_where_haproxy_reads_what_clients_say(mode, tls):
    assert mismatch.garbled(server("check", f"  mode {mode}\n"), tls)


def test_in_mode_http_the_frontend_must_have_read_it():
    assert mismatch.garbled(server("check ssl verify none", "  mode http\n"), False) == ""


@pytest.mark.parametrize(("bind", "tls"), [("", False), (" ssl crt /etc/haproxy/all.pem", True)])
def test_a_frontend_speaks_tls_where_its_bind_says_so(bind, tls):
    (front,) = haproxy.frontends(haproxy.parse(FRONT.format(bind=bind), "haproxy.cfg"))
    assert front.tls is tls
