"""Every outage of a cluster that was only watched: when no request was answered, who had the VIP, what was marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from math import inf, isinf

from harness.analysis.blackout import longest, ok
from harness.analysis.faults import end_ns, epoch_ns
from harness.analysis.multiplexed import PROMPT_NS
from harness.analysis.outside import Asked, asked
from harness.analysis.requests import streams
from harness.clock import NS, Bounds
from harness.events import Advert, AgentLost, ArpProbe, H2Request, Mark, Probe, Watch
from harness.history import Event, History
from harness.verdict import Interval, Intervals
from harness.watched import Held, Marked, Outage, Speaker, Watched

QUIET_NS = 5 * NS  # no news for so long is worth a row, where they come more often
LATE = "late"
BETWEEN_S = 1.0  # of answers alone end an outage
FEW = 3  # pieces of news that tell how often they come


def watched(history: History, endpoint: str, started: str, predicted: Intervals | None = None) -> Watched:
    """Return what a history without faults comes to; `predicted` are outages that a profile implies, by the failure."""
    predicted = predicted or {}
    zero, end = epoch_ns(history), end_ns(history)
    found: list[Outage] = []
    for name in streams(history):
        sent = list(history.of(Probe, stream=name))
        found += _brownouts(list(outages(sent, zero, end)), [e for e in sent if _prompt(e)], zero)
    found += one_connection(history, zero)
    found.sort(key=lambda one: one.at_s)
    marks = list(_marks(history, found, zero, predicted))
    found = sorted([*found, *silences(history, zero)], key=lambda one: one.at_s)
    probes = asked(history)
    answered = any(one.owners for one in probes)
    return Watched(
        endpoint=endpoint,
        started=started,
        duration_s=_seconds(end - zero),
        streams=streams(history),
        outages=found,
        held=list(_held(probes, zero)) if answered else [],
        speakers=list(_speakers(history, zero)),
        marks=marks,
        predicted=predicted,
        remarks=list(_remarks(history, bool(probes) and not answered)),
    )


def _remarks(history: History, unanswered: bool) -> Iterator[str]:
    """Yield what keeps the account from being whole."""
    for event in history.of(AgentLost):
        yield f"{event.agent} lost {event.data.count or 'some'} events: {event.data.reason}"
    asked_ = list(history.of(H2Request))
    if asked_ and not any(map(_answered, asked_)):
        yield "no request over HTTP/2 was answered at any time: what clients as client-go's would see is not known"
    if unanswered:
        yield "nobody answered for the VIP by ARP at any time: it is on another link, so who had it is not known"
    if any(history.of(ArpProbe)) and not any(history.of(Advert)):
        yield "no VRRP advert was heard: they are sent to single peers, or on another link"


def outages(probes: list[Event[Probe]], zero: int, end: int) -> Iterator[Outage]:
    """Yield each run of requests that failed or were late, with the bounds of its length.

    None that was answered within a second lies within. It is looked at from the last such answer before its first
    request to the first after its last. Nothing of requests that were only late while others may have been answered.
    """
    answered = [e for e in probes if _prompt(e)]
    for failed in _runs(sorted(probes, key=lambda e: e.data.sent_ns)):
        first, last = failed[0].data.sent_ns, failed[-1].data.sent_ns
        since = max((e.t_ns for e in answered if e.t_ns <= first), default=zero)
        until = min((e.t_ns for e in answered if e.data.sent_ns > last), default=end)
        lasted = longest([e for e in probes if since <= e.t_ns and e.data.sent_ns <= until], since, until)
        errors = _count([e.data.error or LATE for e in failed])
        if isinstance(lasted, Bounds) and (lasted.min or set(errors) != {LATE}):
            bounds = Bounds(round(lasted.min, 6), round(lasted.max, 6))
            yield Outage(failed[0].data.stream, _seconds(first - zero), bounds, len(failed), errors)


def _brownouts(found: list[Outage], answered: list[Event[Probe]], zero: int) -> Iterator[Outage]:
    """Yield outages, several in a row as one where hardly anything lies between them: some fail, and others do not.

    One that has not ended stands alone.
    """
    row: list[Outage] = []
    for one in [*found, None]:
        if row and (one is None or _apart(row[-1], one)):
            yield row[0] if len(row) == 1 else _brownout(row, answered, zero)
            row = []
        row += [one] if one else []


def _apart(one: Outage, following: Outage) -> bool:
    return isinf(following.lasted_s.max) or following.at_s - (one.at_s + one.lasted_s.max) >= BETWEEN_S


def _brownout(row: list[Outage], answered: list[Event[Probe]], zero: int) -> Outage:
    from_s, to_s = row[0].at_s, row[-1].at_s + row[-1].lasted_s.max
    errors: Counter[str] = Counter()
    for one in row:
        errors.update(one.errors)
    return Outage(
        stream=row[0].stream,
        at_s=from_s,
        lasted_s=max((one.lasted_s for one in row), key=lambda lasted: (lasted.max, lasted.min)),
        failed=sum(one.failed for one in row),
        errors=dict(errors.most_common()),
        over_s=round(to_s - from_s, 6),
        answered=sum(from_s <= _seconds(e.data.sent_ns - zero) <= to_s for e in answered),
    )


def one_connection(history: History, zero: int) -> Iterator[Outage]:
    """Yield each time in which a client with one HTTP/2 connection for all had no answer, from the first it asked for.

    At least from when that was sent, at most from the last that was answered well; to the next answer that it got.
    Nothing where none ever was: then nobody speaks HTTP/2 there.
    """
    asked = sorted(history.of(H2Request), key=lambda e: (e.data.client, e.data.sent_ns))
    if not any(map(_answered, asked)):
        return
    for client, rows in groupby(asked, key=lambda e: e.data.client):
        over_ns, good_ns, left = 0, zero, list(rows)
        for number, event in enumerate(left):
            if _answered(event) and event.t_ns - event.data.sent_ns < PROMPT_NS:
                good_ns = event.data.sent_ns
            elif event.data.sent_ns >= over_ns:
                answers = [e.t_ns for e in left[number:] if _answered(e)]
                over_ns = min(answers, default=history.end_ns)
                sent = event.data.sent_ns
                lasted = Bounds(_seconds(over_ns - sent), _seconds(over_ns - good_ns) if answers else inf)
                errors = [e.data.error for e in left[number:] if e.data.sent_ns < over_ns and e.data.error is not None]
                yield Outage(f"h2 client {client}", _seconds(sent - zero), lasted, len(errors), _count(errors))


def silences(history: History, zero: int) -> Iterator[Outage]:
    """Yield each time without news on a stream that has them often, from the last to the next stream's beginning.

    It is at most that long, and less by what usually lies between two; nothing of a stream that told too little.
    """
    ends = sorted(history.of(Watch), key=lambda e: (e.data.stream, e.data.opened_ns))
    for stream, rows in groupby(ends, key=lambda e: e.data.stream):
        left = list(rows)
        for event, following in zip(left, [*left[1:], None], strict=True):
            told = event.data
            usual_ns = (told.last_data_ns - told.opened_ns) / max(1, told.chunks)
            until_ns = following.data.opened_ns if following else event.t_ns
            silent_ns = until_ns - told.last_data_ns
            if told.chunks < FEW or silent_ns < max(QUIET_NS, FEW * usual_ns):
                continue
            most_s = inf if following is None else _seconds(silent_ns)
            lasted = Bounds(_seconds(round(silent_ns - usual_ns)), most_s)
            errors = {told.error: 1} if told.error else {}
            yield Outage(f"watch {stream}", _seconds(told.last_data_ns - zero), lasted, len(errors), errors)


def _prompt(probe: Event[Probe]) -> bool:
    """Say whether a request was answered, and within a second: one that a dead VIP keeps waiting may be in the end."""
    return ok(probe) and probe.t_ns - probe.data.sent_ns < PROMPT_NS


def _answered(request: Event[H2Request]) -> bool:
    return request.data.error is None


def _count(errors: list[str]) -> dict[str, int]:
    return dict(Counter(errors).most_common())


def _runs(sent: list[Event[Probe]]) -> Iterator[list[Event[Probe]]]:
    """Yield requests that failed or were late together, as long as none sent among them was answered in time."""
    for served, run in groupby(sent, key=_prompt):
        if not served:
            yield list(run)


def _held(probes: list[Asked], zero: int) -> Iterator[Held]:
    """Yield who answered for the VIP from when to when; a single probe without an answer may have been lost."""
    for owners, run in groupby(probes, key=lambda one: one.owners):
        seen = list(run)
        if owners or len(seen) > 1:
            yield Held(sorted(owners), _seconds(seen[0].sent_ns - zero), _seconds(seen[-1].sent_ns - zero), len(seen))


def _speakers(history: History, zero: int) -> Iterator[Speaker]:
    said = sorted(history.of(Advert), key=lambda e: (e.data.vrid, e.data.source, e.t_ns))
    for (vrid, source), run in groupby(said, key=lambda e: (e.data.vrid, e.data.source)):
        adverts = list(run)
        changes = [next(same) for _, same in groupby(adverts, key=lambda e: e.data.priority)]
        told = [(_seconds(e.t_ns - zero), e.data.priority) for e in changes]
        yield Speaker(source, vrid, len(adverts), told)


def _marks(history: History, found: list[Outage], zero: int, predicted: Intervals) -> Iterator[Marked]:
    marks = sorted(history.of(Mark), key=lambda e: e.t_ns)
    for number, event in enumerate(marks):
        at_s = _seconds(event.t_ns - zero)
        next_s = _seconds(marks[number + 1].t_ns - zero) if number + 1 < len(marks) else float("inf")
        after = [one.lasted_s for one in found if at_s <= one.at_s + one.lasted_s.max and one.at_s < next_s]
        dark = max(after, key=lambda one: one.max, default=None)
        fits = [failure for failure, interval in predicted.items() if _fits(dark or Bounds(0.0, 0.0), interval)]
        yield Marked(at_s, event.data.text, dark, fits)


def _fits(dark: Bounds, interval: Interval) -> bool:
    """Say whether an outage may be what is predicted; one that is never to end has not ended."""
    if isinstance(interval, Bounds):
        return dark.min <= interval.max and interval.min <= dark.max
    return dark.max == inf


def _seconds(ns: int) -> float:
    return round(ns / NS, 6)
