import re

import pytest

from harness.lint.examine import examine
from harness.lint.reading import read
from harness.lint.rule import Severity, rules
from tests.lint.files import Change, codes, made

ALL, M1, M2, PROXY, CHECK = "*/keepalived.conf", "m1/keepalived.conf", "m2/keepalived.conf", "haproxy.cfg", "*check.sh"
PEERS = {1: (12, 13), 2: (11, 13), 3: (11, 12)}
MULTICAST = [
    (f"m{n}/keepalived.conf", f"    unicast_peer {{\n        10.0.0.{one}\n        10.0.0.{other}\n    }}\n", "")
    for n, (one, other) in PEERS.items()
]
WARN, ERROR, INFO = Severity.WARNING, Severity.ERROR, Severity.INFO

TWO_GROUPED = """\
vrrp_sync_group G {
    group {
        VI_1
        VI_2
    }
}
vrrp_instance VI_2 {
    interface eth0
    virtual_router_id 78
    priority 90
    garp_master_refresh 10
    virtual_ipaddress {
        10.0.0.101
    }
}
"""
PROCESS = "vrrp_track_process proxy {\n    process haproxy\n}\n"
SERVER = "virtual_server 10.0.0.100 443 {\n    lb_algo rr\n    protocol TCP\n}\n"
FILE = "track_file by_hand {\n    file /run/by_hand\n}\n"
USE_FILE = "    track_file {\n        by_hand weight -20\n    }\n    track_script"
USE_PROCESS = "    track_process {\n        proxy\n    }\n    track_script"


def tracking(process: str, more: str = "") -> list[Change]:
    """Return the changes that have a process tracked."""
    defined = PROCESS.replace("haproxy\n", f"{process}\n{more}")
    return [(ALL, "vrrp_instance VI_1", f"{defined}vrrp_instance VI_1"), (ALL, "    track_script", USE_PROCESS)]


