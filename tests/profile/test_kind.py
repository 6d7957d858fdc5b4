"""A file is what it holds, whatever it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.profile import kind
from harness.profile.kind import QUOTED, Kind

CASES = Path(__file__).parents[1] / "cases"
KEEPALIVED = "! kept by hand\nvrrp_instance VI_1\n{\n  priority 100\n}\n"
OTHER = "among other things: put that into a file of its own"
HAPROXY = "# balances\nfrontend k8s\n  bind *:8443\n"


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("lb.conf", KEEPALIVED, Kind.KEEPALIVED),
        ("keepalived-master.conf", "global_defs {\n}\n", Kind.KEEPALIVED),
        ("vips.conf", "virtual_ipaddress {\n 10.0.0.1\n}\n", Kind.KEEPALIVED),
        ("lb.conf", HAPROXY, Kind.HAPROXY),
        ("haproxy", "global\n  daemon\n", Kind.HAPROXY),
        ("keepalived.conf", HAPROXY, Kind.HAPROXY),
        ("lb.conf", "events {}\nstream {\n}\n", Kind.NGINX),
        ("api.conf", "upstream api {\n server 10.0.0.1:6443;\n}\n", Kind.NGINX),
        ("keepalived.conf", "what is this\n", Kind.KEEPALIVED),
        ("haproxy.cfg", "mode tcp\n", Kind.HAPROXY),
        ("check", "#!/bin/sh\nglobal\n", Kind.PROGRAM),
        ("check.sh", "curl -f localhost\n", Kind.PROGRAM),
        ("k.yaml", "apiVersion: v1\nkind: Pod\n", Kind.MANIFEST),
        ("user-data", "#cloud-config\nwrite_files:\n- path: /x\n  content: |\n    global_defs {\n", Kind.CLOUD_CONFIG),
        ("99-vip.conf", "# for haproxy\nnet.ipv4.ip_nonlocal_bind = 1\n", Kind.SYSCTL),
        ("profile.toml", "port = 8443\n", Kind.STATED),
    ],
)
def test_it_is_known_by_what_it_holds(name: str, text: str, found: Kind) -> None:
    assert kind.known(name, text).kind is found


@pytest.mark.parametrize(
    ("name", "text", "why", "line"),
    [
        ("keepalived.conf.j2", "vrrp_instance V {\n priority {{ priority }}\n}\n", "a template: render it first", 2),
        ("keepalived.conf", KEEPALIVED + "vrrp_instance W {\n state ${STATE}\n}\n", "a template: render it first", 7),
        ("haproxy.cfg", "backend k\n{% for h in groups %}\n server x\n", "a template: render it first", 2),
        ("haproxy.cfg.erb", "backend k\n server <%= @name %>\n", "a template: render it first", 2),
        ("README.md", "Ours:\n```\nfrontend k8s\n bind *:1\n```\n", QUOTED, 2),
        ("site.yml", "- hosts: lbs\n  content: |\n    vrrp_instance V {\n", f"{kind.HOLDS} keepalived.conf {OTHER}", 3),
        ("values.yaml", "cfg: |\n  frontend k8s\n    bind *:1\n", f"{kind.HOLDS} haproxy.cfg {OTHER}", 1),
        ("empty.conf", " \n", "it is empty", 0),
        ("notes.txt", "call the provider\n", "neither a daemon's configuration nor a program, by what it holds", 0),
    ],
)
def test_what_is_left_says_why(name: str, text: str, why: str, line: int) -> None:
    assert kind.known(name, text) == kind.Known(Kind.LEFT, why, line)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("keepalived.conf", "# {{ ansible_managed }}\n" + KEEPALIVED, Kind.KEEPALIVED),
        ("keepalived.conf", "$VIP=10.0.0.1\n" + KEEPALIVED + "# ${OLD}\n ${VIP} ${_INSTANCE}\n", Kind.KEEPALIVED),
        ("keepalived.conf", "include vars.conf\n" + KEEPALIVED + "${VIP}\n", Kind.KEEPALIVED),
        ("haproxy.cfg", HAPROXY + '  log-format \'{"a":{"b":"%ci"}} {%[hdr(x)]} %{+Q}r\'\n', Kind.HAPROXY),
        ("haproxy.cfg.j2", HAPROXY, Kind.HAPROXY),
        ("check.sh", "#!/bin/sh\ndocker ps --format '{{.Names}}'\n", Kind.PROGRAM),
    ],
)
def test_what_only_looks_like_a_template_is_none(name: str, text: str, found: Kind) -> None:
    assert kind.known(name, text).kind is found


def test_every_case_s_files_are_known() -> None:
    named = {"keepalived.conf": Kind.KEEPALIVED, "haproxy.cfg": Kind.HAPROXY, "haproxy.conf": Kind.HAPROXY}
    named |= {"nginx.conf": Kind.NGINX, "profile.toml": Kind.STATED}
    files = [path for path in CASES.rglob("*") if path.name in named]
    assert len(files) > 100
    assert all(kind.of(path).kind is named[path.name] for path in files if "f21" not in str(path))


def test_a_binary_file_is_left_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "core").write_bytes(b"one\nt\0o")
    assert kind.of(tmp_path / "core") == kind.Known(Kind.LEFT, "a NUL byte; the file is damaged, or no text", 2)
