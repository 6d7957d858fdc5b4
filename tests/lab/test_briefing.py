"""What each machine of a lab is told, by its roles."""

import base64
import json
from dataclasses import replace
from ipaddress import ip_address, ip_interface

import pytest

from harness import assets
from harness.lab import certificates, labels
from harness.lab.briefing import SEATS, Briefing
from harness.profile.folder import find, load
from harness.profile.instrument import instrument

AUTHORITY = certificates.authority()


def briefing(name: str, **facts) -> Briefing:
    profile = load(find(name, assets.PROFILES))
    profile = replace(profile, facts=profile.facts.model_copy(update=facts))
    leased = {machine: f"10.9.9.{n}" for n, machine in enumerate(["client", *profile.facts.nodes, *SEATS])}
    return Briefing("lab", instrument(profile), AUTHORITY, "token", {labels.EXPIRES: "1"}, leased, False)


def daemons(told: Briefing, node: str) -> tuple[set[str], set[str]]:
    """Return the services that stay down, and the processes that are watched."""
    files = told.node(node)
    down = {path.split("/")[3] for path in files if path.endswith("/down")}
    return down, set(json.loads(files["/etc/harness/node.json"][0])["processes"])


@pytest.mark.parametrize(
    ("name", "node", "down", "watched"),
    [
        ("article", "m1", {"nginx"}, {"keepalived", "haproxy", "kube-apiserver", "etcd", "rsyslogd"}),
        ("nginx", "m1", {"haproxy"}, {"keepalived", "nginx", "kube-apiserver", "etcd", "rsyslogd"}),
        ("keepalived-only", "m1", {"nginx", "haproxy"}, {"keepalived", "kube-apiserver", "etcd", "rsyslogd"}),
        ("two-load-balancers", "lb1", {"nginx", "kube-apiserver", "etcd"}, {"keepalived", "haproxy", "rsyslogd"}),
        (
            "two-load-balancers",
            "cp1",
            {"nginx", "keepalived", "haproxy"},
            {"kube-apiserver", "etcd", "rsyslogd"},
        ),
    ],
)
def test_a_machine_starts_the_daemons_of_its_roles_and_watches_them(name, node, down, watched):
    assert daemons(briefing(name), node) == (down, watched)


def test_etcds_members_are_the_masters():
    env = briefing("two-load-balancers").node("cp2")["/etc/harness/node.env"][0]
    members = ",".join(f"cp{n}=http://10.20.30.2{n}:2380" for n in (1, 2, 3))
    assert f"ETCD_CLUSTER='{members}'" in env


def test_a_master_has_one_link_and_no_instance():
    files = briefing("two-load-balancers").node("cp1")
    assert files["/etc/harness/links"][0] == "10.9.9.3 eth0 10.20.30.21/24\n"
    assert json.loads(files["/etc/harness/node.json"][0])["instance"] == ""
    assert "/etc/keepalived/keepalived.conf" not in files and "/etc/haproxy/haproxy.cfg" not in files


def test_names_that_the_files_give_servers_are_known_on_every_machine():
    told = briefing("article", hosts={"cp1.example.com": ip_address("198.18.0.11")})
    assert "198.18.0.11 cp1.example.com\n" in told.node("m3")["/etc/harness/hosts"][0]


def test_ipv6_addresses_are_bracketed_where_a_url_has_them():
    nodes = {f"m{n}": ip_address(f"fd00::1{n}") for n in (1, 2, 3)}
    env = briefing("article", nodes=nodes).node("m1")["/etc/harness/node.env"][0]
    assert "ADDRESS='[fd00::11]'" in env and "m2=http://[fd00::12]:2380" in env
    assert "--bind-address 0.0.0.0,::" in env


def test_a_seat_has_an_address_of_its_own_and_observes_its_guest_alone():
    told = briefing("article")
    links = [told.client(name)["/etc/harness/links"][0].split() for name in ("client", *SEATS)]
    assert len({address for *_, address in links}) == len(links)
    assert {ip_interface(address).network for *_, address in links} == {told.instrumented.profile.facts.subnet}
    down = {path.split("/")[3] for path in told.client("seat2") if path.endswith("/down")}
    assert down == {"agent-arp", "agent-wire"} and "/etc/sv/agent-seat/down" in told.client()


def test_a_kubeconfig_is_whole_in_itself():
    said = json.loads(briefing("article").kubeconfig)
    cluster = said["clusters"][0]["cluster"]
    assert base64.b64decode(cluster["certificate-authority-data"]).decode() == AUTHORITY.pem
    assert cluster["server"] == "https://198.18.0.100:8443" and said["users"][0]["user"] == {"token": "token"}


def test_a_node_knows_where_a_client_of_its_own_asks():
    told = json.loads(briefing("article").node("m2")["/etc/harness/node.json"][0])
    assert told["endpoint"].startswith("https://") and told["ca"] and told["token"]