# (rule, its severity, what breaks it)
BROKEN = [
    ("K01", ERROR, [(ALL, "weight -20", "weight -2")]),
    ("K01", ERROR, [(ALL, "weight -20", "weight 5")]),
    ("K01", WARN, [(ALL, "weight -20", "weight -7")]),
    ("K02", ERROR, [(ALL, "state BACKUP", "state BACKUP\n    nopreempt")]),
    ("K02", WARN, [(M2, "state BACKUP", "state BACKUP\n    nopreempt")]),  # m3 takes over
    ("K03", WARN, [(M1, "state BACKUP", "state MASTER\n    nopreempt")]),
    ("K03", ERROR, [(M1, "state BACKUP", "state master")]),
    ("K03", WARN, [(M1, "state BACKUP", "state backup")]),  # which is what it is taken for
    ("K04", WARN, [(M2, "state BACKUP", "state BACKUP\n    preempt_delay 60")]),
    ("K05", WARN, [(ALL, "advert_int 1", "advert_int 0.3")]),
    ("K05", ERROR, [(M2, "advert_int 1", "advert_int 2")]),
    ("K06", ERROR, [(M2, "virtual_router_id 77", "virtual_router_id 78")]),
    ("K06", ERROR, [(M2, "auth_pass 8letters", "auth_pass another")]),
    ("K06", ERROR, [(M2, "        10.0.0.100", "        10.0.0.101")]),
    ("K06", ERROR, [*MULTICAST, (M2, "global_defs {", "global_defs {\n    vrrp_mcast_group4 224.0.0.19")]),
    ("K06", ERROR, [*MULTICAST, (M2, "    advert_int 1", "    mcast_dst_ip 224.0.0.19\n    advert_int 1")]),
    ("K06", ERROR, MULTICAST[1:2]),
    ("K06", WARN, [(ALL, "auth_pass 8letters", "auth_pass 8letters1")]),
    ("K06", WARN, [(ALL, "virtual_router_id 77", "virtual_router_id 51")]),
    ("K07", ERROR, [(M1, "        check_apiserver\n", "        check_apiservr\n")]),
    ("K07", WARN, [(M1, "/etc/keepalived/check.sh", "/etc/keepalived/chk.sh")]),
    ("K07", WARN, [(ALL, "    script_user root\n    enable_script_security\n", "")]),
    ("K08", WARN, [(CHECK, "curl -sfk --max-time 2 https://localhost:8443/livez", "killall -0 haproxy")]),
    ("K08", WARN, [(ALL, "/etc/keepalived/check.sh", "/usr/bin/pgrep haproxy")]),
    ("K09", WARN, [(ALL, "    # harness: ignore K09\n", "")]),
    ("K09", WARN, [(ALL, "weight -20", "weight 0"), (CHECK, "8443/livez", "6443/readyz")]),
    ("K09", WARN, [(ALL, "    # harness: ignore K09\n", ""), (PROXY, "default_backend", "use_backend")]),
    ("K10", WARN, [(ALL, "    timeout 3\n", ""), (CHECK, " --max-time 2", "")]),
    ("K10", WARN, [(CHECK, "--max-time 2", "--max-time 5")]),
    (
        "K10",
        WARN,
        [(ALL, "    timeout 3\n", ""), (ALL, '"/etc/', '"/usr/bin/timeout 9 /etc/'), (CHECK, " --max-time 2", "")],
    ),
    ("K11", WARN, [(ALL, "timeout 3", "timeout 20"), (CHECK, "--max-time 2", "--max-time 10")]),
    ("K11", WARN, [(ALL, "    timeout 3\n", ""), (ALL, "interval 2", "interval 9"), (CHECK, " --max-time 2", "")]),
    ("K11", WARN, [(ALL, "timeout 3", "timeout 9"), (CHECK, "curl", "sleep 5; curl")]),
    ("K12", ERROR, [(ALL, "    track_script {\n        check_apiserver\n    }\n", "")]),
    ("K13", ERROR, [(M1, "        10.0.0.12\n", "")]),
    ("K13", INFO, [(M1, "        10.0.0.12\n", "        10.0.0.11\n        10.0.0.12\n")]),
    ("K14", INFO, [(ALL, "    garp_master_refresh 10\n", "")]),
    ("K14", INFO, [(ALL, "garp_master_refresh 10", "garp_master_refresh 60")]),
    ("K14", WARN, [(ALL, "garp_master_refresh 10", "garp_master_repeat 1\n    garp_master_delay 0")]),
    ("K15", INFO, [(ALL, "fall 2", "fall 10")]),
    ("K16", WARN, [(M2, "priority 105", "priority 101")]),
    ("K16", WARN, [(M2, "priority 105", "priority 110")]),
    ("K17", WARN, [(CHECK, "curl", "/usr/local/bin/own-check")]),
    ("K17", WARN, [(CHECK, "curl", "for ((try = 2; try > 0; try--)); do true; done; curl")]),
    ("K18", ERROR, [(CHECK, "8443/livez", "6443/livez")]),
    ("K18", ERROR, [(CHECK, "https://localhost:8443/livez", "https://localhost:6443/")]),
    ("K18", ERROR, [(CHECK, "curl -sfk --max-time 2 https://localhost:8443/livez", "pgrep etcd")]),
    ("K34", ERROR, [(ALL, "        10.0.0.100\n", "        10.0.0.12\n")]),
    ("K32", ERROR, [(ALL, "weight -20", "weight 0 reverse")]),
    ("K34", ERROR, [(ALL, "        10.0.0.100\n", "        10.0.0.13/24 dev eth0\n")]),
    ("K34", ERROR, [(M1, "    virtual_ipaddress {\n        10.0.0.100\n    }\n", "")]),
    ("K33", ERROR, [(CHECK, "curl", "ip addr | grep -q 10.0.0.100 || exit 0\ncurl")]),
    ("K33", ERROR, [(CHECK, "curl", "if ip addr | grep -q 10.0.0.100; then pidof haproxy; fi; exit $?\ncurl")]),
    (
        "K33",
        ERROR,
        [
            (
                CHECK,
                "curl",
                "curl -sfk https://localhost:6443/livez || exit 1\nip addr | grep -q 10.0.0.100 || exit 0\ncurl",
            )
        ],
    ),
    ("K19", WARN, [(ALL, "vrrp_instance VI_1", f"{TWO_GROUPED}vrrp_instance VI_1")]),
    ("K19", WARN, [(ALL, "vrrp_instance VI_1", f"{TWO_GROUPED}vrrp_instance VI_1"), (ALL, "weight -20", "weight 0")]),
    ("K20", ERROR, [(CHECK, "/livez", "/livez/ping")]),
    ("K20", ERROR, [(CHECK, "curl", "curl -I")]),
    ("K20", ERROR, [(CHECK, "https://localhost:8443/livez", "https://localhost:6443/")]),
    ("K20", ERROR, [(ALL, "/etc/keepalived/check.sh", "/usr/bin/killall -0 haproxy && true")]),
    (
        "K20",
        ERROR,
        [
            (ALL, "script_user root", "script_user nobody"),
            (CHECK, "curl -sfk --max-time 2 https://localhost:8443/livez", "killall -0 haproxy"),
        ],
    ),
    ("K21", ERROR, [(M1, "fall 2", "fall 2\n    raise 2")]),
    ("K21", ERROR, [(M1, "track_script {", "track_scripts {")]),
    ("K21", ERROR, [(M1, "    virtual_router_id 77\n", "")]),
    ("K21", WARN, [(M1, "script_user root", "script_user root\n    vrrp_garp_interval 0")]),
    ("K22", ERROR, [(ALL, "    script_user root\n", "")]),
    ("K22", WARN, [(ALL, "script_user root", "script_user checker")]),
    ("K32", ERROR, [(CHECK, "localhost", "10.0.0.100"), (ALL, "weight -20", "weight 0")]),
    ("K32", ERROR, [(CHECK, "curl", "set -e\nnc -z 10.0.0.100 8443\ncurl"), (ALL, "weight -20", "weight 0")]),
    (
        "K32",
        ERROR,
        [
            (CHECK, "curl", "pidof haproxy || exit 1\ncurl"),
            (CHECK, "localhost", "10.0.0.100"),
            (ALL, "weight -20", "weight 0"),
        ],
    ),
    ("K27", ERROR, [(CHECK, "#!/bin/sh\n", "")]),
    ("K27", ERROR, [(CHECK, "/livez\n", "/livez\ntrue\n")]),
    ("K27", ERROR, [(CHECK, "/livez\n", "/livez\nexit 1\n"), (ALL, "weight -20", "weight 0")]),
    ("K27", ERROR, [(ALL, 'script "/etc/keepalived/check.sh"', 'script "/bin/true"')]),
    ("K28", WARN, [(CHECK, "-sfk", "-sk")]),
    ("K28", WARN, [(CHECK, "curl -sfk --max-time 2", "curl --silent --insecure --max-time 2")]),
    ("K28", WARN, [(ALL, "/etc/keepalived/check.sh", "/usr/bin/curl -s http://localhost:8443/livez")]),
    ("K29", WARN, [(PROXY, "timeout connect 1s", "timeout connect 2s")]),
    ("K29", WARN, [(PROXY, "    option redispatch\n", "")]),
    ("K29", WARN, [(CHECK, "--max-time 2", "--max-time 0.9")]),
    ("K30", WARN, [(M2, "weight -20", "weight -3")]),
    ("K30", WARN, [(M2, "weight -20", "weight -5")]),
    ("K30", WARN, [("m3/keepalived.conf", "weight -20", "weight -2"), (M2, "priority 105", "priority 98")]),
    ("K31", WARN, [(CHECK, "--max-time 2", "--max-time 2.5")]),
    ("K31", WARN, [(CHECK, " --max-time 2", "")]),
    ("K31", WARN, [(CHECK, "curl", "sleep 1; curl")]),
    ("K24", ERROR, [(ALL, "    script_user root\n", "    script_user root\n    vrrp_strict\n")]),
    ("K24", ERROR, [(M2, "state BACKUP", "state BACKUP\n    no_accept")]),
    ("K24", ERROR, [(ALL, "state BACKUP", "state BACKUP\n    strict_mode\n    accept")]),
    ("K25", ERROR, [(ALL, "vrrp_instance VI_1", f"{PROCESS}vrrp_instance VI_1")]),
    ("K25", ERROR, [(M1, "    track_script", "    track_process {\n        proxi\n    }\n    track_script")]),
    ("K25", ERROR, tracking("/usr/sbin/haproxy")),
    ("K25", ERROR, tracking("kube-controller-manager")),
    ("K26", INFO, [(M1, "    advert_int 1", "    advert_int 1\n    notify_master /usr/local/bin/told")]),
    ("K26", INFO, [(M1, "    track_script", "    track_bfd {\n        b1 weight -50\n    }\n    track_script")]),
    ("K26", INFO, [(ALL, "vrrp_instance VI_1", f"{SERVER}vrrp_instance VI_1")]),
    ("K26", INFO, [(ALL, "vrrp_instance VI_1", f"{FILE}vrrp_instance VI_1"), (ALL, "    track_script", USE_FILE)]),
    ("H01", ERROR, [(PROXY, "default-server check ", "default-server ")]),
    ("H01", ERROR, [(PROXY, "default-server check check-ssl", "default-server check-ssl")]),
    ("H01", ERROR, [(PROXY, "default-server check check-ssl", "default-server agent-check agent-port 9")]),
    ("H01", WARN, [(PROXY, "    option httpchk GET /readyz\n", ""), (PROXY, " check-ssl", "")]),
    ("H02", ERROR, [(PROXY, "check-ssl verify none ", ""), (PROXY, "GET /readyz", "GET /readyz")]),
    ("H02", WARN, [(PROXY, "option httpchk GET /readyz", "option ssl-hello-chk")]),
    ("H02", ERROR, [(PROXY, "check-ssl verify none ", "check-ssl no-check-ssl ")]),
    ("H02", ERROR, [(PROXY, "httpchk GET /readyz", "httpchk /readyz")]),
    ("H02", ERROR, [(PROXY, "httpchk GET /readyz", "httpchk HEAD /healthz HTTP/1.0")]),
    ("H02", ERROR, [(PROXY, "httpchk GET /readyz", "httpchk GET /readyz\n    http-check send uri /")]),
    (
        "H02",
        ERROR,
        [(PROXY, "check-ssl verify none ", ""), (PROXY, "/readyz\n", "/readyz\n    http-check expect status 200\n")],
    ),
    ("H03", WARN, [(PROXY, "    option redispatch\n", "")]),
    ("H03", WARN, [(PROXY, "    retries 2\n", "    retries 2\n    balance source\n")]),
    ("H03", WARN, [(PROXY, "    retries 2\n", "    retries 2\n    balance source\n    hash-type consistent\n")]),
    ("H03", WARN, [(PROXY, "    retries 2\n", "    retries 0\n")]),
    ("H03", WARN, [(PROXY, "    retries 2\n", "    retries 2\n    retry-on 503\n")]),
    ("H03", ERROR, [(PROXY, "option redispatch\n", "option redispatch -3\n")]),
    ("H04", WARN, [(PROXY, " on-marked-down shutdown-sessions", "")]),
    ("H04", WARN, [(PROXY, " on-marked-down shutdown-sessions", ""), (PROXY, "    timeout server 2h\n", "")]),
    (
        "H04",
        WARN,
        [(PROXY, " on-marked-down shutdown-sessions", ""), (PROXY, "server 2h", "server 9s\n    timeout tunnel 9h")],
    ),
    ("H05", WARN, [(PROXY, "timeout server 2h", "timeout server 2h\n    timeout tunnel 20s")]),
    ("H05", WARN, [(PROXY, "timeout client 2h", "timeout client 30s")]),
    ("H05", WARN, [(PROXY, "client 2h", "client 20s"), (PROXY, "default_backend", "use_backend")]),
    ("H05", INFO, [(PROXY, "timeout server 2h", "timeout server 10m")]),
    ("H06", WARN, [(PROXY, "timeout connect 1s", "timeout connect 5s"), (PROXY, "    option redispatch\n", "")]),
    ("H06", WARN, [(PROXY, "timeout connect 1s", "timeout connect 11s")]),
    (
        "H06",
        WARN,
        [(PROXY, "timeout connect 1s", "timeout connect 4s"), (PROXY, "retries 2", "retries 2\n    balance source")],
    ),
    ("H07", WARN, [(PROXY, "    # harness: ignore H07\n", "")]),
    ("H08", INFO, [(PROXY, "    timeout check 2s\n", "")]),
    ("H09", WARN, [(PROXY, "    hard-stop-after 10m\n", "")]),
    ("H10", ERROR, [(PROXY, "bind *:8443", "bind *:6443")]),
    ("H10", WARN, [(PROXY, "bind *:8443", "bind 10.0.0.100:8443")]),
    ("H10", WARN, [(PROXY, "bind *:8443", "bind 10.0.0.100:6443 transparent")]),
    (
        "H11",
        WARN,
        [
            (PROXY, "default-server check", "default-server fall 2 fastinter 300ms check"),
            (PROXY, "check 2s", "check 500ms"),
        ],
    ),
    ("H11", WARN, [(PROXY, "default-server check", "default-server fall 1 check"), (PROXY, "check 2s", "check 1s")]),
    (
        "H11",
        WARN,
        [(PROXY, "    timeout check 2s\n", ""), (PROXY, "server check", "server inter 500ms fall 2 check")],
    ),
    ("H12", WARN, [(PROXY, "    hard-stop-after 10m\n", "    hard-stop-after 10m\n    maxconn 150\n")]),
    ("H12", WARN, [(PROXY, "    default_backend masters\n", "    default_backend masters\n    maxconn 150\n")]),
    ("H13", WARN, [(PROXY, "server m3 10.0.0.13:6443", "server m3 10.0.0.13:6443 weight 0")]),
    ("H13", WARN, [(PROXY, "m2 10.0.0.12:6443", "m2 10.0.0.12:6443 backup"), (PROXY, "13:6443", "13:6443 backup")]),
    ("H13", INFO, [(PROXY, "m2 10.0.0.12:6443", "m2 10.0.0.12:6443 backup"), (PROXY, "13:6443", "13:6443 backup")]),
    ("H14", INFO, [(PROXY, "default-server check", "default-server slowstart 60s check")]),
    ("H14", WARN, [(PROXY, "default-server check", "balance static-rr\n    default-server slowstart 60s check")]),
    ("H15", WARN, [(PROXY, "default-server check", "default-server observe layer7 check")]),
    ("H15", WARN, [(PROXY, "default-server check", "default-server observe layer4")]),
    ("H15", WARN, [(PROXY, "default-server check", "default-server observe layer4 on-error fastinter check")]),
    ("H15", WARN, [(PROXY, "server check", "server observe layer4 on-error mark-down error-limit 1 check")]),
    ("H16", WARN, [(PROXY, "default-server check", "balance leastconn\n    default-server check")]),
    ("H16", WARN, [(PROXY, "    option redispatch\n", "    balance leastconn\n")]),
    ("H17", ERROR, [(PROXY, "    hard-stop-after 10m\n", "    hard-stop-after 10m\n    nbproc 1\n")]),
    ("H17", WARN, [(PROXY, "    timeout client 2h\n", "")]),
    ("H23", ERROR, [(PROXY, "default-server check ", "default-server send-proxy check ")]),
    ("H23", ERROR, [(PROXY, "server m2 10.0.0.12:6443", "server m2 10.0.0.12:6443 send-proxy-v2")]),
    ("H23", ERROR, [(PROXY, "server m1 10.0.0.11:6443", "server m1 10.0.0.11:6443 send-proxy")]),
    ("H18", ERROR, [(PROXY, "check check-ssl", "check ssl")]),
    ("H18", ERROR, [(PROXY, "check check-ssl", "ssl check check-ssl")]),
    ("H18", ERROR, [(PROXY, "server m2 10.0.0.12:6443", "server m2 10.0.0.12:6443 ssl")]),
    ("H19", WARN, [(PROXY, "GET /readyz\n", "GET /readyz\n    option ssl-hello-chk\n")]),
    ("H19", WARN, [(PROXY, "option httpchk", "option ssl-hello-chk\n    option httpchk")]),
    ("H19", WARN, [(PROXY, "GET /readyz\n", "GET /readyz\n    option tcp-check\n")]),
    ("H20", WARN, [(PROXY, "timeout server 2h", "timeout server 2s")]),
    ("H20", WARN, [(PROXY, "timeout client 2h", "timeout client 2500ms")]),
    ("H20", WARN, [(PROXY, "timeout server 2h", "timeout server 2h\n    timeout tunnel 1s")]),
    ("H21", WARN, [(PROXY, "default-server check", "default-server agent-check agent-port 9 check")]),
    ("H21", WARN, [(PROXY, "server m1 10.0.0.11:6443", "server m1 10.0.0.11:6443 agent-check agent-port 9")]),
    ("H21", WARN, [(PROXY, "default-server check", "default-server agent-check agent-port 9 agent-inter 1s check")]),
    ("C01", WARN, [("etc/kubernetes/manifests/kube-controller-manager.yaml", "period=50s", "period=40s")]),
    ("E01", ERROR, [(PROXY, "    server m3 10.0.0.13:6443\n", "")]),
    ("E01", ERROR, [(PROXY, "server m3 10.0.0.13:6443", "server bootstrap 10.0.0.13:6443")]),
    ("E01", WARN, [(PROXY, "    server m3 10.0.0.13:6443\n", "    server m3 10.0.0.13:6443 disabled\n")]),
]


