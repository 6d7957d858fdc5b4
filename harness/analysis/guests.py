"""What became of a guest's connections to the VIP at a fault, by the segments that an observer beside it saw.

Nobody asks the guest: it waits from a segment that it sent until one comes back that carries anything, and what it
waited for before the fault is its usual. A stream is a connection that hears unasked.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from math import inf
from typing import NamedTuple

from harness.analysis.blame import MOVED, Cause, Met, owed
from harness.analysis.faults import FaultSpan
from harness.clock import NS, Bounds
from harness.events import Segment
from harness.history import Event, History
from harness.verdict import Guest

# What is answered within a second was not dark, as of the HTTP/2 clients.
PROMPT_NS = NS
ACKNOWLEDGES = 64  # bytes over TLS: HTTP/2's WINDOW_UPDATE and PING answer what comes, a request is longer
STREAMED_NS = NS  # unasked for so long: more than one answer in several pieces
# What a probe would have called it.
_ERRORS, WAITED = {"reset": "reset", "closed": "closed"}, "response_timeout"


@dataclass
class Connection:
    """A connection from its first segment to its end; `ended` is None where nobody saw one, `met` says of its dialling.

    Who gives up dialling sends nothing more.
    """

    opened_ns: int
    met: bool = False
    asked: list[int] = field(default_factory=list)
    spoke: list[int] = field(default_factory=list)  # of what was asked, what is more than an acknowledgement
    heard: list[int] = field(default_factory=list)
    ended_ns: int | None = None
    ended: str | None = None

    @property
    def over_ns(self) -> int | None:
        """Return when nothing more was to come: at its end, or as it was dialled last, in vain."""
        return self.ended_ns or (None if self.met or self.heard else self.asked[-1])

    def streams(self, before_ns: int) -> bool:
        """Say whether it heard for a second and more without asking, before a moment."""
        heard = [t for t in self.heard if t < before_ns]
        return _unasked_ns(heard, self.spoke) >= STREAMED_NS


@dataclass(frozen=True)
class Wait:
    """Something asked for at `asked_ns`, last heard before at `last_ns`, answered at `until_ns` if ever."""

    asked_ns: int
    last_ns: int
    until_ns: int | None
    of: Connection

    def length(self, end_ns: int) -> int:
        return (self.until_ns or end_ns) - self.asked_ns


class Stall(NamedTuple):
    """A stream's silence in seconds, how it ended, and between which moments it was."""

    silent: Bounds
    ended: str | None
    between: tuple[int, int]
    of: Connection


def guests(history: History, spans: Sequence[FaultSpan], broken: Sequence[Cause]) -> list[Guest]:
    """Return a row for each fault and each seat that a guest was seen in; `broken` are the links that were."""
    seen = sorted(history.of(Segment), key=lambda e: (e.node, e.t_ns))
    seats = {seat: list(connections(rows)) for seat, rows in groupby(seen, key=lambda e: e.node)}
    return [_row(seat, own, span, history.end_ns, broken) for span in spans for seat, own in seats.items()]


def connections(segments: Iterator[Event[Segment]]) -> Iterator[Connection]:
    """Yield the connections that a seat's segments tell of, in the order in which they begin."""
    known: dict[int, Connection] = {}
    for event in segments:
        told, at = event.data, event.t_ns
        if told.port not in known or (told.syn and told.outgoing and _over(known[told.port])):
            known[told.port] = Connection(at)
            yield known[told.port]
        one = known[told.port]
        one.met = one.met or not told.outgoing
        if told.outgoing and (told.syn or told.size):
            one.asked.append(at)
            if told.syn or told.size > ACKNOWLEDGES:
                one.spoke.append(at)
        elif told.size:
            one.heard.append(at)
        if one.ended is None and (told.rst or told.fin):
            one.ended_ns = at
            one.ended = ("let go" if told.outgoing else "closed") if told.fin else "reset"


def _over(one: Connection) -> bool:
    """Say whether a connection may give its port to another: it was answered, or has ended."""
    return one.ended is not None or bool(one.heard)


def _row(seat: str, own: list[Connection], span: FaultSpan, end_ns: int, broken: Sequence[Cause]) -> Guest:
    start, until = span.injected.start_ns, span.broken_until_ns
    anywhere = sorted(t for one in own for t in one.heard)
    waits = [wait for one in own for wait in _waits(one, anywhere)]
    usual_ns = max((w.length(start) for w in waits if (w.until_ns or end_ns) <= start), default=0)
    over = [w for w in waits if w.asked_ns < until and (w.until_ns or end_ns) > start]
    worst = max(over, key=lambda w: w.length(end_ns), default=None)
    dark, ended, cause = Bounds(0.0, 0.0), None, None
    if worst is not None and worst.length(end_ns) > max(PROMPT_NS, usual_ns):
        dark = _length(worst, start, until)
        ended = worst.of.ended if (worst.of.ended_ns or end_ns) <= (worst.until_ns or until) else None
        cause = _owed(worst.of, ended, (max(worst.asked_ns, start), worst.until_ns or until), broken)
    stall = _stall(own, start, until, end_ns)
    stalled = stall if stall and stall.silent.max > 0.0 else None
    dialled = [one for one in own if start <= one.opened_ns < until]
    return Guest(
        seat=seat,
        fault=span.index,
        dark_s=dark,
        ended=ended,
        stall_s=stall.silent if stall else None,
        stall_ended=stall.ended if stall else None,
        cause=cause,
        stall_cause=_owed(stalled.of, stalled.ended, stalled.between, broken) if stalled else None,
        usual_s=round(usual_ns / NS, 6),
        dialled=len(dialled),
        unanswered=sum(not one.heard for one in dialled),
    )


