import pytest

from harness.lint.examine import examine
from harness.lint.reading import read
from harness.lint.rule import Severity, rules
from tests.lint.files import codes, made

ALL, M1, M2, PROXY, CHECK = "*/keepalived.conf", "m1/keepalived.conf", "m2/keepalived.conf", "haproxy.cfg", "*check.sh"
WARN, ERROR, INFO = Severity.WARNING, Severity.ERROR, Severity.INFO

# (rule, its severity, what breaks it)
BROKEN = [
    ("K01", ERROR, [(ALL, "weight -20", "weight -2")]),
    ("K01", ERROR, [(ALL, "weight -20", "weight 5")]),
    ("K01", WARN, [(ALL, "weight -20", "weight -7")]),
    ("K02", ERROR, [(M2, "state BACKUP", "state BACKUP\n    nopreempt")]),
    ("K03", WARN, [(M1, "state BACKUP", "state MASTER\n    nopreempt")]),
    ("K03", ERROR, [(M1, "state BACKUP", "state master")]),
    ("K04", WARN, [(M2, "state BACKUP", "state BACKUP\n    preempt_delay 60")]),
    ("K05", WARN, [(ALL, "advert_int 1", "advert_int 0.3")]),
    ("K05", ERROR, [(M2, "advert_int 1", "advert_int 2")]),
    ("K06", ERROR, [(M2, "virtual_router_id 77", "virtual_router_id 78")]),
    ("K06", ERROR, [(M2, "auth_pass 8letters", "auth_pass another")]),
    ("K06", ERROR, [(M2, "        10.0.0.100", "        10.0.0.101")]),
    ("K06", WARN, [(ALL, "auth_pass 8letters", "auth_pass 8letters1")]),
    ("K06", WARN, [(ALL, "virtual_router_id 77", "virtual_router_id 51")]),
    ("K07", ERROR, [(M1, "        check_apiserver\n", "        check_apiservr\n")]),
    ("K07", ERROR, [(M1, "fall 2", "fall 2\n    raise 2")]),
    ("K07", ERROR, [(M1, "/etc/keepalived/check.sh", "/etc/keepalived/chk.sh")]),
    ("K07", WARN, [(ALL, "    script_user root\n", "")]),
    ("K08", WARN, [(CHECK, "curl -sfk --max-time 2 https://localhost:6443/livez", "killall -0 haproxy")]),
    ("K08", WARN, [(ALL, "/etc/keepalived/check.sh", "/usr/bin/pgrep haproxy")]),
    ("K09", WARN, [(CHECK, "6443/livez", "8443/livez")]),
    ("K09", WARN, [(ALL, "weight -20", "weight 0"), (CHECK, "/livez", "/readyz")]),
    ("K10", WARN, [(ALL, "    timeout 3\n", ""), (CHECK, " --max-time 2", "")]),
    ("K10", WARN, [(CHECK, "--max-time 2", "--max-time 5")]),
    ("K11", WARN, [(ALL, "# harness: ignore K11\n", "")]),
    ("K12", ERROR, [(ALL, "    track_script {\n        check_apiserver\n    }\n", "")]),
    ("K13", ERROR, [(M1, "        10.0.0.12\n", "")]),
    ("K13", ERROR, [(M1, "        10.0.0.12\n", "        10.0.0.11\n        10.0.0.12\n")]),
    ("K14", INFO, [(ALL, "    garp_master_refresh 60\n", "")]),
    ("K14", WARN, [(ALL, "garp_master_refresh 60", "garp_master_repeat 1\n    garp_master_delay 0")]),
    ("K15", INFO, [(ALL, "fall 2", "fall 10")]),
    ("K16", WARN, [(M2, "priority 105", "priority 101")]),
    ("K16", WARN, [(M2, "priority 105", "priority 110")]),
    ("H01", ERROR, [(PROXY, "default-server check ", "default-server ")]),
    ("H01", WARN, [(PROXY, "    option httpchk GET /readyz\n", "")]),
    ("H02", ERROR, [(PROXY, "check-ssl verify none ", ""), (PROXY, "GET /readyz", "GET /readyz")]),
    ("H02", WARN, [(PROXY, "option httpchk GET /readyz", "option ssl-hello-chk")]),
    ("H03", WARN, [(PROXY, "    option redispatch\n", "")]),
    ("H03", WARN, [(PROXY, "    retries 2\n", "    retries 2\n    balance leastconn\n")]),
    ("H04", WARN, [(PROXY, " on-marked-down shutdown-sessions", "")]),
    ("H05", WARN, [(PROXY, "timeout client 2h", "timeout client 30s")]),
    ("H05", INFO, [(PROXY, "timeout server 2h", "timeout server 10m")]),
    ("H06", WARN, [(PROXY, "timeout connect 2s", "timeout connect 5s")]),
    ("H07", WARN, [(PROXY, "    # harness: ignore H07\n", "")]),
    ("H08", INFO, [(PROXY, "    timeout check 2s\n", "")]),
    ("H09", WARN, [(PROXY, "    hard-stop-after 10m\n", "")]),
    ("H10", ERROR, [(PROXY, "bind *:8443", "bind *:6443")]),
    ("H10", ERROR, [(PROXY, "bind *:8443", "bind 10.0.0.100:8443")]),
    ("H11", WARN, [(PROXY, "default-server check", "default-server inter 1s fall 2 check")]),
    ("H11", WARN, [(PROXY, "default-server check", "default-server fastinter 300ms fall 3 check")]),
    ("H12", WARN, [(PROXY, "    hard-stop-after 10m\n", "    hard-stop-after 10m\n    maxconn 300\n")]),
    ("H12", WARN, [(PROXY, "    default_backend masters\n", "    default_backend masters\n    maxconn 300\n")]),
    ("C01", WARN, [("etc/kubernetes/manifests/kube-controller-manager.yaml", "period=50s", "period=40s")]),
    ("E01", ERROR, [(PROXY, "    server m3 10.0.0.13:6443\n", "")]),
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


def test_files_without_a_fault_earn_nothing(tmp_path):
    assert made(tmp_path) == []


def test_every_rule_has_an_example_that_breaks_it():
    assert {code for code, _, _ in BROKEN} == {rule.code for rule in rules()}


def test_a_script_that_is_not_executable(tmp_path):
    assert "K07" in codes(made(tmp_path, mode=0o644), lambda f: f.severity is ERROR and "chmod +x" in f.message)


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


def test_a_finding_in_an_included_file_names_that_file(tmp_path):
    script = tmp_path / "etc/keepalived/conf.d/check.conf"
    script.parent.mkdir(parents=True)
    script.write_text('vrrp_script other {\n    script "/usr/bin/pgrep haproxy"\n}\n')
    found = made(tmp_path, (M1, "global_defs {", "include conf.d/*.conf\nglobal_defs {"))
    assert {(f.path, f.line) for f in found if f.code == "K08"} == {(str(script), 2)}


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