@pytest.mark.parametrize(
    ("code", "severity", "changes"), BROKEN, ids=[f"{c}-{s}-{n}" for n, (c, s, _) in enumerate(BROKEN)]
)
def test_what_breaks_a_rule_is_found_with_its_line(tmp_path, code, severity, changes):
    found = [f for f in made(tmp_path, *changes) if f.code == code and f.severity is severity]
    assert found
    for finding in found:
        lines = (tmp_path / finding.path).read_text().splitlines()
        assert 1 <= finding.line <= len(lines)
        assert finding.link.startswith("https://") and finding.title


def said(tmp_path, code, *changes):
    return [f.message for f in made(tmp_path, *changes) if f.code == code]


def test_what_openshift_set_is_said_in_its_figures(tmp_path):
    """github.com/openshift/machine-config-operator/pull/6400; the weight makes no difference to how a share grows."""
    masters = [
        (
            PROXY,
            "default-server check",
            f"default-server inter 5s fall 2 fastinter 2s rise 3 slowstart 60s{weight} check",
        )
        for weight in (" weight 256", "")
    ]
    weighty, plain = (said(tmp_path, "H14", one) for one in masters)
    assert weighty == plain
    assert weighty[0].startswith("a server that is back gets all of its share after 57 s (from UP: its share grows")
    assert weighty[0].endswith("once a second from 3 % to 33 % of the connections); when haproxy starts, at once")