def _owed(one: Connection, ended: str | None, between: tuple[int, int], broken: Sequence[Cause]) -> str:
    """Return the link that a wait is owed to: who resets what is older than its hold of the VIP is the VIP's new owner.

    That is nearer to the client than a backend which is dead as well.
    """
    began, over = between
    moves = (c for c in broken if c.name == MOVED and began <= c.end_ns and over >= c.start_ns > one.opened_ns)
    if ended == "reset" and any(moves):
        return MOVED
    dialling = one.over_ns is not None and not one.met
    return owed(*between, Met("connect_timeout" if dialling else _ERRORS.get(ended or "", WAITED)), broken)


def _waits(one: Connection, anywhere: list[int]) -> Iterator[Wait]:
    """Yield each wait on a connection; one that ends before its answer is over when any brings something after it.

    What was heard last before it was on the same connection, or where that is new on any: `anywhere`, in order.
    """
    answered = 0
    for asked in one.asked:
        if asked < answered:
            continue
        last = _before(one.heard, asked) or _before(anywhere, asked) or one.opened_ns
        until = _after(one.heard, asked + 1)
        if until is None and one.over_ns is not None:
            until = _after(anywhere, max(one.over_ns, asked))
        yield Wait(asked, last, until, one)
        if until is None:
            return
        answered = until


def _before(stamps: list[int], at_ns: int) -> int | None:
    """Return the last stamp that is not after a moment."""
    found = bisect_right(stamps, at_ns)
    return stamps[found - 1] if found else None


def _after(stamps: list[int], at_ns: int) -> int | None:
    """Return the first stamp that is not before a moment."""
    found = bisect_left(stamps, at_ns)
    return stamps[found] if found < len(stamps) else None


def _length(wait: Wait, start: int, until: int) -> Bounds:
    """Return a wait's bounds from the fault on: from what was asked, at most from what was heard last."""
    asked, last = max(wait.asked_ns, start), max(wait.last_ns, start)
    if wait.until_ns is None or wait.until_ns > until:  # nobody saw its end, or healing had a hand in it
        return Bounds(_seconds(asked, until), inf)
    return Bounds(_seconds(asked, wait.until_ns), _seconds(last, wait.until_ns))


def _stall(own: list[Connection], start: int, until: int, end_ns: int) -> Stall | None:
    """Return the longest silence of a stream, until it hears again or its end; None without a stream."""
    open_ = [one for one in own if one.opened_ns < start < (one.ended_ns or end_ns) and one.streams(start)]
    found = [_silence(one, start, until, end_ns) for one in open_]
    return max(found, key=lambda one: (one.silent.max, one.silent.min), default=None)


def _silence(one: Connection, start: int, until: int, end_ns: int) -> Stall:
    before = [t for t in one.heard if t < start]
    usual_ns = max((later - first for first, later in pairwise(before)), default=0)
    stops = [before[-1], *(t for t in one.heard if t >= start), one.ended_ns or end_ns]
    last, stop = max(pairwise(stops), key=lambda gap: gap[1] - gap[0])
    ended = one.ended if stop == one.ended_ns else None
    if stop - last <= max(PROMPT_NS, 2 * usual_ns) or last >= until:
        return Stall(Bounds(0.0, 0.0), ended, (last, stop), one)
    silent_s = _seconds(max(last, start), min(stop, until))
    open_end = stop > until or (stop == end_ns and one.ended_ns is None)
    between = (max(last, start), min(stop, until))
    return Stall(Bounds(silent_s, inf if open_end else silent_s), ended, between, one)


def _seconds(since_ns: int, until_ns: int) -> float:
    return round((until_ns - since_ns) / NS, 6)


def _unasked_ns(heard: list[int], asked: list[int]) -> int:
    """Return the longest time over which something was heard again and again and nothing asked."""
    longest, first = 0, None
    stops = sorted([*((t, False) for t in heard), *((t, True) for t in asked)])
    for at, asks in stops:
        if asks:
            first = None
        elif first is None:
            first = at
        else:
            longest = max(longest, at - first)
    return longest
