"""Files as operators have them, and whose each is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.errors import ProfileError, UsageError
from harness.lint.reading import read
from harness.profile.folder import load
from harness.profile.kind import QUOTED
from harness.profile.layout import Layout, lay
from harness.profile.record import record, restored

PROXY = "frontend k\n bind *:8443\n default_backend k\nbackend k\n{}"
SERVERS = "".join(f" server cp{n} 10.0.0.1{n}:6443 check\n" for n in (1, 2, 3))
HAPROXY = PROXY.format(SERVERS)
CHECK = "#!/bin/sh\ncurl -sfk --max-time 1 https://localhost:8443/readyz\n"
TEMPLATE = "backend k\n server {{ x }}\n"
NGINX = "stream { upstream k { server 10.0.0.11:6443; } server { listen 8443; proxy_pass k; } }\n"


def conf(priority: int = 100, more: str = "", script: str = "/etc/keepalived/check.sh") -> str:
    return (
        f'{more}\nvrrp_script chk {{\n script "{script}"\n}}\nvrrp_instance VI_1 {{\n interface eth0\n'
        f" virtual_router_id 61\n priority {priority}\n virtual_ipaddress {{\n  10.0.0.100\n }}\n"
        " track_script {\n  chk\n }\n}\n"
    )


def written(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def placed(layout: Layout) -> dict[str, tuple[str, str]]:
    """Return whose each file is, and where, by its path in the tree."""
    return {str(one.entry.at): (" ".join(one.nodes), one.path) for one in layout.placed}


KEEPALIVED, HAPROXY_CFG = "/etc/keepalived/keepalived.conf", "/etc/haproxy/haproxy.cfg"
THREE = ("m1", "m2", "m3")

LAYOUTS = {
    "a folder a node": (
        {f"{n}/keepalived.conf": conf() for n in THREE} | {"haproxy.cfg": HAPROXY, "etc/keepalived/check.sh": CHECK},
        {"m1/keepalived.conf": ("m1", KEEPALIVED), "haproxy.cfg": ("m1 m2 m3", HAPROXY_CFG),
         "etc/keepalived/check.sh": ("m1 m2 m3", "/etc/keepalived/check.sh")},
    ),
    "trees as on the hosts": (
        {f"{n}/etc/keepalived/keepalived.conf": conf() for n in THREE}
        | {f"{n}/etc/haproxy/haproxy.cfg": HAPROXY for n in THREE} | {"m2/usr/local/bin/check.sh": CHECK},
        {"m1/etc/keepalived/keepalived.conf": ("m1", KEEPALIVED), "m3/etc/haproxy/haproxy.cfg": ("m3", HAPROXY_CFG),
         "m2/usr/local/bin/check.sh": ("m2", "/etc/keepalived/check.sh")},
    ),
    "below a folder of hosts": (
        {f"hosts/{n}/keepalived/keepalived.conf": conf() for n in THREE} | {"hosts/m1/haproxy/haproxy.cfg": HAPROXY},
        {"hosts/m2/keepalived/keepalived.conf": ("m2", KEEPALIVED),
         "hosts/m1/haproxy/haproxy.cfg": ("m1", HAPROXY_CFG)},
    ),
    "one host's etc": (
        {"keepalived/keepalived.conf": conf(), "haproxy/haproxy.cfg": HAPROXY, "keepalived/check.sh": CHECK,
         "sysctl.d/99.conf": "net.ipv4.ip_nonlocal_bind = 1\n"},
        {"keepalived/keepalived.conf": ("m1 m2 m3", KEEPALIVED), "haproxy/haproxy.cfg": ("m1 m2 m3", HAPROXY_CFG),
         "keepalived/check.sh": ("m1 m2 m3", "/etc/keepalived/check.sh"),
         "sysctl.d/99.conf": ("m1 m2 m3", "/etc/sysctl.d/99.conf")},
    ),
    "names with suffixes": (
        {"keepalived-master.conf": conf(), "keepalived-backup.conf": conf(99), "haproxy.cfg": HAPROXY,
         "check.sh": CHECK},
        {"keepalived-master.conf": ("master", KEEPALIVED), "keepalived-backup.conf": ("backup", KEEPALIVED),
         "haproxy.cfg": ("backup master", HAPROXY_CFG), "check.sh": ("backup master", "/etc/keepalived/check.sh")},
    ),
    "the backup's beside the master's": (
        {"keepalived/keepalived.conf": conf(), "keepalived/keepalived_backup.conf": conf(99), "haproxy.cfg": HAPROXY},
        {"keepalived/keepalived.conf": ("master", KEEPALIVED),
         "keepalived/keepalived_backup.conf": ("backup", KEEPALIVED)},
    ),
    "named after nodes": (
        {f"keepalived.{n}.conf": conf() for n in THREE} | {f"haproxy-{n}.cfg": HAPROXY for n in THREE},
        {"keepalived.m1.conf": ("m1", KEEPALIVED), "haproxy-m2.cfg": ("m2", HAPROXY_CFG)},
    ),
    "one node's haproxy is another": (
        {f"{n}/keepalived.conf": conf() for n in THREE} | {"haproxy.cfg": HAPROXY, "haproxy-m2.cfg": HAPROXY},
        {"haproxy.cfg": ("m1 m3", HAPROXY_CFG), "haproxy-m2.cfg": ("m2", HAPROXY_CFG)},
    ),
    "whole names, capitals, underscores": (
        {"CP_1.example.com/keepalived.conf": conf(), "cp2.example.com/keepalived.conf": conf(),
         "haproxy.cfg": HAPROXY},
        {"CP_1.example.com/keepalived.conf": ("CP_1", KEEPALIVED),
         "cp2.example.com/keepalived.conf": ("cp2", KEEPALIVED)},
    ),
    "one label, two domains": (
        {"lb.a.com/keepalived.conf": conf(), "lb.b.com/keepalived.conf": conf(), "haproxy.cfg": HAPROXY},
        {"lb.a.com/keepalived.conf": ("lb-a-com", KEEPALIVED), "lb.b.com/keepalived.conf": ("lb-b-com", KEEPALIVED)},
    ),
    "other names": (
        {"lb1.conf": conf(), "lb2.conf": conf(), "lb.cfg": HAPROXY},
        {"lb1.conf": ("lb1", KEEPALIVED), "lb.cfg": ("lb1 lb2", HAPROXY_CFG)},
    ),
    "included files": (
        {f"{n}/keepalived.conf": conf(more="include conf.d/*.conf") for n in THREE}
        | {"m1/conf.d/scripts.conf": "vrrp_script x {\n script /bin/true\n}\n",
           "m2/conf.d/keepalived_vi2.conf": "vrrp_instance X {\n}\n", "haproxy.cfg": HAPROXY},
        {"m1/conf.d/scripts.conf": ("m1", "/etc/keepalived/conf.d/scripts.conf"),
         "m2/conf.d/keepalived_vi2.conf": ("m2", "/etc/keepalived/conf.d/keepalived_vi2.conf")},
    ),
    "each node's haproxy, one keepalived": (
        {"keepalived.conf": conf(), "cp1/haproxy.cfg": HAPROXY, "cp2/haproxy.cfg": HAPROXY},
        {"keepalived.conf": ("cp1 cp2", KEEPALIVED), "cp2/haproxy.cfg": ("cp2", HAPROXY_CFG)},
    ),
    "a script beside": (
        {f"{n}/keepalived.conf": conf(script="/usr/local/bin/check.sh -v") for n in THREE}
        | {"scripts/check.sh": CHECK, "haproxy.cfg": HAPROXY},
        {"scripts/check.sh": ("m1 m2 m3", "/usr/local/bin/check.sh")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_file_is_somebody_s(tmp_path, name):
    files, wanted = LAYOUTS[name]
    layout = lay([written(tmp_path, files)])
    assert not layout.left
    assert placed(layout).keys() == files.keys()
    assert {at: placed(layout)[at] for at in wanted} == wanted


MANIFEST = """\
# as it was applied
apiVersion: v1
kind: ConfigMap
metadata:
  name: keepalived
