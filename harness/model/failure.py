"""What may fail, and the situation that it fails in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

PROXY = "proxy"


class Kind(Enum):
    """A way to fail, told as a sentence with `{node}` in it; `{proxy}` is the load balancer."""

    NODE_CRASH = "{node} falls silent, as if its power were cut"
    NODE_STOP = "{node} is shut down gracefully"
    PROXY_DEAD = "{proxy} dies on {node}"
    PROXY_HUNG = "{proxy} hangs on {node}"
    APISERVER_DEAD = "the apiserver dies on {node}"
    APISERVER_HUNG = "the apiserver on {node} hangs before TLS: its kernel still accepts"
    APISERVER_MUTE = "the apiserver on {node} hangs after TLS: no request is answered"
    APISERVER_ERRORS = "the apiserver on {node} answers everything with 500"
    KEEPALIVED_KILLED = "keepalived on {node} gets SIGKILL"
    KEEPALIVED_STOPPED = "keepalived on {node} gets SIGTERM"
    ETCD_DEAD = "etcd dies on {node}"

    @property
    def silences(self) -> bool:
        """Say whether the whole node is gone."""
        return self in (Kind.NODE_CRASH, Kind.NODE_STOP)

    @property
    def takes_backend(self) -> bool:
        """Say whether the node's apiserver stops to serve."""
        return self.silences or self.name.startswith("APISERVER")

    @property
    def hangs(self) -> bool:
        """Say whether what failed still accepts connections, and answers nothing."""
        return self in (Kind.PROXY_HUNG, Kind.APISERVER_HUNG, Kind.APISERVER_MUTE)

    @property
    def process(self) -> str | None:
        """Return the daemon that fails alone, by the model's name for it; None where the node does."""
        for start, name in (("PROXY", PROXY), ("APISERVER", "kube-apiserver"), ("KEEPALIVED", "keepalived")):
            if self.name.startswith(start):
                return name
        return "etcd" if self is Kind.ETCD_DEAD else None


# A fault of the harness, and the daemon that it hits; a fault that is not here is not predicted.
_OF_FAULT = {
    ("NodeCrash", None): Kind.NODE_CRASH,
    ("ProcessKill", "haproxy"): Kind.PROXY_DEAD,
    ("ProcessKill", "nginx"): Kind.PROXY_DEAD,
    ("ProcessKill", "kube-apiserver"): Kind.APISERVER_DEAD,
    ("ProcessKill", "keepalived"): Kind.KEEPALIVED_KILLED,
    ("ProcessKill", "etcd"): Kind.ETCD_DEAD,
    ("ProcessHang", "haproxy"): Kind.PROXY_HUNG,
    ("ProcessHang", "nginx"): Kind.PROXY_HUNG,
    ("ProcessHang", "kube-apiserver"): Kind.APISERVER_HUNG,
}


@dataclass(frozen=True)
class Failure:
    """Something that fails on a node; `proxy` is the load balancer's process there."""

    kind: Kind
    node: str
    proxy: str = "haproxy"

    def __str__(self) -> str:
        return self.kind.value.format(node=self.node, proxy=self.proxy)

    @property
    def process(self) -> str | None:
        """Return the process that fails alone; None where the node does."""
        return self.proxy if self.kind.process == PROXY else self.kind.process


def of_fault(fault: str, process: str | None, node: str) -> Failure | None:
    """Return what a fault, by its name and the process that it hits, means; None where the model does not know it."""
    kind = _OF_FAULT.get((fault, process))
    if kind is None:
        return None
    return Failure(kind, node, process) if process and kind.process == PROXY else Failure(kind, node)


@dataclass(frozen=True)
class Standing:
    """How things stand: who holds the VIP, which nodes are on, and what is still broken on them."""

    owner: str | None
    alive: tuple[str, ...]
    broken: tuple[Failure, ...] = ()

    @property
    def vip_owner(self) -> str | None:
        """Satisfies harness.contracts.Situation, so that a scenario's selectors can pick."""
        return self.owner

    def after(self, failure: Failure, owner: str | None) -> Standing:
        """Return how things stand once `failure` has had its effect and `owner` holds the VIP."""
        alive = tuple(n for n in self.alive if n != failure.node or not failure.kind.silences)
        return Standing(owner, alive, (*self.broken, failure))

    def ails(self, node: str) -> list[Kind]:
        """Return what is broken on a node."""
        return [one.kind for one in self.broken if one.node == node]
