"""What may fail, and the situation that it fails in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from harness.events import Effect

PROXY = "proxy"


class Kind(Enum):
    """A way to fail, told as a sentence with `{node}` in it; `{proxy}` is the load balancer."""

    NODE_CRASH = "{node} falls silent, as if its power were cut"
    NODE_FREEZE = "{node} stands still, as a paused virtual machine does"
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
    VRRP_CUT = "no advert passes between {node} and the others, all else does"

    @property
    def silences(self) -> bool:
        """Say whether the whole node is gone."""
        return self.drops or self is Kind.NODE_STOP

    @property
    def drops(self) -> bool:
        """Say whether nothing on the node answers from the first moment on, not even its kernel."""
        return self in (Kind.NODE_CRASH, Kind.NODE_FREEZE)

    @property
    def resumes(self) -> bool:
        """Say whether healing has the node go on from where it was, unaware of the time between."""
        return self is Kind.NODE_FREEZE

    @property
    def unaware(self) -> bool:
        """Say whether the node has the VIP all the while, in its own eyes, and has it still once it is healed."""
        return self.resumes or self is Kind.VRRP_CUT

    @property
    def takes_backend(self) -> bool:
        """Say whether the node's apiserver stops to serve."""
        return self.silences or self.name.startswith("APISERVER")

    @property
    def of_master(self) -> bool:
        """Say whether it is an apiserver or an etcd that fails alone."""
        return self is Kind.ETCD_DEAD or self.name.startswith("APISERVER")

    @property
    def hangs(self) -> bool:
        """Say whether what failed still accepts connections, and answers nothing."""
        return self in (Kind.PROXY_HUNG, Kind.APISERVER_HUNG, Kind.APISERVER_MUTE)

    @property
    def ends(self) -> bool:
        """Say whether a process is gone."""
        return self.process is not None and not self.hangs and self is not Kind.APISERVER_ERRORS

    @property
    def process(self) -> str | None:
        """Return the daemon that fails alone, by the model's name for it; None where the node does."""
        for start, name in (("PROXY", PROXY), ("APISERVER", "kube-apiserver"), ("KEEPALIVED", "keepalived")):
            if self.name.startswith(start):
                return name
        return "etcd" if self is Kind.ETCD_DEAD else None


LEFT_BEHIND = (Kind.KEEPALIVED_KILLED, Kind.VRRP_CUT)  # the node keeps the address, and serves on
MUTE = (*LEFT_BEHIND, Kind.KEEPALIVED_STOPPED)  # the node takes no part in the others' elections any more
# By whether the node said so before, and whether it resumes.
_SILENT = {(False, False): Kind.NODE_CRASH, (True, False): Kind.NODE_STOP, (False, True): Kind.NODE_FREEZE}
_GONE = {"kube-apiserver": Kind.APISERVER_DEAD, "keepalived": Kind.KEEPALIVED_KILLED, "etcd": Kind.ETCD_DEAD}
# What etcd hands over before it goes, and how an apiserver sends its clients away, is not followed.
_ASKED = {"keepalived": Kind.KEEPALIVED_STOPPED}
_HUNG = {"kube-apiserver": Kind.APISERVER_HUNG}
_PROXIES = ("haproxy", "nginx")


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


def of_effect(effect: Effect, node: str) -> Failure | None:
    """Return what fails where a fault has such an effect on a node; None where the model does not know that."""
    if effect.silent:
        kind = _SILENT.get((effect.graceful, effect.resumes))
        return Failure(kind, node) if kind else None
    if effect.cut:
        whole = effect.way == "both" and not effect.others
        return Failure(Kind.VRRP_CUT, node) if effect.cut == "vrrp" and whole else None
    if len(effect.processes) != 1 or effect.reloads:
        return None
    (process,) = effect.processes
    if process in _PROXIES:
        return Failure(Kind.PROXY_HUNG if effect.hung else Kind.PROXY_DEAD, node, process)
    if effect.errs:
        known = process == "kube-apiserver" and effect.status >= 500 and effect.to == "all"
        return Failure(Kind.APISERVER_ERRORS, node) if known else None
    kind = (_HUNG if effect.hung else _ASKED if effect.graceful else _GONE).get(process)
    return Failure(kind, node) if kind else None


@dataclass(frozen=True)
class Standing:
    """How things stand: who holds the VIP, which nodes are on, and what is still broken on them."""

    owner: str | None
    alive: tuple[str, ...]
    broken: tuple[Failure, ...] = ()

    def after(self, failure: Failure, owner: str | None) -> Standing:
        """Return how things stand once `failure` has had its effect and `owner` holds the VIP."""
        alive = tuple(n for n in self.alive if n != failure.node or not failure.kind.silences)
        return Standing(owner, alive, (*self.broken, failure))

    def running(self, members: Collection[str]) -> list[str]:
        """Return the members of etcd that are there."""
        return [node for node in members if node in self.alive and Kind.ETCD_DEAD not in self.ails(node)]

    def quorum(self, members: Collection[str]) -> bool:
        """Say whether most of the members of etcd are there."""
        return len(self.running(members)) > len(members) // 2

    def ails(self, node: str) -> list[Kind]:
        """Return what is broken on a node."""
        return [one.kind for one in self.broken if one.node == node]