def test_the_only_active_server_is_named_with_the_time_that_it_takes(tmp_path):
    backups = [(PROXY, f"m{n} 10.0.0.1{n}:6443", f"m{n} 10.0.0.1{n}:6443 backup") for n in (2, 3)]
    assert said(tmp_path, "H13", *backups) == [
        "m1 alone gets connections: when it refuses, every client is sent there for up to 6 s",
        "of 2 backups m2 alone takes over; with option allbackups all do",
    ]
    shared = [*backups, (PROXY, "    retries 2\n", "    retries 2\n    option allbackups\n")]
    assert len(said(tmp_path, "H13", *shared)) == 1


def test_a_limit_that_one_client_reaches_is_too_low(tmp_path):
    low = (PROXY, "server check", "server observe layer4 on-error mark-down error-limit 3 check")
    assert said(tmp_path, "H15", low) == []
    assert said(tmp_path, "H15", low, (PROXY, "    option redispatch\n", "")) == [
        "one connection that fails takes m1 out: 3 attempts, and 3 errors are enough"
    ]


def test_files_without_a_fault_earn_nothing(tmp_path):
    assert made(tmp_path) == []


@pytest.mark.parametrize(
    "changes",
    [
        [(ALL, "state BACKUP", "strict_mode\n    version 3\n    accept")],
        [(ALL, "state BACKUP", "accept\n    strict_mode off")],
        [(M1, "priority 110", "priority 255\n    strict_mode"), (M1, "state BACKUP", "state MASTER")],
    ],
)
def test_who_accepts_is_reached(tmp_path, changes):
    assert "K24" not in codes(made(tmp_path, *changes))


