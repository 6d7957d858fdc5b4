"""For how long each client was dark that has all of its requests on one HTTP/2 connection."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from harness.analysis.faults import FaultSpan
from harness.clock import NS, Bounds, Measured, at_least
from harness.events import H2Request, H2Session
from harness.figures import rounded
from harness.history import Event, History
from harness.verdict import Dark

# What is answered within a second was not dark: half of what the clients of a fault ask meets its very moment.
PROMPT_NS = NS
CLIENT = "client"  # whose clients are on no node of the chain


def darkness(history: History, spans: list[FaultSpan]) -> list[Dark]:
    """Return a row for each fault and client: from its first request without an answer to the next answer it got.

    The least counts from when that request was sent, the most from the last that was answered, or the fault. A client
    on a node that falls silent has none: it is gone with it. Nor has one that was dark already, of something else.
    """
    sessions = list(history.of(H2Session))
    asked = sorted(history.of(H2Request), key=lambda e: (e.node, e.data.client, e.data.sent_ns))
    clients = {who: list(rows) for who, rows in groupby(asked, key=_who)}
    own = {who: [e for e in sessions if _who(e) == who] for who in clients}
    lasting = [(span, who) for span in spans for who in clients if not (span.silences and span.node == who[0])]
    return [_row(span, who, clients[who], own[who]) for span, who in lasting]


def _who(event: Event[H2Request] | Event[H2Session]) -> tuple[str, int]:
    return event.node, event.data.client


def _row(span: FaultSpan, who: tuple[str, int], asked: list[Event[H2Request]], own: list[Event[H2Session]]) -> Dark:
    start = span.injected.start_ns
    carried = next((e for e in own if e.data.opened_ns <= start < e.t_ns), None)
    before = _dark_at(start, asked)
    found = None if before else max(_gaps(span, asked), key=lambda gap: gap[0], default=None)
    dark: Measured = None
    ended = None
    if not before and any(e.data.sent_ns >= start for e in asked):
        dark = 0.0
    if found is not None:
        _, dark, first = found
        of = next((e.data.error for e in own if e.data.session == first.data.session), None)
        ended = of if first.data.session is not None else first.data.error
    served_by = carried.data.served_by if carried else None
    row = Dark("h2", who[1], span.index, served_by, rounded(dark), ended)
    if who[0] != CLIENT:
        row.kind, row.node = "on-node", who[0]
    return row


def _dark_at(t_ns: int, asked: list[Event[H2Request]]) -> bool:
    """Say whether a client has waited for longer than it takes for whatever it asked after its last answer."""
    heard = max((e.data.sent_ns for e in asked if _answered(e) and e.t_ns <= t_ns), default=0)
    return any(heard < e.data.sent_ns <= t_ns - PROMPT_NS for e in asked)


def _gaps(span: FaultSpan, asked: list[Event[H2Request]]) -> Iterator[tuple[float, Bounds, Event[H2Request]]]:
    """Yield each darkness that began while a fault was in force: its least length, its bounds, its first request."""
    start, until = span.injected.start_ns, span.broken_until_ns
    over_ns = 0
    for first in asked:
        sent = first.data.sent_ns
        if not (start - PROMPT_NS < sent < until) or sent < over_ns or _prompt(first) or first.t_ns < start:
            continue
        good = max((e.data.sent_ns for e in asked if e.data.sent_ns < sent and _answered(e)), default=start)
        onset, latest = max(start, good), max(start, sent)
        ends = [e.t_ns for e in asked if e.data.sent_ns >= sent and _answered(e)]
        over_ns = min(ends, default=until)
        if not ends or over_ns > until:  # healing had a hand in it
            yield (until - latest) / NS, at_least((until - latest) / NS), first
            return
        yield (over_ns - latest) / NS, Bounds((over_ns - latest) / NS, (over_ns - onset) / NS), first


def _answered(request: Event[H2Request]) -> bool:
    return request.data.error is None


def _prompt(request: Event[H2Request]) -> bool:
    return _answered(request) and request.t_ns - request.data.sent_ns < PROMPT_NS