data:
  keepalived.conf: |
{conf}
  check.sh: |-
{check}
---
apiVersion: v1
kind: Pod
data: 3
"""


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines()).rstrip("\n")


def test_a_config_map_holds_files(tmp_path):
    text = MANIFEST.format(conf=indented(conf(101)), check=indented(CHECK))
    files = {"manifests/keepalived.yaml": text, "manifests/haproxy.yaml": "apiVersion: v1\nkind: Pod\n"}
    layout = lay([written(tmp_path, files | {"haproxy.cfg": HAPROXY})])
    assert not layout.left
    assert placed(layout) == {
        "manifests/keepalived.conf": ("m1 m2 m3", KEEPALIVED),
        "manifests/check.sh": ("m1 m2 m3", "/etc/keepalived/check.sh"),
        "manifests/keepalived.yaml": ("m1 m2 m3", "/etc/kubernetes/manifests/keepalived.yaml"),
        "manifests/haproxy.yaml": ("m1 m2 m3", "/etc/kubernetes/manifests/haproxy.yaml"),
        "haproxy.cfg": ("m1 m2 m3", HAPROXY_CFG),
    }
    found = load(tmp_path)
    instance = found.instances["m1"][0]
    assert instance.priority == 101
    where = instance.at("priority")
    assert "priority 101" in (tmp_path / "manifests/keepalived.yaml").read_text().splitlines()[where.line - 1]
    assert found.text("m2", "/etc/keepalived/check.sh") == CHECK


def test_a_static_pod_s_files_are_where_it_mounts_them_from(tmp_path):
    files = {f"{n}/etc/kubernetes/manifests/keepalived.yaml": "apiVersion: v1\nkind: Pod\n" for n in THREE}
    files |= {f"{n}/etc/kubernetes/keepalived/keepalived.conf": conf() for n in THREE}
    files |= {f"{n}/etc/kubernetes/keepalived/check.sh": CHECK for n in THREE}
    files |= {f"{n}/etc/kubernetes/haproxy/haproxy.cfg": HAPROXY for n in THREE}
    found = placed(lay([written(tmp_path, files)]))
    assert found["m2/etc/kubernetes/keepalived/keepalived.conf"] == ("m2", KEEPALIVED)
    assert found["m2/etc/kubernetes/keepalived/check.sh"] == ("m2", "/etc/keepalived/check.sh")
    assert found["m2/etc/kubernetes/haproxy/haproxy.cfg"] == ("m2", HAPROXY_CFG)
    assert found["m2/etc/kubernetes/manifests/keepalived.yaml"] == ("m2", "/etc/kubernetes/manifests/keepalived.yaml")


NODES = {f"{n}/keepalived.conf": conf() for n in THREE} | {"haproxy.cfg": HAPROXY}


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("README.md", "```\nfrontend k\n```\n", QUOTED),
        ("templates/haproxy.cfg.j2", TEMPLATE, "a template: render it first"),
        ("templates/keepalived.conf.j2", "vrrp_instance V {\n priority {{ p }}\n}\n", "a template: render it first"),
        ("m2/keepalived.conf.j2", "vrrp_instance V {\n priority {{ p }}\n}\n", "a template: render it first"),
        ("haproxy.cfg.bak", HAPROXY, "a copy of haproxy.cfg by its name"),
        ("m1/keepalived.conf~", conf(), "a copy of keepalived.conf by its name"),
        ("keepalived.conf", conf(), "every node has its own"),
        ("notes.txt", "hello\n", "neither a daemon's configuration nor a program, by what it holds"),
        ("scripts/deploy.sh", CHECK, "no keepalived.conf here names it, and its folder does not say where it belongs"),
        ("nginx.conf", "http {\n}\n", "it serves no stream, and haproxy balances"),
        ("old.cfg", HAPROXY, "haproxy.cfg is the one taken; a node's own is named after it, or lies in its folder"),
        ("m1/core", "x\0", "a NUL byte; the file is damaged, or no text"),
    ],
)
def test_what_has_no_part_is_left_with_the_reason(tmp_path, name, text, why):
    layout = lay([written(tmp_path, NODES | {name: text})])
    ((source, said),) = layout.left.items()
    assert source.endswith(name) and why in said
    assert placed(layout).keys() == NODES.keys()


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "it is empty; `harness profile new` makes a start"),
        ({"haproxy.cfg": HAPROXY}, "neither keepalived.conf nor m1/keepalived.conf there"),
        ({"m1/keepalived.conf.j2": "vrrp_instance V {\n priority {{ p }}\n"}, r"j2:2: a template: render it first"),
        ({"m1/keepalived.conf": "x\0"}, r"m1/keepalived.conf:1: a NUL byte"),
        ({"m1/keepalived.conf": ""}, r"m1/keepalived.conf:1: it is empty"),
        (
            {"m1/keepalived.conf": conf(), "m1/etc/keepalived/keepalived.conf": conf()},
            "two keepalived.conf for m1: .* keep one of them",
        ),
        (
            {"m1/keepalived.conf": conf(), "etc/keepalived/keepalived.conf": conf()},
            "two kinds of layout at once: .*etc/keepalived/keepalived.conf is one host's, and m1 have their own",
        ),
        (
            {"keepalived.conf": conf(), "etc/keepalived/keepalived.conf": conf()},
            "two kinds of layout at once: whose are .*keepalived.conf and .*keepalived.conf",
        ),
        (
            {"m1/keepalived.conf": conf(), "haproxy.cfg.j2": TEMPLATE},
            r"haproxy\.cfg\.j2:2: a template: render it first",
        ),
        (
            NODES | {"m4/keepalived.conf.j2": "vrrp_instance V {\n priority {{ p }}\n}\n"},
            r"m4/keepalived\.conf\.j2:2: ",
        ),
        (NODES | {"m2/keepalived-old.conf": conf()}, "two kinds|two keepalived.conf for m2"),
        (NODES | {"nginx.conf": NGINX}, "two kinds of proxy at once: .*nginx.conf and .*haproxy.cfg; keep the one"),
        (
            {"m1/keepalived.conf": conf(), "a.cfg": HAPROXY, "b.cfg": HAPROXY},
            "which haproxy.cfg is it: .*a.cfg and .*b.cfg",
        ),
        ({"my node/keepalived.conf": conf()}, "a node is named like a host: .* not 'my node'"),
    ],
)
def test_what_cannot_be_made_out_is_refused_with_the_remedy(tmp_path, files, says):
    with pytest.raises(ProfileError, match=says):
        lay([written(tmp_path, files)])


def test_what_an_included_file_says_counts_where_one_file_is_linted(tmp_path):
    parts = {"keepalived.conf": "include conf.d/*.conf\n", "conf.d/vi.conf": conf(77), "other.conf": conf(1)}
    written(tmp_path / "m1", parts)
    (one,) = read([tmp_path / "m1/keepalived.conf"]).confs
    ((_, instance),) = one.instances
    assert instance.priority == 77 and instance.at("priority").path.endswith("conf.d/vi.conf")


CLOUD = """\
#cloud-config
hostname: {host}
write_files:
- path: /etc/keepalived/keepalived.conf
  permissions: '0644'
  content: |
{conf}
- content: |
{check}
  path: "/etc/keepalived/check.sh"
  permissions: "0755"
