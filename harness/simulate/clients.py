"""What fresh requests meet in a trial, as exact shares over the time at which they are due."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product
from math import inf
from operator import attrgetter

from harness.chain.numbers import Numbers
from harness.simulate.assumed import Assumed
from harness.simulate.passage import passage
from harness.simulate.record import Answer, View
from harness.simulate.timeline import Timeline
from harness.simulate.turns import Turn, turns

OF_READ, OF_HEALTH = attrgetter("of_read"), attrgetter("of_health")


class Clients:
    """Open-loop clients: each request is due, sends its SYN, again after 1, 3, 7 s, and has a deadline.

    The way through haproxy takes no time but for its waits. All is constant between changes of the view, so a sum over
    pieces is exact.
    """

    def __init__(self, chain: Numbers, deadline_s: float, assumed: Assumed) -> None:
        self._balancers = [node.balancer for node in chain.nodes]
        self._deadline_s, self._patience_s, self._reads = deadline_s, assumed.etcd_patience_s, assumed.reads
        self._syns_s = [s for s in (0.0, *assumed.syn_again_s) if s < deadline_s]
        self._known: dict[View, float | None] = {}
        self._serving: dict[View, bool] = {}
        self._delays_s = self._delays()

    def lost_s(self, timeline: Timeline, from_s: float, to_s: float) -> float:
        """Return for how many seconds' worth of requests, due between two times, no good answer came.

        Some read, the others ask for health; who is held there, as it has etcd asked, is not counted.
        """
        reads, health = (self._lost_s(timeline.of(heard), from_s, to_s) for heard in (OF_READ, OF_HEALTH))
        return self._reads * reads + (1.0 - self._reads) * health

    def _lost_s(self, timeline: Timeline, from_s: float, to_s: float) -> float:
        lost = 0.0
        for begin, end, view in timeline.pieces(from_s, to_s):
            if view not in self._known:
                self._known[view] = self._decided(view)
            share = self._known[view]
            if share is not None:
                lost += (1.0 - share) * (end - begin)
            else:
                edges = self._edges(timeline, begin, end)
                lost += sum((1.0 - self.share(timeline, (a + b) / 2)) * (b - a) for a, b in pairwise(edges))
        return lost

    def dark_s(self, timeline: Timeline, from_s: float, to_s: float) -> float:
        """Return the longest time in which nothing was answered at once; infinite where it had not ended by `to_s`."""
        longest, since = 0.0, None
        for begin, end, view in timeline.of(OF_HEALTH).pieces(from_s, to_s):
            if self._serves(view):
                since = None
                continue
            since = begin if since is None else since
            if end == to_s:
                return float("inf")
            longest = max(longest, end - since)
        return longest

    def share(self, timeline: Timeline, due_s: float) -> float:
        """Return the share of requests due at a time that are answered well."""
        arrived_s = self.arrival(timeline, due_s)
        if arrived_s is None:
            return 0.0
        view = timeline.view(arrived_s)
        return 1.0 - sum(t.share for t in self.turns(view) if not self.answered(timeline, due_s, arrived_s, t.order))

    def turns(self, view: View) -> tuple[Turn, ...]:
        """Return in what orders the haproxy that is met chooses among its servers; an empty one where there is none."""
        balancer = None if view.node is None else self._balancers[view.node]
        return turns(balancer, view.up, view.answers) if balancer and view.up else (Turn((), 1.0),)

    def arrival(self, timeline: Timeline, due_s: float) -> float | None:
        """Return when a request's connection comes about; None where it is refused or does not."""
        for again_s in self._syns_s:
            front = timeline.view(due_s + again_s).front
            if front is not Answer.DROPS:
                return None if front is Answer.REFUSES else due_s + again_s
        return None

    def answered(self, timeline: Timeline, due_s: float, arrived_s: float, order: Sequence[int]) -> bool:
        """Say whether a request is answered well that has arrived, and for which haproxy chooses in this order."""
        view, ends_s = timeline.view(arrived_s), due_s + self._deadline_s
        assert view.node is not None
        owner, balancer = view.node, self._balancers[view.node]
        if balancer is None:
            return self._met(timeline, owner, owner, arrived_s, ends_s) is Answer.SERVES
        if view.front is not Answer.SERVES or not view.up:
            return False

        def answer(node: int, later_s: float) -> Answer:
            return self._met(timeline, owner, node, arrived_s + later_s, ends_s)

        return passage(balancer, view.up, order, answer, ends_s - arrived_s)[0] is Answer.SERVES

    def _met(self, timeline: Timeline, owner: int, node: int, at_s: float, ends_s: float) -> Answer:
        """Return what a node answers to a request that came by `owner`; one that waits for etcd may yet be served."""
        met = timeline.view(at_s).answers[node]
        until_s = min(ends_s, at_s + self._patience_s) if met is Answer.WAITS else at_s
        for _, _, view in timeline.pieces(at_s, until_s):
            if view.node != owner:
                return Answer.HANGS  # the VIP has left its connection behind
            if view.answers[node] is not Answer.WAITS:
                return view.answers[node]
        return Answer.ERRS if met is Answer.WAITS else met

    def _serves(self, view: View) -> bool:
        """Say whether some request would be answered at once."""
        if view.node is None or view.front is not Answer.SERVES:
            return False
        balancer = self._balancers[view.node]
        if balancer is None:
            return view.answers[view.node] is Answer.SERVES
        if view not in self._serving:
            met = (passage(balancer, view.up, t.order, lambda n, _: view.answers[n], inf) for t in self.turns(view))
            self._serving[view] = bool(view.up) and (Answer.SERVES, 0.0) in met
        return self._serving[view]

    def _decided(self, view: View) -> float | None:
        """Return the share that a view alone decides; None where it depends on what comes later."""
        if view.front is Answer.DROPS:
            return 0.0 if len(self._syns_s) == 1 else None
        assert view.node is not None
        balancer = self._balancers[view.node]
        if balancer is None:
            return {Answer.SERVES: 1.0, Answer.WAITS: None}.get(view.front, 0.0)
        if view.front is not Answer.SERVES or not view.up:
            return 0.0
        later = False

        def answer(node: int, later_s: float) -> Answer:
            nonlocal later
            later = later or later_s > 0 or view.answers[node] is Answer.WAITS
            return view.answers[node]

        lost = 0.0
        for turn in self.turns(view):
            met = passage(balancer, view.up, turn.order, answer, self._deadline_s)[0]
            lost += turn.share * (met is not Answer.SERVES)
        return None if later else 1.0 - lost

    def _edges(self, timeline: Timeline, begin: float, end: float) -> list[float]:
        """Return where, between two times, requests due may begin to fare otherwise: all delays before each change."""
        changes = [s for s in timeline.starts if begin < s < end + self._deadline_s]
        inner = {at for change in changes for delay in self._delays_s if begin < (at := change - delay) < end}
        return [begin, *sorted(inner), end]

    def _delays(self) -> list[float]:
        """Return after what times a request may do something: SYNs, haproxy's waits, etcd's patience, the deadline."""
        waits: set[float] = {0.0}
        for balancer in filter(None, self._balancers):
            for _ in range(balancer.retries.most):
                waits |= {w + p for w, p in product(waits, balancer.retries.waits_s) if w + p <= self._deadline_s}
        some = {s + w + p for s, w, p in product(self._syns_s, waits, (0.0, self._patience_s))}
        return sorted(d for d in {*some, self._deadline_s} if d <= self._deadline_s)