@pytest.mark.parametrize(
    "changes",
    [
        tracking("haproxy"),
        tracking("kube-apiserver", "    weight -20\n"),
        tracking("/usr/sbin/haproxy", "    full_command\n"),
        tracking("/usr/sbin/haproxy -W -f /etc/haproxy/haproxy.cfg"),
    ],
)
def test_a_process_that_there_may_be_is_found(tmp_path, changes):
    assert not {"K12", "K18", "K25", "K26"} & codes(made(tmp_path, *changes))


@pytest.mark.parametrize(
    "changes",
    [
        [(ALL, "script_user root", "script_user root\n    notify_fifo /run/told")],
        [(ALL, "vrrp_instance VI_1", f"{FILE}vrrp_instance VI_1")],
        [(ALL, "state BACKUP", "state BACKUP\n    use_vmac")],
    ],
)
def test_what_is_followed_or_nobodys_is_not_said_to_be_left(tmp_path, changes):
    assert "K26" not in codes(made(tmp_path, *changes))


def test_every_rule_has_an_example_that_breaks_it():
    asked = {"H22"}  # of another version than Debian's: tests/lint/test_versions.py
    assert {code for code, _, _ in BROKEN} | asked == {rule.code for rule in rules()}


@pytest.mark.parametrize("change", [("check check-ssl", "check ssl"), ("check-ssl verify none ", "")])
def test_where_nothing_works_from_the_start_a_check_that_says_so_is_not_to_blame(tmp_path, change):
    assert "K18" not in codes(made(tmp_path, (PROXY, *change)))


