import pytest

from harness.chain.health import WITHOUT_ETCD, needs_etcd, open_to_all


@pytest.mark.parametrize(
    "path",
    [
        "/livez",
        "/readyz",
        "/healthz",
        "/readyz?verbose",
        "/livez/etcd",
        "/readyz/etcd-readiness",
        "/readyz?exclude=etcd",
    ],
)
def test_it_is_asked_for(path):
    assert needs_etcd(path)


@pytest.mark.parametrize(
    "path",
    [
        WITHOUT_ETCD,
        "/healthz?verbose&exclude=etcd",
        "/readyz?exclude=etcd&exclude=etcd-readiness",
        "/livez/ping",
        "/readyz/shutdown",
        "/version",
        "/",
        "",
    ],
)
def test_it_is_not(path):
    assert not needs_etcd(path)


@pytest.mark.parametrize("path", ["/livez", "/readyz?verbose&exclude=etcd", "/healthz", "/version", "/version/"])
def test_health_is_open_to_all_who_get_it(path):
    assert open_to_all("GET", path) is True
    assert open_to_all("HEAD", path) is False and open_to_all("OPTIONS", path) is False


@pytest.mark.parametrize("path", ["/", "/livez/ping", "/readyz/", "/healthz/etcd", "/api", "/apis/apps/v1", "/metrics"])
def test_all_else_of_kubernetes_is_not(path):
    assert open_to_all("GET", path) is False


def test_what_a_distribution_adds_is_not_known():
    assert open_to_all("GET", "/ping") is None
