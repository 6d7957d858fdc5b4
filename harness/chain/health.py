"""Whom an apiserver answers on which paths, which of them depend on etcd, and how long after it they know that.

AddHealthChecks of k8s.io/apiserver (pkg/server/config.go) puts etcd's check under all three paths,
addEtcdHealthEndpoint (pkg/server/options/etcd.go) another under /readyz; `?exclude=` takes one out, and a path may name
a single check. Each asks etcd once a second at most and waits two for it, and who comes meanwhile is told what was so
before (newETCD3Check, pkg/storage/storagebackend/factory/etcd3.go).
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from harness.clock import Bounds

# Of these system:public-info-viewer lets everybody read (plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go).
_PUBLIC = ("/healthz", "/livez", "/readyz", "/version", "/version/")
_KNOWN = re.compile(r"/(?:(?:healthz|livez|readyz|version|apis?|openapi|metrics|logs|debug)(?:/.*)?)?")
_OF_ETCD = {"livez": {"etcd"}, "healthz": {"etcd"}, "readyz": {"etcd", "etcd-readiness"}}
WITHOUT_ETCD = "/livez?exclude=etcd"

# What a check without its etcd is answered, as far as texts are looked for in it (handleRootHealth of healthz.go).
WITHOUT = "[+]ping ok\n[+]log ok\n[-]etcd failed: reason withheld\nreadyz check failed\n"

PROBE_S = 2.0  # how long a check waits for etcd (DefaultHealthcheckTimeout)
EVERY_S = 1.0  # how often it asks, at most
ASKED_S = 1.0  # how often somebody asks at least: kubeadm has the kubelet ask /readyz each second
HELD_S = 2 * PROBE_S  # how long one request may wait that has to ask for both checks
# etcd is gone → all are told so at once: whoever asks first then waits in vain.
STALE_S = Bounds(PROBE_S, EVERY_S + ASKED_S + PROBE_S)


def open_to_all(method: str, path: str) -> bool | None:
    """Say whether who says nothing of itself may ask for a path, as Kubernetes comes; everybody else is answered 403.

    A single check below /livez is not among what all may read, nor is anything by HEAD or OPTIONS, which are verbs of
    their own. None for a path that is none of Kubernetes': a distribution may answer it, as k3s does /ping.
    """
    place = urlsplit(path).path
    if method == "GET" and place in _PUBLIC:
        return True
    return False if _KNOWN.fullmatch(place) else None


def body(path: str) -> str | None:
    """Return what a health endpoint answers where all is well; None where it says more, or that is not known."""
    place = urlsplit(path)
    return "ok" if place.path.strip("/") in _OF_ETCD and "verbose" not in place.query else None


def needs_etcd(path: str) -> bool:
    """Say whether what a path answers depends on etcd's quorum; of any other path than health's it says no."""
    place = urlsplit(path)
    name, _, single = place.path.strip("/").partition("/")
    checks = _OF_ETCD.get(name, set())
    if single:
        return single in checks
    return bool(checks - set(parse_qs(place.query).get("exclude", ())))