def test_what_another_rule_accounts_for_is_not_said_twice(tmp_path):
    assert codes(made(tmp_path, (ALL, "weight -20", "weight -2"))) == {"K01"}


def test_a_check_that_is_not_understood_is_no_failover_that_never_comes(tmp_path):
    assert codes(made(tmp_path, (CHECK, "curl", "/usr/local/bin/own-check"))) == {"K17", "K31"}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("pidof kube-apiserver", "not that it serves: one that hangs or does not listen"),
        (
            "curl -sfk --max-time 1 https://localhost:6443/livez",
            "not that it serves: one that hangs or does not listen",
        ),
        ("nc -z -w 1 localhost 8443", "not that it answers: one that hangs keeps"),
        ("curl -sfk --max-time 1 https://localhost:8443/livez", ""),
    ],
)
def test_a_name_tells_no_more_than_what_else_is_asked_with_it(tmp_path, more, told):
    check = f"pidof haproxy && {more}"
    found = made(tmp_path, (CHECK, "curl -sfk --max-time 2 https://localhost:8443/livez", check))
    said = {f.message for f in found if f.code == "K08"}
    assert len(said) == bool(told) and all(told in one for one in said)


def test_a_script_that_is_not_executable(tmp_path):
    assert "K07" in codes(made(tmp_path, mode=0o644), lambda f: f.severity is ERROR and "chmod +x" in f.message)


