"""Which of a proxy's listeners leads to the apiservers."""

from __future__ import annotations

import pytest

from harness.errors import ProfileError
from harness.profile.kind import Kind
from harness.profile.service import Taken, counted, of_proxy, taken

CHECKED = "option httpchk GET {path}\n default-server check {tls}"


def frontend(name: str, bind: str, backend: str, more: str = "") -> str:
    return f"frontend {name}\n bind {bind}\n default_backend {backend}\n {more}\n"


def backend(name: str, port: int, path: str = "", tls: str = "check-ssl") -> str:
    check = f" {CHECKED.format(path=path, tls=tls)}\n" if path else ""
    return f"backend {name}\n{check} server a 10.0.0.11:{port}\n server b 10.0.0.12:{port}\n"


def listen(name: str, bind: str, port: int) -> str:
    return f"listen {name}\n bind {bind}\n server a 10.0.0.11:{port}\n"


def service(text: str, port: int | None = None, vip: str = "") -> Taken:
    found = taken(of_proxy(Kind.HAPROXY, text, "haproxy.cfg"), port, vip)
    assert found is not None
    return found


STATS = "listen stats\n bind *:9000\n stats enable\n"
API = frontend("k", "*:8443", "k") + backend("k", 6443)


@pytest.mark.parametrize(
    "text",
    [
        STATS + API,
        API + STATS,
        listen("web", "*:443", 30443) + API,
        listen("mcs", "*:22623", 22623) + listen("k", "*:8443", 6443),
        listen("konnectivity", "*:8132", 8132) + listen("k", "*:8443", 6443),
        frontend("web", "*:443", "web") + backend("web", 10254, "/healthz", "") + API,
        frontend("x", "*:1", "x") + backend("x", 16443, "/healthz", "")
        + frontend("k", "*:8443", "k") + backend("k", 16443, "/readyz"),
        frontend("x", "*:1", "x") + backend("x", 8080) + frontend("k", "*:8443", "k") + backend("k", 16443, "/livez"),
        frontend("x", "*:1", "x") + backend("x", 443) + frontend("kube-api", "*:8443", "k") + backend("k", 443),
        frontend("x", "127.0.0.1:6443", "k") + frontend("k", "*:8443", "k") + backend("k", 6443),
        frontend("k", "*:8443", "web", "use_backend k if { req_ssl_sni api.example.com }")
        + backend("web", 30443) + backend("k", 6443),
    ],
    ids=[
        "after the statistics", "before the statistics", "beside an ingress", "beside machine configs",
        "beside konnectivity", "beside a checked ingress", "by readyz over TLS", "by livez", "by its name",
        "not on the loopback", "by use_backend",
    ],
)  # fmt: skip
def test_the_service_is_what_leads_to_apiservers(text):
    found = service(text)
    assert 8443 in [port for _, port in found.listener.binds]
    assert found.told and not found.others
    assert {server.port for server in found.listener.servers} <= {6443, 16443, 443}


@pytest.mark.parametrize("text", [listen("a", "*:1", 99), STATS + listen("a", "*:1", 9345)])
def test_the_only_one_is_the_service_whatever_its_port(text):
    found = service(text)
    assert found.listener.name == "a" and found.told


def test_of_several_that_nothing_tells_apart_the_first_is_taken_and_that_is_said():
    found = service(listen("a", "*:1", 99) + listen("b", "*:2", 98))
    assert found.listener.name == "a" and not found.told


def test_a_second_that_qualifies_is_named_and_may_be_chosen():
    text = frontend("inside", "*:6443", "k") + frontend("outside", "*:443", "k") + backend("k", 6443)
    found = service(text)
    assert (found.listener.name, [one.name for one in found.others]) == ("inside", ["outside"])
    chosen = service(text, 443)
    assert (chosen.listener.name, chosen.others) == ("outside", ())


def test_the_vip_chooses_as_well():
    text = frontend("a", "10.0.0.1:6443", "k") + frontend("b", "10.0.0.2:6443", "k") + backend("k", 6443)
    assert service(text, vip="10.0.0.2").listener.name == "b"
    assert service(text, vip="10.0.0.3").listener.name == "a"


def test_a_port_that_leads_nowhere_is_refused_with_those_that_do():
    with pytest.raises(ProfileError, match=r"haproxy\.cfg:4: port 9000 leads to no server; those that do: 8443"):
        service(STATS + API, 9000)


def test_a_backend_that_no_frontend_names_will_do():
    assert service(backend("k", 6443)).listener.binds == ()
    assert service("frontend f\n bind *:8443\n use_backend %[var(x)]\n" + backend("k", 6443)).listener.backend == "k"


def test_nothing_without_servers():
    assert taken(of_proxy(Kind.HAPROXY, STATS, "h")) is None


def test_a_disabled_server_is_none():
    assert taken(of_proxy(Kind.HAPROXY, "listen k\n bind *:1\n server a 10.0.0.1:6443 disabled\n", "h")) is None


def test_nginx_has_listeners_too():
    text = (
        "stream { upstream dns { server 10.0.0.1:53; } upstream web { server 10.0.0.1:30443; }\n"
        "upstream k { server 10.0.0.1:6443; } server { listen 53 udp; proxy_pass dns; }\n"
        "server { listen 443; proxy_pass web; } server { listen [::]:8443; proxy_pass k; } }"
    )
    found = taken(of_proxy(Kind.NGINX, text, "nginx.conf"))
    assert found and (found.listener.name, found.listener.binds) == ("k", (("::", 8443),))


def test_a_name_that_stands_for_several_servers_is_asked_for():
    text = "listen k8s\n    bind *:8443\n    server-template m 3 masters.example.com:6443 check\n"
    (one,) = of_proxy(Kind.HAPROXY, text, "h.cfg")
    with pytest.raises(ProfileError, match=r"h.cfg:1: masters.example.com stands for 3 servers, and no file tells"):
        counted(one, ())
    counted(one, {"masters.example.com"})
