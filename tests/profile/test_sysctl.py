"""What a host's sysctl files come to, and what follows for a proxy that binds the VIP."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.lint.examine import examine
from harness.lint.reading import read
from harness.profile import sysctl
from harness.profile.files import File

CASE = Path(__file__).parents[1] / "cases/f02-stats-section-before-the-api"
ON, OFF = "net.ipv4.ip_nonlocal_bind = 1\n", "net.ipv4.ip_nonlocal_bind=0\n"


@pytest.mark.parametrize(
    ("files", "value"),
    [
        ({"/etc/sysctl.d/99-vip.conf": ON}, "1"),
        ({"/etc/sysctl.d/99-vip.conf": "# " + ON}, None),
        ({"/etc/sysctl.d/10-a.conf": ON, "/usr/lib/sysctl.d/20-b.conf": OFF}, "0"),
        ({"/etc/sysctl.conf": ON, "/etc/sysctl.d/99-b.conf": OFF}, "1"),
        ({"/etc/sysctl.d/vip": ON}, None),
        ({"/opt/notes.conf": ON}, None),
        ({"/etc/sysctl.d/a.conf": "-net/ipv4/ip_nonlocal_bind = 1"}, "1"),
    ],
)
def test_the_last_by_name_wins(files, value):
    found = sysctl.settings([File(path, text) for path, text in files.items()])
    assert found.get(sysctl.NONLOCAL) == value


def test_a_lab_s_machine_gets_those_alone_that_it_has_for_itself():
    text = ON + "vm.swappiness = 1\nnet.core.somaxconn = 1024\n"
    assert sysctl.needed([File("/etc/sysctl.conf", text)]) == {sysctl.NONLOCAL: "1"}


@pytest.mark.parametrize(
    ("file", "text", "severities"),
    [
        (None, "", {"warning"}),
        ("etc/sysctl.d/99-vip.conf", ON, set()),
        ("99-vip.conf", ON, set()),
        ("m1/etc/sysctl.conf", ON, {"warning"}),
        ("etc/sysctl.d/99-vip.conf", OFF, {"error"}),
    ],
)
def test_a_proxy_may_bind_the_vip_where_the_kernel_lets_it(tmp_path, file, text, severities):
    shutil.copytree(CASE, tmp_path / "mine")
    proxy = tmp_path / "mine/haproxy.cfg"
    proxy.write_text(proxy.read_text().replace("bind *:8443", "bind 10.0.0.100:8443"))
    if file:
        (tmp_path / "mine" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mine" / file).write_text(text)
    assert {f.severity.value for f in examine(read([tmp_path / "mine"])) if f.code == "H10"} == severities
