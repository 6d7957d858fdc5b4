import pytest

from harness.chain.health import WITHOUT_ETCD, needs_etcd


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
