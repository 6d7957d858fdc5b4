"""Histories drawn by hand: what the recorders would have written, in seconds of a made-up clock."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from harness.clock import NS
from harness.events import (
    Advert,
    AgentStart,
    AgentStop,
    Did,
    Effect,
    Fact,
    FaultEdge,
    FaultEffect,
    GratuitousArp,
    HaproxyCheck,
    HaproxyServer,
    Probe,
    ProberSummary,
    Process,
    Readback,
    Schedule,
    Vip,
    VrrpState,
    Write,
)
from harness.history import Event, History

VIP = "198.18.0.100"
BACKENDS = {"master": "m1", "master1": "m2", "master2": "m3"}


def ns(t_s: float) -> int:
    return round(t_s * NS)


class Drawn:
    """Draw events in any order; `history()` is what came of them."""

    def __init__(self) -> None:
        self.events: list[Event[Fact]] = []
        self._numbers: dict[tuple[str, str], int] = {}

    def event(self, t_s: float, node: str, fact: Fact, agent: str = "node") -> None:
        self._numbers[node, agent] = self._numbers.get((node, agent), -1) + 1
        self.events.append(Event(ns(t_s), node, agent, self._numbers[node, agent], fact))

    def history(self) -> History:
        return History(self.events)

    def starts(self, t_s: float, node: str, agent: str, boot_id: str = "b", **more: Any) -> None:
        self.event(t_s, node, AgentStart(boot_id=boot_id, time_namespace=1, **more), agent)

    def stops(self, t_s: float, node: str, agent: str, **more: Any) -> None:
        self.event(t_s, node, AgentStop(boot_id="b", time_namespace=1, **more), agent)

    def vip(self, t_s: float, node: str, present: bool = True, **more: Any) -> None:
        self.event(t_s, node, Vip(address=VIP, interface="eth0", present=present, initial=False, **more))

    def state(self, t_s: float, node: str, state: str, priority: int = 100) -> None:
        self.event(t_s, node, VrrpState(instance="VI_1", state=state, priority=priority))

    def fault(
        self,
        t_s: float,
        node: str,
        index: int = 0,
        took_s: float = 0.001,
        action: Literal["inject", "heal"] = "inject",
        **detail: Any,
    ) -> None:
        did = Did(**detail)
        name = "NodeCrash" if did.up is False else "ProcessKill"
        begin = FaultEdge(fault=name, node=node, action=action, index=index, edge="begin", detail=did)
        self.event(t_s, node, begin, "act")
        self.event(t_s + took_s, node, replace(begin, edge="end"), "act")

    def crash(self, t_s: float, node: str, index: int = 0) -> None:
        self.fault(t_s, node, index, interface="eth0", up=False)

    def freeze(self, t_s: float, node: str, index: int = 0) -> None:
        effect = Effect(silent=True, resumes=True)
        self.event(t_s, "harness", FaultEffect(fault="NodeFreeze", node=node, index=index, effect=effect), "runner")
        self.fault(t_s, node, index, signal="SIGSTOP")

    def cut(self, t_s: float, node: str, effect: Effect, index: int = 0) -> None:
        self.event(t_s, "harness", FaultEffect(fault="Partition", node=node, index=index, effect=effect), "runner")
        self.fault(t_s, node, index)

    def kill(self, t_s: float, node: str, process: str, index: int = 0) -> None:
        self.fault(t_s, node, index, process=process)

    def heal(self, t_s: float, node: str, index: int = 0) -> None:
        self.fault(t_s, node, index, action="heal")

    def probe(
        self,
        due_s: float,
        took_s: float = 0.004,
        error: str | None = None,
        stream: str = "fresh",
        late_s: float = 0.0,
        **stages: Any,
    ) -> None:
        due, sent, done = ns(due_s), ns(due_s + late_s), ns(due_s + late_s + took_s)
        about: dict[str, Any] = {"target": "readyz", "status": None if error else 200, **stages}
        asked = Probe(stream=stream, due_ns=due, sent_ns=sent, done_ns=done, error=error, **about)
        self.event(due_s + late_s + took_s, "client", asked, "prober")

    def probes(self, start_s: float, end_s: float, error: str | None = None, every_s: float = 0.01, **how: Any) -> None:
        for number in range(round((end_s - start_s) / every_s)):
            self.probe(start_s + number * every_s, error=error, **how)

    def server(self, t_s: float, haproxy: str, server: str, status: str, initial: bool = False) -> None:
        row = HaproxyServer(
            backend="be",
            server=server,
            status=status,
            check_status="L4TOUT" if status == "DOWN" else "L4OK",
            initial=initial,
            previous_poll_ns=ns(t_s - 0.02),
        )
        self.event(t_s, haproxy, row)

    def failed_check(self, t_s: float, haproxy: str, server: str) -> None:
        poll = ns(t_s - 0.02)
        row = HaproxyCheck(backend="be", server=server, check_status="L4TOUT", failed=1, previous_poll_ns=poll)
        self.event(t_s, haproxy, row)

    def advert(self, t_s: float, node: str, priority: int, source: str = "x", outgoing: bool = True) -> None:
        frame = Advert(
            source=source,
            vrid=60,
            priority=priority,
            version=2,
            advert_int_s=1.0,
            addresses=[VIP],
            mac="",
            outgoing=outgoing,
        )
        self.event(t_s, node, frame, "wire")

    def gratuitous(self, t_s: float, node: str, mac: str) -> None:
        frame = GratuitousArp(operation=1, gratuitous=True, ip=VIP, mac=mac, target=VIP, source_mac=mac)
        self.event(t_s, node, frame, "wire")

    def process(self, t_s: float, node: str, name: str, alive: bool = True, pid: int = 7) -> None:
        self.event(t_s, node, Process(name=name, pid=pid, alive=alive, initial=alive))

    def write(self, due_s: float, took_s: float = 0.005, status: int | None = 201, error: str | None = None) -> None:
        asked = Write(
            name=f"w-{len(self.events)}",
            due_ns=ns(due_s),
            sent_ns=ns(due_s),
            done_ns=ns(due_s + took_s),
            status=status,
            error=error,
            acknowledged=status == 201,
            served_by="m3" if status else None,
        )
        self.event(due_s + took_s, "client", asked, "writer")

    def readback(self, t_s: float, lost: list[str] | None) -> None:
        self.event(t_s, "client", Readback(names_checked=1, lost=lost, unexpected=[]), "writer")

    def summary(self, t_s: float, late_ms: float = 1.0, cap_hits: int = 0) -> None:
        late = round(late_ms * 1e6)
        stream = Schedule(sent=1, cap_hits=cap_hits, lateness_ns_p50=late, lateness_ns_p99=late)
        self.event(t_s, "client", ProberSummary(streams={"fresh": stream}), "prober")


def crash_of_owner(late_ms: float = 1.0, stalled_us: int | None = None) -> Drawn:
    """m1 holds the VIP and falls silent at 3 s, m2 has it at 6 s; m1 returns at 20 s and takes it back at 23 s."""
    d = Drawn()
    d.starts(0, "client", "prober", stalled_us=stalled_us)
    d.vip(-5, "m1")
    d.crash(3, "m1")
    d.state(5.999, "m2", "MASTER", 111)
    d.vip(6, "m2")
    for haproxy, at in (("m2", 13.5), ("m3", 13.9)):
        for server in BACKENDS:
            d.server(-4, haproxy, server, "UP", initial=True)
        d.server(at, haproxy, "master", "DOWN")
        d.server(at + 9, haproxy, "master", "UP")
    d.starts(20, "m1", "node")
    d.heal(20.4, "m1")
    d.vip(23, "m2", present=False)
    d.vip(23.001, "m1")
    d.probes(0, 3)
    d.probes(3, 6.01, error="connect_timeout", took_s=1.0)
    d.probes(6.01, 30)
    d.summary(30.1, late_ms)
    return d


def freeze_of_owner(gives_way: str = "m2") -> Drawn:
    """m1 holds the VIP and is frozen from 3 s to 20 s, m2 has it at 6 s; who gives way does so 4 ms after healing."""
    d = Drawn()
    d.starts(0, "client", "prober")
    d.vip(-5, "m1")
    d.state(-5, "m1", "MASTER")
    d.freeze(3, "m1")
    d.vip(6, "m2")
    d.heal(20, "m1")
    d.vip(20.004, gives_way, present=False)
    d.probes(0, 3)
    d.probes(3, 6.01, error="connect_timeout", took_s=1.0)
    d.probes(6.01, 30)
    d.summary(30.1)
    return d


def two_dead() -> Drawn:
    """m1 and m2 are off from 10 s to 30 s; the last eviction is over at 20 s."""
    d = Drawn()
    for index, node in enumerate(("m1", "m2")):
        d.crash(5 + 5 * index, node, index)
    for server in ("master", "master1"):
        d.server(-1, "m3", server, "UP", initial=True)
    d.server(15, "m3", "master", "DOWN")
    d.server(20, "m3", "master1", "DOWN")
    for index, node in enumerate(("m1", "m2")):
        d.heal(30, node, index)
    for number in range(50):
        d.write(4 * number / 50)
    return d


def refused(d: Drawn, took_s: float = 2.0) -> Drawn:
    """Let m3 refuse forty writes between the last eviction and healing."""
    for number in range(40):
        d.write(20.5 + number * 0.1, took_s=took_s, status=503, error="5xx")
    return d
