"""Who is a load balancer and who a master, from the files alone."""

from pathlib import Path

import pytest

from harness.errors import ProfileError
from harness.profile.folder import load
from harness.profile.machines import Role
from harness.profile.record import record, restored

KEEPALIVED = """\
vrrp_instance VI_1 {{
    state BACKUP
    interface ens18
    virtual_router_id 61
    priority {priority}
    {more}
    virtual_ipaddress {{
        {vip}
    }}
}}
"""
UNICAST = "unicast_src_ip 10.0.0.2{n}"
BOTH, LB, MASTER = [Role.LB, Role.MASTER], [Role.LB], [Role.MASTER]


def written(
    folder: Path,
    lbs: list[str],
    servers: dict[str, str],
    bind: str = "*:6443",
    more: str = "",
    toml: str = "",
    vip: str = "10.0.0.100",
) -> Path:
    """Write a folder as an operator has it: a keepalived.conf for each of `lbs`, one haproxy.cfg for all."""
    for n, name in enumerate(lbs, 1):
        (folder / name).mkdir(parents=True)
        conf = KEEPALIVED.format(priority=112 - 2 * n, more=more.format(n=n), vip=vip)
        (folder / name / "keepalived.conf").write_text(conf)
    if servers:
        lines = "".join(f"    server {name} {address} check\n" for name, address in servers.items())
        text = f"frontend f\n    bind {bind}\n    default_backend b\nbackend b\n{lines}"
        (folder / "haproxy.cfg").write_text(text)
    if toml:
        (folder / "profile.toml").write_text(toml)
    return folder


def masters(count: int, name: str = "cp") -> dict[str, str]:
    return {f"{name}{n}": f"10.0.0.1{n}:6443" for n in range(1, count + 1)}


def machines(folder: Path) -> dict[str, tuple[str, list[Role]]]:
    facts = load(folder).facts
    return {node: (str(address), facts.roles[node]) for node, address in facts.nodes.items()}


def test_two_load_balancers_before_three_masters_are_five_machines(tmp_path):
    folder = written(tmp_path, ["lb1", "lb2"], masters(3), more=UNICAST)
    assert machines(folder) == {
        "lb1": ("10.0.0.21", LB),
        "lb2": ("10.0.0.22", LB),
        "cp1": ("10.0.0.11", MASTER),
        "cp2": ("10.0.0.12", MASTER),
        "cp3": ("10.0.0.13", MASTER),
    }
    assert (load(folder).facts.lbs, load(folder).facts.masters) == (["lb1", "lb2"], ["cp1", "cp2", "cp3"])
    assert load(folder).backends == {"cp1": "cp1", "cp2": "cp2", "cp3": "cp3"}
    assert set(load(folder).facts.interfaces.values()) == {"ens18"}


def test_where_multicast_tells_no_address_of_a_load_balancer_a_free_one_is_taken(tmp_path):
    found = machines(written(tmp_path, ["lb1", "lb2"], masters(3)))
    assert (found["lb1"], found["lb2"]) == (("10.0.0.1", LB), ("10.0.0.2", LB))


@pytest.mark.parametrize("count", [2, 3, 5, 7])
def test_stacked_nodes_are_both(tmp_path, count):
    nodes = masters(count, "m")
    assert [roles for _, roles in machines(written(tmp_path, list(nodes), nodes, "*:8443")).values()] == [BOTH] * count


@pytest.mark.parametrize("count", [5, 7])
def test_three_of_the_masters_may_be_load_balancers_too(tmp_path, count):
    found = machines(written(tmp_path, ["m1", "m2", "m3"], masters(count, "m"), "*:8443"))
    assert [roles for _, roles in found.values()] == [BOTH] * 3 + [MASTER] * (count - 3)


def test_without_a_proxy_all_are_both(tmp_path):
    found = machines(written(tmp_path, ["m1", "m2"], {}, more=UNICAST))
    assert found == {"m1": ("10.0.0.21", BOTH), "m2": ("10.0.0.22", BOTH)}


def test_a_master_whose_server_is_not_named_like_a_host_gets_a_name(tmp_path):
    servers = {"API_1": "10.0.0.11:6443", "API_2": "10.0.0.12:6443", "lb1": "10.0.0.13:6443"}
    found = machines(written(tmp_path, ["lb1", "lb2"], servers, more=UNICAST))
    assert list(found) == ["lb1", "lb2", "m1", "m2", "m3"]


def test_what_else_the_proxy_balances_is_no_master(tmp_path):
    folder = written(tmp_path, ["lb1", "lb2"], masters(3), more=UNICAST)
    ingress = "frontend i\n    bind *:443\n    default_backend i\nbackend i\n    server w1 10.0.0.51:30443 check\n"
    (folder / "haproxy.cfg").write_text(ingress + (folder / "haproxy.cfg").read_text())
    assert load(folder).facts.masters == ["cp1", "cp2", "cp3"]
    assert load(folder).facts.apiserver_port == 6443


@pytest.mark.parametrize("out", ["m1", "m2", "m3"])
def test_a_server_that_is_disabled_is_a_master_all_the_same(tmp_path, out):
    servers = {name: at + " disabled" * (name == out) for name, at in masters(3, "m").items()}
    folder = written(tmp_path, ["m1", "m2", "m3"], servers, "*:8443")
    assert machines(folder) == {f"m{n}": (f"10.0.0.1{n}", BOTH) for n in (1, 2, 3)}
    assert [server.name for server in load(folder).servers["m1"] if not server.disabled] == sorted({*servers} - {out})


