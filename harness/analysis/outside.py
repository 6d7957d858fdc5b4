"""Who held the VIP, as the client's ARP probes saw it: zero, one or two owners, whatever the nodes say."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import msgspec

from harness.clock import NS, Bounds
from harness.events import ArpProbe, Link
from harness.history import History

ALONE_NS = NS  # for how long a VIP may be out of sight and still be said to have stayed


class Asked(msgspec.Struct, frozen=True):
    """One ARP probe: sent when, and by which nodes (by MAC where unknown) answered."""

    sent_ns: int
    owners: frozenset[str]


def asked(history: History) -> list[Asked]:
    """Return the probes in order, each with the nodes that answered it."""
    nodes = {e.data.mac: e.node for e in history.of(Link)}
    return [Asked(e.t_ns, frozenset(nodes.get(mac, mac) for _, mac in e.data.answers)) for e in history.of(ArpProbe)]


def seen_for(probes: Sequence[Asked], count: range, start_ns: int, end_ns: int) -> Bounds | None:
    """Return for how long the number of owners was in `count`, between two moments; None without probes.

    A stretch lasted at least from its first probe to its last, at most from the probe before to the probe after.
    """
    inside = [i for i, p in enumerate(probes) if start_ns <= p.sent_ns <= end_ns]
    if not inside:
        return None
    least = most = 0
    for first, last in _stretches([i for i in inside if len(probes[i].owners) in count]):
        least += probes[last].sent_ns - probes[first].sent_ns
        before = probes[first - 1].sent_ns if first else probes[first].sent_ns
        after = probes[last + 1].sent_ns if last + 1 < len(probes) else probes[last].sent_ns
        most += min(after, end_ns) - max(before, start_ns)
    return Bounds(least / NS, most / NS)


def watched(probes: Sequence[Asked], start_ns: int, end_ns: int) -> bool:
    """Say whether the client asked all through between two moments, without a gap longer than ALONE_NS."""
    asked_ns = [start_ns, *(p.sent_ns for p in probes if start_ns < p.sent_ns < end_ns), end_ns]
    return len(asked_ns) > 2 and max(b - a for a, b in itertools.pairwise(asked_ns)) <= ALONE_NS


def _stretches(numbers: list[int]) -> list[tuple[int, int]]:
    """Return (first, last) of each run of consecutive numbers."""
    runs: list[tuple[int, int]] = []
    for n in numbers:
        if runs and runs[-1][1] == n - 1:
            runs[-1] = (runs[-1][0], n)
        else:
            runs.append((n, n))
    return runs
