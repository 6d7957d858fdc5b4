"""Files that a rule might take for broken, and must not: at least three for each rule that looks closely."""

import pytest

from harness.lint.examine import examine
from harness.lint.reading import read
from tests.lint.files import codes, made
from tests.lint.test_rules import ALL, APART, CHECK, M2, MULTICAST, PROXY

ASKED = "curl -sfk --max-time 2 https://localhost:8443/livez"
HEALTH = "\nfrontend health\n    mode http\n    bind 127.0.0.1:8404\n    monitor-uri /up\n"
INGRESS = "\nfrontend web\n    bind *:80\n    default_backend web\nbackend web\n    server w1 10.0.0.21:30080{}\n"
SERVERS = "".join(f"    server m{n} 10.0.0.1{n}:6443\n" for n in (1, 2, 3))
LAST = "    server m3 10.0.0.13:6443\n"
HELLO = "option ssl-hello-chk"
# (rule, what does not break it)
TRACKED = "backend h\n    option httpchk GET /readyz\n    server m3 10.0.0.13:6443 check check-ssl verify none"
INNOCENT = [
    ("K09", [(PROXY, LAST, LAST + HEALTH), (CHECK, "https://localhost:8443/livez", "http://localhost:8404/up")]),
    (
        "K09",
        [(ALL, "weight -20", "weight 0"), (CHECK, "https://localhost:8443/livez", "http://localhost:1936/healthz")],
    ),
    ("K09", [(ALL, "weight -20", "weight 0"), (CHECK, "8443/livez", "6443/livez?exclude=etcd")]),
    ("K09", [(PROXY, "bind *:8443\n", "bind *:8443\n    monitor-uri /up\n"), (CHECK, "8443/livez", "8443/up")]),
    ("K10", [(CHECK, "curl -sfk --max-time 2", "timeout 2 curl -sfk")]),
    ("K10", [(CHECK, " --max-time 2", "")]),  # keepalived's own is written
    (
        "K10",
        [(ALL, "    timeout 3\n", ""), (ALL, '"/etc/', '"/usr/bin/timeout 1.9 /etc/'), (CHECK, " --max-time 2", "")],
    ),
    ("K10", [(ALL, "    timeout 3\n", "")]),  # both have two seconds
    ("K11", []),
    ("K11", [(ALL, "timeout 3", "timeout 20")]),  # the script's own limit is 2 s
    (
        "K11",
        [(ALL, "weight -20", "weight 0"), (ALL, "timeout 3", "timeout 20"), (CHECK, "--max-time 2", "--max-time 9")],
    ),
    ("K11", [(ALL, "timeout 3", "timeout 9"), (CHECK, ASKED, "pgrep haproxy")]),
    ("K14", []),
    ("K14", [(ALL, "garp_master_refresh 10", "garp_master_refresh 30")]),
    (
        "K14",
        [
            (ALL, "    garp_master_refresh 10\n", ""),
            (ALL, "global_defs {", "global_defs {\n vrrp_garp_master_refresh 10"),
        ],
    ),
    ("K32", [(CHECK, "localhost", "10.0.0.100")]),
    ("K32", [(CHECK, ASKED, f"ip addr | grep -q 10.0.0.100 || exit 0\n{ASKED}"), (ALL, "weight -20", "weight 0")]),
    ("K32", [(ALL, "weight -20", "weight 0")]),
    ("K20", [(CHECK, "-sfk", "-sk"), (CHECK, "/livez", "/")]),  # any answer will do
    ("K20", [(CHECK, "curl", "curl -H 'Authorization: Bearer x'"), (CHECK, "/livez", "/livez/ping")]),
    ("K20", [(CHECK, "/livez", "/livez?exclude=etcd")]),
    ("K27", [(CHECK, ASKED, "pgrep haproxy")]),
    ("K27", [(CHECK, ASKED, f"{ASKED} || exit 1\nexit 0")]),
    ("K27", [(CHECK, ASKED, "pgrep haproxy || systemctl stop keepalived")]),
    ("K27", [(CHECK, "curl", "/usr/local/bin/own-check")]),
    ("K28", [(CHECK, "-sfk", "--silent --insecure --fail")]),
    ("K28", [(CHECK, ASKED, "nc -z localhost 8443")]),
    (
        "K28",
        [(CHECK, ASKED, '[ "$(curl -sk -o /dev/null -w %{http_code} https://localhost:8443/livez)" = 200 ]')],
    ),
    ("K28", [(CHECK, ASKED, "pgrep haproxy")]),
    ("K29", [(ALL, "fall 2", "fall 4"), (PROXY, "timeout connect 1s", "timeout connect 2s")]),
    ("K29", [(PROXY, LAST, LAST + HEALTH), (CHECK, "https://localhost:8443/livez", "http://localhost:8404/up")]),
    ("K29", [(CHECK, ASKED, "pgrep haproxy")]),
    ("K30", [(ALL, "weight -20", "weight -11")]),
    ("K30", [(M2, "weight -20", "weight -6")]),
    ("K30", [(ALL, "weight -20", "weight 0")]),
    ("K33", [(CHECK, "curl", "pidof haproxy || exit 1\nip addr | grep -q 10.0.0.100 || exit 0\ncurl")]),
    ("K33", [(CHECK, ASKED, f"{ASKED} || exit 1\nip addr | grep -q 10.0.0.100 && {ASKED}")]),
    (
        "K33",
        [
            (ALL, "unicast_src_ip", "nopreempt\n    unicast_src_ip"),
            (CHECK, "curl", "ip addr | grep -q 10.0.0.100 || exit 0\ncurl"),
        ],
    ),
    ("K34", []),
    ("K34", [(ALL, "        10.0.0.100\n", "        10.0.0.12\n"), (M2, "priority 105", "priority 255")]),
    ("K34", [("m1/keepalived.conf", "    virtual_ipaddress {\n        10.0.0.100\n    }\n", "    include vip.conf\n")]),
    ("K31", []),
    ("K31", [(ALL, "timeout 3", "timeout 2"), (CHECK, " --max-time 2", "")]),
    ("K31", [(ALL, "    timeout 3\n", ""), (CHECK, "--max-time 2", "--max-time 9")]),  # the interval is the limit
    ("K31", [(CHECK, ASKED, "pgrep haproxy")]),
    ("H01", [(PROXY, "    option httpchk GET /readyz\n", "")]),  # a handshake sees who hangs: L6TOUT
    ("H01", [(PROXY, LAST, LAST + INGRESS.format(" check"))]),
    ("H01", [(PROXY, LAST, LAST + INGRESS.format(""))]),
    ("H02", [(PROXY, "check-ssl verify none", "ssl verify none")]),
    ("H02", [(PROXY, "GET /readyz", "GET /livez?exclude=etcd")]),
    ("H02", [(PROXY, "GET /readyz", "GET /ping")]),  # which k3s answers
    ("H02", [(PROXY, "GET /readyz", "GET /\n    http-check expect rstatus (2..|403)")]),
    ("H02", [(PROXY, "GET /readyz", "GET /livez/ping\n    http-check send hdr Authorization Bearer\\ x")]),
    (
        "H02",
        [(PROXY, "GET /readyz\n", "GET /readyz\n    http-check connect ssl\n"), (PROXY, "check-ssl verify none ", "")],
    ),
    (
        "H02",
        [(PROXY, "check check-ssl verify none ", ""), (PROXY, "option httpchk GET /readyz", HELLO)],
    ),  # nobody looks
    ("H04", [(PROXY, "default-server check", "default-server"), (PROXY, " on-marked-down shutdown-sessions", "")]),
    ("H04", [(PROXY, " on-marked-down shutdown-sessions", ""), (PROXY, "timeout server 2h", "timeout server 40s")]),
    (
        "H04",
        [(PROXY, " on-marked-down shutdown-sessions", ""), (PROXY, "server 2h", "server 2h\n    timeout tunnel 40s")],
    ),
    ("H05", [(PROXY, "timeout client 2h", "timeout client 20s\n    timeout tunnel 24h")]),
    ("H05", [(PROXY, "timeout server 2h", "timeout server 20s\n    timeout tunnel 24h")]),
    ("H05", [(PROXY, LAST, f"{LAST}{INGRESS.format('')}    timeout server 5s\n")]),
    ("H06", [(PROXY, "timeout connect 1s", "timeout connect 5s")]),
    ("H06", [(PROXY, "timeout connect 1s", "timeout connect 3s"), (PROXY, "    option redispatch\n", "")]),
    ("H06", [(PROXY, "    timeout connect 1s\n", "")]),
    ("H07", [(PROXY, LAST, f"    # harness: ignore H07\n{LAST}{INGRESS.format(' check inter 30s')}")]),
    ("H10", [(PROXY, "bind *:8443", "bind *:6443"), *APART]),
    ("H10", [(PROXY, "bind *:8443", "bind 10.0.0.100:8443 transparent")]),
    ("H10", [(PROXY, "bind *:8443", "bind 127.0.0.1:8443")]),
    ("H18", [(PROXY, "bind *:8443", "bind *:8443 ssl crt /etc/haproxy/all.pem"), (PROXY, "check-ssl", "ssl")]),
    ("H18", [(PROXY, "mode tcp", "mode http"), (PROXY, "check-ssl", "ssl")]),
    ("H18", [(PROXY, "check-ssl", "no-ssl check-ssl")]),
    ("H23", [(PROXY, "default-server check ", "default-server no-send-proxy check ")]),
    ("H23", [(PROXY, LAST, LAST + INGRESS.format(" send-proxy"))]),
    ("H23", [(PROXY, "bind *:8443", "bind *:8443 accept-proxy")]),
    ("H19", [(PROXY, "GET /readyz\n", "GET /readyz\n    option httpchk GET /livez\n")]),
    (
        "H19",
        [(PROXY, "    option redispatch\n", "    option redispatch\n    option tcp-check\n")],
    ),  # a defaults', taken over
    ("H19", [(PROXY, "    option redispatch\n", "    option redispatch\n    option tcplog\n    option tcpka\n")]),
    ("H20", [(PROXY, "timeout server 2h", "timeout server 2s\n    timeout tunnel 24h")]),
    ("H20", [(PROXY, "timeout server 2h", "timeout server 4s")]),
    ("H20", [(PROXY, "    timeout server 2h\n", "")]),
    ("H01", [(PROXY, "m3 10.0.0.13:6443", "m3 10.0.0.13:6443 no-check track h/m3\n" + TRACKED)]),
    ("H21", [(PROXY, "default-server check", "default-server agent-inter 5s check")]),
    ("H21", [(PROXY, LAST, LAST + INGRESS.format(" check agent-check agent-port 9"))]),
    ("H21", [(PROXY, "option httpchk GET /readyz", "option httpchk GET /agent-check")]),
    ("K06", MULTICAST),
    ("K06", [*MULTICAST, (ALL, "global_defs {", "global_defs {\n    vrrp_mcast_group4 224.0.0.19")]),
    ("E01", [(PROXY, LAST, f"{LAST}    server bootstrap 10.0.0.14:6443\n")]),
    ("E01", [(PROXY, LAST, f"{LAST}    server b 10.0.0.14:6443 disabled\n")]),
    ("E01", [(PROXY, LAST, f"{LAST}    server own 127.0.0.1:6443\n")]),
    ("E01", [(PROXY, SERVERS, "    server-template m 3 masters.example.com:6443 check check-ssl verify none\n")]),
    ("E01", [(PROXY, SERVERS, "    server own 127.0.0.1:6443 check check-ssl verify none\n")]),
    ("E01", [(PROXY, LAST, LAST + INGRESS.format(""))]),
    ("E01", [(PROXY, LAST, LAST + "".join(f"    server m{n}v6 fd00::1{n}:6443\n" for n in (1, 2, 3)))]),
]


