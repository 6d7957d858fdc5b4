"""What is the service in the cases that have other listeners, other names and other layouts; see README.md."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.chain.chain import Chain
from harness.chain.failure import Kind
from harness.chain.rest import at_rest
from harness.clock import Bounds
from harness.errors import ProfileError
from harness.lint.examine import Objection, examine
from harness.lint.reading import read
from harness.predict.predict import predict
from harness.profile.folder import Profile, load
from harness.profile.machines import Role

CASES = Path(__file__).parent
F02 = CASES / "f02-stats-section-before-the-api"
F03 = CASES / "f03-two-dedicated-load-balancers"
F04 = CASES / "f04-ingress-beside-the-api"
F07 = CASES / "f07-not-named-cfg"
F16 = CASES / "f16-layouts"
F22 = CASES / "f22-names-ipv6-two-vips"


def evictions(profile: Profile, node: str) -> dict[tuple[str, str], Bounds | None]:
    """Return when each load balancer takes out the backend of a node whose apiserver dies."""
    chain = Chain(profile)
    found = predict(chain, chain.fails(Kind.APISERVER_DEAD, node), at_rest(chain))
    return {key: row["eviction_s"].bounds for key, row in found.evictions.items()}


def findings(*paths: Path) -> list[Objection]:
    return examine(read(list(paths)))


@pytest.mark.parametrize("case", [F02, F04])
def test_what_stands_before_the_api_is_not_the_service(case):
    found = load(case)
    assert (found.front, found.facts.port, found.facts.apiserver_port) == ("haproxy", 8443, 6443)
    assert {s.name for group in found.servers.values() for s in group} == {"cp1", "cp2", "cp3"}
    assert found.remarks == ()


@pytest.mark.parametrize("case", [F02, F04])
def test_only_the_api_s_servers_have_a_say_in_its_evictions(case):
    assert evictions(load(case), "m2") == {(n, "cp2"): Bounds(4.0, 6.0) for n in ("m1", "m2", "m3")}


@pytest.mark.parametrize("case", [F02, F04])
def test_nothing_is_said_of_the_other_servers(case):
    found = findings(case)
    assert {f.code for f in found if f.path.endswith("haproxy.cfg")} == {"H07"}
    (slow,) = [f for f in found if f.code == "H07"]
    assert "up to 6 s" in slow.message


def test_the_stats_page_is_the_service_where_somebody_says_so():
    with pytest.raises(ProfileError, match=r"port 9000 leads to no server; those that do: 8443"):
        load(F02, "9000")
    assert load(F04, "443").facts.port == 443
    assert {s.name for group in load(F04, "10.0.0.100:443").servers.values() for s in group} == {"w1", "w2", "w3"}


def test_two_load_balancers_before_three_masters():
    found = load(F03)
    assert (found.facts.lbs, found.facts.masters) == (["lb1", "lb2"], ["cp1", "cp2", "cp3"])
    assert all(found.facts.roles[n] == [Role.LB] for n in ("lb1", "lb2"))
    assert found.facts.port == 6443
    assert not {f.code for f in findings(F03)} & {"H10", "E01"}


def test_a_file_is_what_it_holds_on_the_command_line_too():
    found = findings(F07 / "haproxy.conf", F07 / "nginx.conf")
    assert {(f.code, Path(f.path).name) for f in found if f.severity == "error"} == {("H01", "haproxy.conf")}
    assert [f.code for f in found] == [f.code for f in findings(F07)]


def test_trees_as_they_lie_on_hosts_are_found():
    found = load(F16 / "as-on-the-hosts")
    assert found.facts.lbs == ["m1", "m2"] and len(found.facts.masters) == 3
    assert found.files["m1"][0].source.endswith("m1/etc/keepalived/keepalived.conf")
    assert found.remarks == (
        "by their numbers m1 is 10.0.0.11, m2 is 10.0.0.12, and other masters are taken to have no keepalived; "
        "[nodes] tells otherwise",
    )
    assert {Path(f.path).parts[-4] for f in findings(F16 / "as-on-the-hosts") if f.code == "K09"} == {"m1", "m2"}


def test_whole_names_are_names_of_hosts():
    found = load(F16 / "fqdn")
    assert found.facts.lbs == ["cp1", "cp2"] and found.backends == {"cp1": "cp1", "cp2": "cp2", "cp3": "cp3"}
    (outweighed,) = [f for f in findings(F16 / "fqdn") if f.severity == "error"]
    assert outweighed.code == "K01" and "cp1.example.com" in outweighed.path


def test_one_host_s_etc_is_found_and_is_only_one_host_s():
    here = F16 / "on-a-host"
    found = load(here)
    assert found.has("m1", "/etc/keepalived/check.sh") and len(found.servers) == 3
    assert "is one host's" in found.remarks[0]
    setup = read([here])
    assert len(setup.confs) == 1 and "/etc/keepalived/check.sh" in setup.confs[0].programs and setup.profile is None
    assert not [f for f in examine(setup) if f.severity == "error"]


def test_servers_by_name_are_where_nodes_says():
    found = load(F22)
    assert found.backends == {"cp1": "m1", "cp2": "m2", "cp3": "m3"}
    assert (str(found.facts.vip), found.facts.port, found.remarks) == ("10.0.0.100", 8443, ())


@pytest.fixture
def two_vips(tmp_path: Path) -> Path:
    """f22 with a second VIP, which the proxy serves something else on."""
    shutil.copytree(F22, tmp_path / "two")
    for conf in (tmp_path / "two").glob("*/keepalived.conf"):
        conf.write_text(conf.read_text().replace("10.0.0.100/24\n", "10.0.0.99/24\n        10.0.0.100/24\n"))
    proxy = tmp_path / "two/haproxy.cfg"
    ingress = (
        "frontend web\n    bind 10.0.0.99:443\n    default_backend web\nbackend web\n    server w1 w1.example.com:443\n"
    )
    proxy.write_text(proxy.read_text().replace("frontend k8s", f"{ingress}\nfrontend k8s"))
    return tmp_path / "two"


def test_of_two_vips_the_one_that_the_api_is_bound_to_is_the_service(two_vips):
    proxy = two_vips / "haproxy.cfg"
    proxy.write_text(proxy.read_text().replace("bind *:8443", "bind 10.0.0.100:8443 transparent"))
    found = load(two_vips)
    assert (str(found.facts.vip), found.facts.port) == ("10.0.0.100", 8443)
    assert "taken to be 10.0.0.100, and not 10.0.0.99" in found.remarks[0]


def test_of_two_vips_the_one_that_was_taken_is_said_and_another_may_be_chosen(two_vips):
    found = load(two_vips)
    assert (str(found.facts.vip), found.facts.port) == ("10.0.0.99", 8443)
    assert found.remarks == ("the service's VIP is taken to be 10.0.0.99, and not 10.0.0.100; --service chooses",)
    chosen = load(two_vips, "10.0.0.100")
    assert (str(chosen.facts.vip), chosen.facts.port, chosen.remarks) == ("10.0.0.100", 8443, ())


def test_what_else_the_proxy_sends_to_by_name_can_be_looked_up(two_vips):
    """Else haproxy would not start, in a lab that knows nothing of it."""
    assert str(load(two_vips).facts.hosts["w1.example.com"]) == "192.0.2.1"
    assert load(two_vips).facts.masters == ["m1", "m2", "m3"]


def test_nodes_may_have_ipv6(tmp_path):
    shutil.copytree(F22, tmp_path / "six")
    for file in (tmp_path / "six").rglob("*.*"):
        if file.is_file():
            text = file.read_text().replace('"10.0.0.', '"fd00::').replace("10.0.0.100/24", "fd00::100/64")
            file.write_text(text.replace("bind *:8443", "bind [::]:8443"))
    found = load(tmp_path / "six")
    assert [str(a) for a in found.facts.nodes.values()] == ["fd00::11", "fd00::12", "fd00::13"]
    assert (str(found.facts.vip), found.facts.port) == ("fd00::100", 8443)
