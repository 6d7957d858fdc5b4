"""Which of an apiserver's health endpoints depend on etcd, and how long after it they know what it does.

AddHealthChecks of k8s.io/apiserver (pkg/server/config.go) puts etcd's check under all three paths,
addEtcdHealthEndpoint (pkg/server/options/etcd.go) another under /readyz; `?exclude=` takes one out, and a path may name
a single check. Each asks etcd once a second at most and waits two for it, and who comes meanwhile is told what was so
before (newETCD3Check, pkg/storage/storagebackend/factory/etcd3.go).
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from harness.clock import Bounds

_OF_ETCD = {"livez": {"etcd"}, "healthz": {"etcd"}, "readyz": {"etcd", "etcd-readiness"}}
WITHOUT_ETCD = "/livez?exclude=etcd"

PROBE_S = 2.0  # how long a check waits for etcd (DefaultHealthcheckTimeout)
EVERY_S = 1.0  # how often it asks, at most
ASKED_S = 1.0  # how often somebody asks at least: kubeadm has the kubelet ask /readyz each second
HELD_S = 2 * PROBE_S  # how long one request may wait that has to ask for both checks
# etcd is gone → all are told so at once: whoever asks first then waits in vain.
STALE_S = Bounds(PROBE_S, EVERY_S + ASKED_S + PROBE_S)


def needs_etcd(path: str) -> bool:
    """Say whether what a path answers depends on etcd's quorum; of any other path than health's it says no."""
    place = urlsplit(path)
    name, _, single = place.path.strip("/").partition("/")
    checks = _OF_ETCD.get(name, set())
    if single:
        return single in checks
    return bool(checks - set(parse_qs(place.query).get("exclude", ())))