- encoding: b64
  path: /etc/keepalived/other.conf
  content: |
    Z2xvYmFsX2RlZnMgewp9Cg==
runcmd:
- systemctl restart keepalived
"""


def test_a_cloud_config_holds_its_host_s_files(tmp_path):
    files = {
        f"user-data-{n}": CLOUD.format(host=f"m{n}", conf=indented(conf(100 - n)), check=indented(CHECK))
        for n in (1, 2, 3)
    }
    layout = lay([written(tmp_path, files | {"haproxy.cfg": HAPROXY})])
    assert not layout.left
    assert placed(layout) == {
        "haproxy.cfg": ("m1 m2 m3", HAPROXY_CFG),
        **{f"m{n}/etc/keepalived/keepalived.conf": (f"m{n}", KEEPALIVED) for n in (1, 2, 3)},
        **{f"m{n}/etc/keepalived/check.sh": (f"m{n}", "/etc/keepalived/check.sh") for n in (1, 2, 3)},
    }
    found = load(tmp_path)
    where = found.instances["m2"][0].at("priority")
    assert "priority 98" in (tmp_path / "user-data-2").read_text().splitlines()[where.line - 1]
    (check,) = [file for file in found.files["m1"] if file.path.endswith("check.sh")]
    assert check.text == CHECK and check.executable


SPEAKS = " unicast_src_ip 10.0.0.21\n unicast_peer {{\n  10.0.0.22\n  10.0.0.{}\n }}\n"


@pytest.mark.parametrize("last", [23, 210])
def test_one_host_s_file_stands_for_its_peers_with_their_addresses(tmp_path, last):
    text = conf().replace(" priority", SPEAKS.format(last) + " priority")
    found = load(written(tmp_path, {"keepalived.conf": text, "haproxy.cfg": HAPROXY, "check.sh": CHECK}))
    assert found.lone.endswith("keepalived.conf") and "is one host's" in found.remarks[0]
    assert restored(record(found, found)).lacks == found.lacks
    spoken = {n: (one.unicast_src_ip, set(one.unicast_peers)) for n, (one,) in found.instances.items()}
    own = {"m1": "10.0.0.21", "m2": "10.0.0.22", "m3": f"10.0.0.{last}"}
    assert spoken == {n: (at, {*own.values()} - {at}) for n, at in own.items()}
    assert [conf.node for conf in read([tmp_path]).confs] == ["m1"]


@pytest.mark.parametrize(
    ("more", "lone"),
    [(" state MASTER\n", True), (" state BACKUP\n", False), (" state MASTER\n@m1 priority 120\n", False)],
)
def test_a_file_that_says_master_is_one_host_s_unless_it_tells_nodes_apart(tmp_path, more, lone):
    text = conf().replace(" priority", f"{more} priority")
    files = {"keepalived.conf": text, "haproxy.cfg": HAPROXY, "check.sh": CHECK}
    assert (load(written(tmp_path, files)).lone != "") is lone


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        (
            "site.yml",
            "- hosts: lbs\n  content: |\n    vrrp_instance V {\n",
            "site.yml:3: it holds a keepalived.conf among",
        ),
        ("setup.sh", f"#!/bin/sh\ncat >k.conf <<E\n{conf()}E\n", "setup.sh:7: a program that writes a keepalived.conf"),
    ],
)
def test_what_might_make_a_keepalived_conf_is_told_where_none_is(tmp_path, name, text, says):
    folder = written(tmp_path, {name: text})
    with pytest.raises(ProfileError, match=says):
        lay([folder])
    with pytest.raises(UsageError, match=says):
        read([folder])


def test_a_proxy_s_file_inside_another_is_not_passed_over(tmp_path):
    values = "cfg: |\n  frontend k8s\n    bind *:1\n"
    folder = written(tmp_path, {"m1/keepalived.conf": conf(), "values.yaml": values})
    with pytest.raises(ProfileError, match=r"values.yaml:1: it holds a haproxy.cfg"):
        lay([folder])
    assert lay([written(tmp_path, {"haproxy.cfg": HAPROXY})]).left


def test_one_manifest_is_what_its_config_map_holds(tmp_path):
    text = MANIFEST.format(conf=indented(conf(101)), check=indented(CHECK))
    written(tmp_path, {"keepalived.yaml": text})
    setup = read([tmp_path / "keepalived.yaml"])
    assert setup.confs[0].instances[0][1].priority == 101 and "/etc/keepalived/check.sh" in setup.confs[0].programs


@pytest.mark.parametrize("name", ["lb.conf", "haproxy", "haproxy.conf", "x.txt"])
def test_one_file_is_what_it_holds(tmp_path, name):
    written(tmp_path, {name: HAPROXY, f"{name}.k": conf()})
    setup = read([tmp_path / name, tmp_path / f"{name}.k"])
    assert (len(setup.proxies), len(setup.confs)) == (1, 1)