@pytest.mark.parametrize("more", ["curl -sfk --max-time 1 https://localhost:6443/livez", "[ -e /run/allowed ]"])
def test_a_check_that_asks_something_else_too_does_not_pass_while_any_backend_answers(tmp_path, more):
    changes = [(ALL, "    # harness: ignore K09\n", ""), (CHECK, "8443/livez", f"8443/livez && {more}")]
    told = {f.message for f in made(tmp_path, *changes) if f.code == "K09"}
    assert told == {"check_apiserver asks through the load balancer, too: that part passes while any backend answers"}


@pytest.mark.parametrize("place", ["weight -2  # harness: ignore K01", "# harness: ignore K05, K01\n    weight -2"])
def test_a_comment_takes_leave_of_a_rule(tmp_path, place):
    assert codes(made(tmp_path, (ALL, "weight -20", place))) == set()


def test_the_remedies_remedy(tmp_path):
    """Every mechanical fix of the weights, applied, leaves nothing of its rule."""
    found = [f for f in made(tmp_path, (ALL, "weight -20", "weight 2")) if f.code == "K01"]
    assert len(found) == 3
    for finding in found:
        path = tmp_path / finding.path
        lines = path.read_text().splitlines()
        lines[finding.line - 1] = finding.fix
        path.write_text("\n".join(lines) + "\n")
    text = (tmp_path / "m2/keepalived.conf").read_text()
    weight = next(line.strip() for line in text.splitlines() if "weight" in line)
    assert "K01" not in codes(made(tmp_path, (ALL, "weight -20", weight)))


def test_what_a_sync_group_tracks_counts_for_its_members(tmp_path):
    group = (
        "vrrp_sync_group G {\n    group {\n        VI_1\n    }\n    track_script {\n        check_apiserver\n    }\n}\n"
    )
    tracked = "    track_script {\n        check_apiserver\n    }\n"
    changes = [(ALL, tracked, ""), (ALL, "vrrp_instance VI_1", f"{group}vrrp_instance VI_1")]
    assert "K12" not in codes(made(tmp_path, *changes), lambda f: f.severity is ERROR)


def test_a_sync_group_without_weights_tells_that_a_weighted_check_is_lost(tmp_path):
    grouped = (ALL, "vrrp_instance VI_1", f"{TWO_GROUPED}vrrp_instance VI_1")
    found = said(tmp_path, "K19", grouped)
    assert found[-1] == (
        "the weight of check_apiserver does not count: its sync group has no sync_group_tracking_weight, and "
        "keepalived tracks it not at all; weight 0, or have the group track it"
    )
    assert found[0].startswith("VI_1 takes over at another time than VI_2, and G is MASTER only once both can be")


def test_what_puts_one_of_a_sync_group_in_fault_is_tracked_for_all(tmp_path):
    grouped = (ALL, "vrrp_instance VI_1", f"{TWO_GROUPED}vrrp_instance VI_1")
    assert [m for m in said(tmp_path, "K12", grouped) if "VI_2 tracks nothing" in m]
    assert said(tmp_path, "K12", grouped, (ALL, "weight -20", "weight 0")) == []


def test_lines_that_no_node_here_is_called_for_are_told_and_leave_errors_open(tmp_path):
    found = made(
        tmp_path,
        (ALL, "virtual_router_id", "@main virtual_router_id 7\n    virtual_router_id"),
        (ALL, "    track_script {\n        check_apiserver\n    }\n", ""),
    )
    assert [f for f in found if f.code == "K21" and "lines for @main, and no node here is called so" in f.message]
    assert not [f for f in found if f.severity is ERROR]


def test_where_an_included_file_is_not_here_nothing_of_the_rest_is_an_error(tmp_path):
    found = made(
        tmp_path,
        (ALL, "global_defs {", "include conf.d/*.conf\nglobal_defs {"),
        (ALL, "    track_script {\n        check_apiserver\n    }\n", ""),
    )
    told = [f for f in found if f.code == "K12"]
    assert told and all(f.severity is WARN for f in told)
    assert all("; that depends on what " in f.message and "keepalived.conf:1 includes" in f.message for f in told)
    assert not [f for f in found if f.severity is ERROR]


def test_a_finding_in_an_included_file_names_that_file(tmp_path):
    script = tmp_path / "etc/keepalived/conf.d/check.conf"
    script.parent.mkdir(parents=True)
    script.write_text('vrrp_script other {\n    script "/usr/bin/pgrep haproxy"\n}\n')
    found = made(tmp_path, (M1, "global_defs {", "include conf.d/*.conf\nglobal_defs {"))
    assert {(f.path, f.line) for f in found if f.code == "K12"} == {(str(script), 1)}


def test_of_what_a_script_sees_that_nobody_tracks_nothing_is_said(tmp_path):
    looking = 'vrrp_script unused {\n    script "/usr/bin/pgrep haproxy"\n    timeout 9\n}\n'
    unused = looking + 'vrrp_script odd {\n    script "/bin/x"\n}\n'
    found = made(tmp_path, (ALL, "vrrp_instance VI_1", f"{unused}vrrp_instance VI_1"))
    assert not codes(found) & {"K08", "K17", "K31"} and "K12" in codes(found)


