"""The faults of a trial as spans: when each was injected, when it was healed, and until when it is looked at."""

from __future__ import annotations

import msgspec

from harness.clock import Span
from harness.events import AgentStart, Did, Due, Effect, FaultEdge, FaultEffect
from harness.history import Event, History


class FaultSpan(msgspec.Struct, frozen=True):
    """A fault; what it did is measured from `injected.start_ns` to `until_ns`, the next fault's start or the end.

    `proven` says whether its agent saw the effect, and that of healing where it was healed.
    """

    index: int
    name: str
    node: str
    injected: Span
    healed: Span | None
    until_ns: int
    did: Did
    effect: Effect
    proven: bool = True

    @property
    def silences(self) -> bool:
        """Say whether the whole node fell silent, for all that others can tell."""
        return self.effect.silent or self.isolates

    @property
    def resumes(self) -> bool:
        """Say whether it was silent only for a time, and was healed to where it was."""
        return self.isolates or (self.effect.silent and self.effect.resumes)

    @property
    def process(self) -> str:
        """Return the process that alone was hit; "" where the node was."""
        return next(iter(self.effect.processes), "")

    @property
    def takes_backend(self) -> bool:
        """Say whether the node's apiserver stopped to answer."""
        return self.silences or "kube-apiserver" in self.effect.processes

    @property
    def isolates(self) -> bool:
        """Say whether nobody reaches the node any more, while it runs on."""
        return self.effect.cut in ("all", "link") and not self.effect.others

    @property
    def takes_etcd(self) -> bool:
        """Say whether the node's member of etcd is alone, or none, while all else of it runs."""
        effect = self.effect
        return "etcd" in effect.gone + effect.hung or (effect.cut == "etcd" and not effect.others)

    def parts(self, proxy: str, backend: str) -> bool:
        """Say whether what a node's load balancer sends to another node's apiserver gets lost, or the answer does."""
        near, far = (proxy, backend) if self.node == proxy else (backend, proxy)
        if self.node != near or near == far or (self.effect.others and far not in self.effect.others):
            return False
        if self.effect.cut == "apiserver":  # which is what is sent to one alone
            return self.effect.way in ("both", "out" if self.node == proxy else "in")
        return self.effect.cut in ("all", "link")

    @property
    def broken_until_ns(self) -> int:
        """Return when healing began, or the end of what is looked at."""
        return min(self.healed.start_ns, self.until_ns) if self.healed else self.until_ns


def epoch_ns(history: History) -> int:
    """Return a trial's zero: the moment its clients started."""
    starts = [e.t_ns for e in history.of(AgentStart) if e.agent == "prober"]
    return min(starts, default=history.start_ns)


def end_ns(history: History) -> int:
    """Return a trial's end: the moment its clients asked last; what came later nobody looked at."""
    return max((e.data.due_ns for e in history.of(Due)), default=history.end_ns)


def faults(history: History) -> list[FaultSpan]:
    """Return the faults in order of their index."""
    by_index: dict[int, list[Event[FaultEdge]]] = {}
    for event in history.of(FaultEdge):
        by_index.setdefault(event.data.index, []).append(event)
    injected = {i: span for i, events in by_index.items() if (span := _span(events, "inject"))}
    starts = sorted(span.start_ns for span in injected.values())
    meant = {e.data.index: e.data.effect for e in history.of(FaultEffect)}
    found = []
    for index, span in sorted(injected.items()):
        first = next(e for e in by_index[index] if e.data.action == "inject")
        until = next((s for s in starts if s > span.start_ns), max(end_ns(history), span.end_ns))
        healed = _span(by_index[index], "heal")
        ended = {e.data.action for e in by_index[index] if e.data.edge == "end"}
        proven = ended >= ({"inject", "heal"} if healed else {"inject"})
        effect = meant.get(index) or _effect(first.data.detail)
        about = FaultSpan(index, first.data.fault, first.node, span, healed, until, first.data.detail, effect, proven)
        boots = about.silences and not about.resumes
        found.append(_from_power_on(about, history) if boots and healed else about)
    return found


def _effect(did: Did) -> Effect:
    """Return what a fault meant, of a history from before that was written down."""
    if did.up is False:
        return Effect(silent=True)
    processes = (did.process,) if did.process else ()
    return Effect(hung=processes) if did.signal == "SIGSTOP" else Effect(gone=processes)


def _span(events: list[Event[FaultEdge]], action: str) -> Span | None:
    stamps = [e.t_ns for e in events if e.data.action == action]
    return Span(min(stamps), max(stamps)) if stamps else None


def _from_power_on(fault: FaultSpan, history: History) -> FaultSpan:
    # The deed is noted once the node's agents answer; it was on since its init started.
    assert fault.healed is not None
    agents = [e for e in history.of(AgentStart, fault.node) if e.t_ns > fault.injected.end_ns]
    starts = [max(e.data.init_started_ns or e.t_ns, fault.injected.end_ns) for e in agents]
    start = min([*starts, fault.healed.start_ns])
    return msgspec.structs.replace(fault, healed=Span(start, fault.healed.end_ns))
