"""What the harness itself did: the steps of a scenario, and its faults' deeds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from harness.events.fact import Fact


@dataclass(frozen=True, kw_only=True)
class Did:
    """What an agent's deed did; `stalled_ms` is how long somebody waited for a processor meanwhile."""

    process: str | None = None
    pids: list[int] = field(default_factory=list)
    signal: str | None = None
    interface: str | None = None
    up: bool | None = None
    stalled_ms: float | None = None


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a fault means for the chain while it lasts; nobody who works from it needs to know the fault.

    `silent` is a node that sends nothing any more; `gone` are processes that are not there, `hung` such as are
    there and do nothing, `errs` such as answer with an error, of which `status`, `to` all, only to who does not say
    who they are, to who verifies certificates and so has no answer at all, or to who writes, `reloads` such as read
    their files anew and go on. `graceful` says that what is gone said so before, `resumes` that a silent node is
    healed to where it was: its processes, connections and addresses are as they were, and it knows of no time between.
    `cut` is what no longer passes between the node and all others, or `others` by name, or only one `way`, seen from
    the node: "vrrp", "etcd", "apiserver" or "all", which is "link" where the node sees it; "some" are packets by
    chance, and "announcements" are gratuitous ARP.
    """

    silent: bool = False
    gone: tuple[str, ...] = ()
    hung: tuple[str, ...] = ()
    errs: tuple[str, ...] = ()
    reloads: tuple[str, ...] = ()
    graceful: bool = False
    resumes: bool = False
    cut: str = ""
    way: Literal["both", "in", "out"] = "both"
    others: tuple[str, ...] = ()
    status: int = 500
    to: Literal["all", "anonymous", "verifying", "writing"] = "all"

    @property
    def processes(self) -> tuple[str, ...]:
        """Return what was hit, where the node itself was not."""
        return () if self.silent else self.gone + self.hung + self.errs + self.reloads


@dataclass(frozen=True, kw_only=True)
class FaultEffect(Fact):
    """A fault is about to be injected, with this effect."""

    kind: ClassVar[str] = "fault.effect"
    fault: str
    node: str
    index: int
    effect: Effect


@dataclass(frozen=True, kw_only=True)
class FaultEdge(Fact):
    """One end of the interval in which a fault, or its healing, took effect; `index` numbers a trial's faults."""

    kind: ClassVar[str] = "fault"
    fault: str
    node: str
    action: Literal["inject", "heal"]
    index: int
    edge: Literal["begin", "end"]
    detail: Did


@dataclass(frozen=True, kw_only=True)
class StepTaken(Fact):
    """What the runner noted."""

    kind: ClassVar[str] = "step"
    name: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Unsteady(Fact):
    """The chain never became steady; `ended` says of what no slow machine brings about: a daemon ended by itself,
    or keepalived keeps everybody from the VIP.

    `stalled_share` is of the wait: for how much of it somebody had no processor.
    """

    kind: ClassVar[str] = "unsteady"
    cause: str
    ended: bool
    stalled_share: float