@pytest.mark.parametrize(("code", "changes"), INNOCENT, ids=[f"{code}-{n}" for n, (code, _) in enumerate(INNOCENT)])
def test_what_is_right_is_not_objected_to(tmp_path, code, changes):
    assert code not in codes(made(tmp_path, *changes))


def test_an_address_that_may_be_bound_before_it_is_there_needs_no_transparent(tmp_path):
    bound = (PROXY, "bind *:8443", "bind 10.0.0.100:8443")
    assert "H10" in codes(made(tmp_path, bound))
    (tmp_path / "etc/sysctl.d").mkdir()
    (tmp_path / "etc/sysctl.d/90-vip.conf").write_text("net.ipv4.ip_nonlocal_bind = 1\n")
    assert "H10" not in codes(examine(read([tmp_path])))


def test_files_by_themselves_tell_of_load_balancers_without_an_apiserver(tmp_path):
    made(tmp_path, (PROXY, "bind *:8443", "bind *:6443"), *APART)
    found = examine(read([tmp_path / "m1/keepalived.conf", tmp_path / "haproxy.cfg"]))
    assert "H10" not in codes(found)


@pytest.mark.parametrize("change", ["20s\n    timeout tunnel 24h", "2s\n    timeout tunnel 24h"])
def test_a_tunnels_timeout_holds_in_mode_tcp_alone(tmp_path, change):
    tunnel = (PROXY, "timeout server 2h", f"timeout server {change}")
    assert "H05" not in codes(made(tmp_path, tunnel))
    assert "H05" in codes(made(tmp_path, tunnel, (PROXY, "mode tcp", "mode http")))