NAMED = {f"cp{n}": f"cp{n}.example.com:6443" for n in (1, 2, 3)}


@pytest.mark.parametrize("key", ["cp{n}", '"cp{n}.example.com"'])
def test_a_server_given_by_name_is_where_profile_toml_says(tmp_path, key):
    toml = "[nodes]\n" + "".join(f'{key.format(n=n)} = "10.0.0.1{n}"\n' for n in (1, 2, 3))
    folder = written(tmp_path, ["lb1", "lb2"], NAMED, more=UNICAST, toml=toml)
    assert [address for address, _ in machines(folder).values()] == [f"10.0.0.{n}" for n in (21, 22, 11, 12, 13)]
    assert str(load(folder).facts.hosts["cp2.example.com"]) == "10.0.0.12"
    assert load(folder).backends == {"cp1": "cp1", "cp2": "cp2", "cp3": "cp3"}


def test_names_that_none_of_the_nodes_has_are_theirs_in_order(tmp_path):
    toml = '[nodes]\nm1 = "10.0.0.11"\nm2 = "10.0.0.12"\nm3 = "10.0.0.13"\n'
    folder = written(tmp_path, ["m1", "m2", "m3"], NAMED, "*:8443", toml=toml)
    assert load(folder).backends == {"cp1": "m1", "cp2": "m2", "cp3": "m3"}


def test_a_server_named_after_a_node_is_that_node(tmp_path):
    servers = {f"a{n}": f"m{n}.example.com:6443" for n in (1, 2, 3)}
    folder = written(tmp_path, ["m1", "m2", "m3"], servers, "*:8443", more=UNICAST)
    assert load(folder).backends == {"a1": "m1", "a2": "m2", "a3": "m3"}
    assert str(load(folder).facts.hosts["m2.example.com"]) == "10.0.0.22"


def test_a_name_that_nothing_resolves_is_refused_with_the_remedy(tmp_path):
    folder = written(tmp_path, ["lb1", "lb2"], NAMED, more=UNICAST)
    with pytest.raises(ProfileError, match=r'cp1\.example\.com; say it in .*toml:\n\[nodes\]\n"cp1\.example\.com" = '):
        load(folder)


def test_nodes_may_have_ipv6_alone(tmp_path):
    servers = {f"cp{n}": f"[fd00::1{n}]:6443" for n in (1, 2, 3)}
    folder = written(tmp_path, ["lb1", "lb2"], servers, more="unicast_src_ip fd00::2{n}", vip="fd00::100")
    facts = load(folder).facts
    assert (str(facts.subnet), str(facts.vip), facts.masters) == ("fd00::/64", "fd00::100", ["cp1", "cp2", "cp3"])
    free = [facts.free(number) for number in range(3)]
    assert len({*free, *facts.nodes.values(), facts.vip}) == 3 + len(facts.nodes) + 1
    assert all(one in facts.subnet for one in free)
    assert load(folder).backends == {"cp1": "cp1", "cp2": "cp2", "cp3": "cp3"}


def test_one_keepalived_conf_for_all_is_not_the_masters(tmp_path):
    folder = written(
        tmp_path, [], masters(3), toml='[nodes]\nlb1 = "10.0.0.21"\nlb2 = "10.0.0.22"\ncp1 = "10.0.0.11"\n'
    )
    (folder / "keepalived.conf").write_text(KEEPALIVED.format(priority=100, more="", vip="10.0.0.100"))
    facts = load(folder).facts
    assert (facts.lbs, facts.masters) == (["lb1", "lb2"], ["cp1", "cp2", "cp3"])


def test_who_is_neither_is_refused(tmp_path):
    toml = '[nodes]\nlb1 = "10.0.0.21"\nlb2 = "10.0.0.22"\nlb3 = "10.0.0.23"\n'
    folder = written(tmp_path, ["lb1", "lb2"], masters(3), toml=toml)
    with pytest.raises(ProfileError, match=r"\[nodes\] lb3: it has no keepalived.conf, and no proxy sends to 10"):
        load(folder)


def test_two_keepalived_conf_before_three_servers_on_another_port_may_be_either(tmp_path):
    """With 8443 an apiserver may be beside the proxy: whether the third lacks its file nobody can tell."""
    with pytest.raises(
        ProfileError, match="same machines, every one needs a keepalived.conf; if not, say it in"
    ) as told:
        load(written(tmp_path, ["one", "two"], masters(3), "*:8443"))
    assert '= "10.0.0.1"' in str(told.value)


@pytest.mark.parametrize("names", [["lb1", "lb2"], ["haproxy-1", "haproxy-2"], ["lb1", "lb2", "lb3"]])
def test_who_is_called_a_load_balancer_is_taken_for_one_and_that_is_said(tmp_path, names):
    found = load(written(tmp_path, names, masters(3), "*:8443"))
    assert (found.facts.lbs, found.facts.masters) == (names, ["cp1", "cp2", "cp3"])
    assert f"by their names {', '.join(names)} are taken for load balancers beside the masters" in found.remarks[0]


def test_a_record_gives_the_roles_back_and_an_older_one_is_stacked(tmp_path):
    before = load(written(tmp_path, ["lb1", "lb2"], masters(3), more=UNICAST))
    kept = record(before, before)
    assert restored(kept).facts == before.facts
    del kept.facts["roles"], kept.facts["hosts"]
    assert restored(kept).facts.roles == {"lb1": BOTH, "lb2": BOTH}