def test_one_file_for_all_nodes_is_read_as_each_of_them(tmp_path):
    made(tmp_path)
    text = (tmp_path / "m1/keepalived.conf").read_text()
    for node in ("m1", "m2", "m3"):
        (tmp_path / node / "keepalived.conf").unlink()
        (tmp_path / node).rmdir()
    priorities = "\n".join(f"    @m{n} priority {p}" for n, p in ((1, 110), (2, 105), (3, 100)))
    (tmp_path / "keepalived.conf").write_text(
        text.replace("    priority 110", priorities).replace("weight -20", "weight 5")
    )
    assert len([f for f in examine(read([tmp_path])) if f.code == "K01" and f.severity is ERROR]) == 1


def test_a_check_that_is_too_light_alone_is_no_error_where_another_fails_with_it(tmp_path):
    second = 'vrrp_script second {\n    script "/usr/bin/pidof haproxy"\n    weight -5\n}\nvrrp_instance VI_1'
    tracked = "        check_apiserver\n        second\n"
    both = [(ALL, "vrrp_instance VI_1", second), (ALL, "        check_apiserver\n", tracked)]
    found = [f for f in made(tmp_path, *both) if f.code == "K01" and f.path.endswith("m1/keepalived.conf")]
    assert [f.severity for f in found] == [WARN] and "when second alone fails" in found[0].message


APART = [(PROXY, f"10.0.0.1{n}:6443", f"10.0.0.2{n}:6443") for n in (1, 2, 3)]


def test_the_apiservers_port_is_free_where_no_apiserver_is(tmp_path):
    found = made(tmp_path, (PROXY, "bind *:8443", "bind *:6443"), *APART)
    assert "H10" not in {finding.code for finding in found}


def test_one_file_alone_does_not_tell_whether_an_apiserver_is_beside_it(tmp_path):
    made(tmp_path, (PROXY, "bind *:8443", "bind *:6443"))
    (found,) = [f for f in examine(read([tmp_path / "haproxy.cfg"])) if f.code == "H10"]
    assert found.severity is WARN and "if there is one on this machine too" in found.message


@pytest.mark.parametrize(
    ("masters", "says"),
    [
        (1, "1 master: when it dies"),
        (2, "either's death leaves no quorum"),
        (4, "4 masters: .* bear a death, as 3"),
    ],
)
def test_how_many_deaths_masters_bear_is_said_plainly(tmp_path, masters, says):
    servers = "".join(f"    server m{n} 10.0.0.1{n}:6443\n" for n in range(1, masters + 1))
    old = "".join(f"    server m{n} 10.0.0.1{n}:6443\n" for n in (1, 2, 3))
    (found,) = [f for f in made(tmp_path, (PROXY, old, servers)) if f.code == "E01"]
    assert re.search(says, found.message)


def two_alone(folder, *changes):
    """Return what is found in the files of two nodes without a proxy's."""
    made(folder, *changes)
    for gone in ("haproxy.cfg", "m3/keepalived.conf"):
        (folder / gone).unlink()
    return examine(read([folder]))


def test_two_masters_without_a_proxy_are_told_too(tmp_path):
    (found,) = [f for f in two_alone(tmp_path, (CHECK, "8443", "6443")) if f.code == "E01"]
    assert found.message.startswith("there are 2 masters") and found.path.endswith("m1/keepalived.conf")


def test_two_nodes_whose_proxy_is_not_here_need_not_be_masters(tmp_path):
    asked = "curl -sfk --max-time 2 https://localhost:8443/livez"
    assert not codes(two_alone(tmp_path, (CHECK, asked, "pgrep haproxy"))) & {"E01", "K18"}


def test_keepalived_that_balances_itself_has_no_proxy_to_track(tmp_path):
    tracked = "    track_script {\n        check_apiserver\n    }\n"
    balances = (ALL, "vrrp_instance VI_1", f"{SERVER}vrrp_instance VI_1")
    assert "K12" not in codes(two_alone(tmp_path, (ALL, tracked, ""), balances), lambda f: "VI_1" in f.message)


def test_who_asks_for_what_nobody_may_read_is_not_told_to_mind_the_answer_alone(tmp_path):
    made(tmp_path, (CHECK, "-sfk", "-sk"), (CHECK, "8443/livez", "6443/"))
    (told,) = {f.message for f in examine(read([tmp_path])) if f.code == "K28"}
    assert told.endswith("curl -sf, of /livez: / is answered 403")
