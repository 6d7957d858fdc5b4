"""Which of an apiserver's health endpoints depend on etcd.

AddHealthChecks of k8s.io/apiserver (pkg/server/config.go) puts etcd's check under all three paths,
addEtcdHealthEndpoint (pkg/server/options/etcd.go) another under /readyz; `?exclude=` takes one out, and a path may name
a single check.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

_OF_ETCD = {"livez": {"etcd"}, "healthz": {"etcd"}, "readyz": {"etcd", "etcd-readiness"}}
WITHOUT_ETCD = "/livez?exclude=etcd"


def needs_etcd(path: str) -> bool:
    """Say whether what a path answers depends on etcd's quorum; of any other path than health's it says no."""
    place = urlsplit(path)
    name, _, single = place.path.strip("/").partition("/")
    checks = _OF_ETCD.get(name, set())
    if single:
        return single in checks
    return bool(checks - set(parse_qs(place.query).get("exclude", ())))
