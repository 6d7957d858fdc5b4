import pytest

from harness import assets
from harness.errors import HarnessError, UsageError
from harness.lint.examine import examine
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
        ("keepalived.conf", b"vrrp_instance A {\n  state BACKUP\n", "keepalived.conf:1: the block"),
        ("keepalived.conf", b"vrrp_instance A {\n  priority many\n}", "keepalived.conf"),
        ("keepalived.conf", b"\xff\xfe", "keepalived.conf:1: not UTF-8"),
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


def test_nothing_to_look_at(tmp_path):
    with pytest.raises(UsageError, match="it is empty; `harness profile new` makes a start"):
        read([tmp_path])
    (tmp_path / "notes.txt").write_text("call the provider\n")
    with pytest.raises(UsageError, match=r"no keepalived\.conf and no haproxy\.cfg there"):
        read([tmp_path])
    with pytest.raises(UsageError, match="no such file"):
        read([tmp_path / "x"])
