import pytest

from harness import assets
from harness.errors import HarnessError, UsageError
from harness.lint.examine import examine
from harness.lint.listing import of
from harness.lint.reading import read
from harness.lint.rule import Severity
from tests.lint.files import HAPROXY, made


@pytest.mark.parametrize("profile", ["article", "kubeadm"])
def test_what_is_shipped_holds_no_error(profile):
    found = examine(read([assets.PROFILES / profile]))
    assert found and not [f for f in found if f.severity is Severity.ERROR]


def test_single_files_are_known_by_what_they_hold(tmp_path):
    made(tmp_path)
    odd = tmp_path / "lb"
    odd.write_text(HAPROXY)
    setup = read([tmp_path / "m1/keepalived.conf", tmp_path / "m2/keepalived.conf", odd])
    assert [conf.node for conf in setup.confs] == ["m1", "m2"]
    assert [proxy.path for proxy in setup.proxies] == [str(odd)]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("keepalived.conf", b"vrrp_instance A {\n\0\n}", "keepalived.conf:2: a NUL byte"),
        ("keepalived.conf", b"x\n" * (6 << 20), "12 MiB; a configuration has at most 1"),
        ("keepalived.conf", b"vrrp_instance A {\n  priority\n}", "keepalived.conf:2: priority lacks"),
        ("keepalived.conf", b"\xff\xfe", "keepalived.conf:1: UTF-16"),
        ("haproxy.cfg", b"timeout client 1m\n", "haproxy.cfg:1: `timeout` stands before any section"),
        ("haproxy.cfg", b"backend b\n  server m1 nowhere check\n", "haproxy.cfg:2: server m1"),
        ("notes", b"hello\n", "neither a keepalived.conf nor a haproxy.cfg"),
    ],
)
def test_bad_input_is_named_with_file_and_line(tmp_path, name, data, said):
    file = tmp_path / name
    file.write_bytes(data)
    with pytest.raises(HarnessError, match=said.replace("(", r"\(")):
        examine(read([file]))


def test_each_node_has_a_check_of_its_own(tmp_path):
    made(tmp_path)
    (tmp_path / "etc/keepalived/check.sh").unlink()
    for node, text in (
        ("m1", "exit 1\n"),
        ("m2", "pidof haproxy\n"),
        ("m3", "curl -sk https://localhost:8443/livez\n"),
    ):
        check = tmp_path / node / "check.sh"
        check.write_text(f"#!/bin/sh\n{text}")
        check.chmod(0o755)
    setup = read([tmp_path])
    found = {(f.code, f.path.rpartition("/")[0].rpartition("/")[2]) for f in examine(setup)}
    of_check = {one for one in found if one[0] in ("K27", "K08", "K28")}
    assert of_check == {("K27", "m1"), ("K08", "m2"), ("K28", "m3")}
    assert {f.path.rpartition("/")[2] for f in of([tmp_path], setup).left} == set()


def test_nothing_to_look_at(tmp_path):
    with pytest.raises(UsageError, match="it is empty; `harness profile new` makes a start"):
        read([tmp_path])
    (tmp_path / "notes.txt").write_text("call the provider\n")
    with pytest.raises(UsageError, match=r"no keepalived\.conf and no haproxy\.cfg there"):
        read([tmp_path])
    with pytest.raises(UsageError, match="no such file"):
        read([tmp_path / "x"])


INSIDE = "frontend inside\n    bind *:6443\n    default_backend one\nbackend one\n    server a 10.0.0.1:6443\n"
OUTSIDE = "frontend outside\n    bind *:443\n    default_backend two\nbackend two\n    server b 10.0.0.1:6443\n"
WEB = "listen web\n    bind *:80\n    server w 10.0.0.1:80\n"


@pytest.mark.parametrize(
    ("text", "service", "unchecked"),
    [
        (INSIDE + OUTSIDE + WEB, "", "ab"),
        (WEB + INSIDE + OUTSIDE, "443", "b"),
        (WEB + INSIDE, "", "a"),
        (WEB, "", "w"),
        (WEB + INSIDE, "80", "w"),
    ],
)
def test_only_what_leads_to_apiservers_is_looked_at(tmp_path, text, service, unchecked):
    file = tmp_path / "haproxy.cfg"
    file.write_text(text)
    found = [f.message[0] for f in examine(read([file], service)) if f.code == "H01"]
    assert "".join(found) == unchecked
