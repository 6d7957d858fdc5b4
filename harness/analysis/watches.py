"""How long a client believed in a `watch` stream that was dead."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from harness.analysis.faults import FaultSpan
from harness.clock import NS, Measured, at_least, greatest, unended
from harness.events import Watch, WatchUnopened, Write
from harness.figures import rounded
from harness.history import Event, History
from harness.verdict import Broken, Dark

# Writes come every 50 ms, and each is news on every stream: a longer silence is no pause.
SILENT_NS = NS


class News(NamedTuple):
    """A write, by when it was acknowledged and sent."""

    t_ns: int
    sent_ns: int


def stall(history: History, fault: FaultSpan) -> Measured:
    """Return the longest silence of a stream from its last news after a fault to the end that its client saw, or news.

    0 where every stream went on or ended at once, at least so long where one was still believed in at the
    end, None without streams.
    """
    news = _news(history)
    seen = [(e, _pause(e, fault, news)) for e in history.of(Watch)]
    found = [_silence(event, fault) or pause for event, pause in seen if pause or _of(event, fault)]
    if not found:
        return None
    return next((one for one in found if unended(one)), max(found, key=lambda one: greatest(one) or 0.0))


def silences(history: History, spans: Sequence[FaultSpan]) -> list[Dark]:
    """Return a row for each stream that was open at a fault: how long it was believed in, how it broke, until when."""
    news = _news(history)
    return [_row(history, event, span, news) for span in spans for event in history.of(Watch) if _open_at(event, span)]


def _row(history: History, event: Event[Watch], span: FaultSpan, news: list[News]) -> Dark:
    within = event.data.error is not None and event.t_ns < span.until_ns
    silent = _silence(event, span)
    # One that hears on is not dark, however it ends later.
    ended = (
        event.data.error if within and (silent or event.data.last_data_ns - span.injected.end_ns < SILENT_NS) else None
    )
    row = Dark("watch", event.data.stream, span.index, event.data.served_by, rounded(silent), ended)
    if ended is None and not silent:
        row.dark_s = rounded(_pause(event, span, news))
        return row
    later = [e for e in history.of(Watch) if e.data.stream == row.client and e.data.opened_ns > event.t_ns]
    vain = [e for e in history.of(WatchUnopened) if e.data.stream == row.client and e.data.dialled_ns >= event.t_ns]
    seen_ns = max([event.t_ns, *(e.data.dialled_ns for e in vain)])  # that there was still none
    renewed_ns = min((e.data.opened_ns for e in later), default=seen_ns)
    row.broken = _how(ended, silent, any(e.data.dialled_ns <= renewed_ns for e in vain))
    if renewed_ns > span.until_ns or event.data.last_data_ns < span.injected.start_ns - SILENT_NS:
        return row  # another fault, before or after, had a hand in it
    since_s = (renewed_ns - max(event.data.last_data_ns, span.injected.start_ns)) / NS
    row.again_s = rounded(since_s if later else at_least(since_s))
    return row


def _how(ended: str | None, silent: Measured, in_vain: bool) -> Broken:
    """Return the class of a stream that broke; `in_vain`: the next one was tried before it stood."""
    if ended is None:
        return Broken.OUTAGE
    if silent:
        return Broken.STALLED
    return Broken.UNOPENED if in_vain else Broken.RESET


def _open_at(event: Event[Watch], span: FaultSpan) -> bool:
    return event.data.opened_ns <= span.injected.start_ns < event.t_ns


def _silence(event: Event[Watch], span: FaultSpan) -> Measured:
    """Return how long a stream was silent before its end; 0 where it was not, unended where nobody saw its end."""
    seconds = (event.t_ns - max(event.data.last_data_ns, span.injected.start_ns)) / NS
    if seconds < SILENT_NS / NS:
        return 0.0
    return at_least(seconds) if event.data.error is None else seconds


def _news(history: History) -> list[News]:
    """Return when there was something to tell: each write that was acknowledged."""
    return sorted(News(e.t_ns, e.data.sent_ns) for e in history.of(Write) if e.data.acknowledged)


def _pause(event: Event[Watch], span: FaultSpan, news: list[News]) -> Measured:
    """Return how long a stream that goes on told nothing though there was news; at least, where healing ended that.

    What was sent before its last word may have been told with that, and acknowledged later.
    """
    start, until = span.injected.start_ns, event.data.quiet_until_ns
    if not (event.data.quiet_from_ns < span.broken_until_ns and until > start):
        return 0.0
    first = bisect_left(news, News(max(event.data.quiet_from_ns, start), 0))
    untold = (one.t_ns for one in news[first:] if one.sent_ns > event.data.quiet_from_ns)
    since = next(untold, until)
    seconds = (min(until, span.broken_until_ns) - since) / NS
    if seconds < SILENT_NS / NS:
        return 0.0
    return at_least(seconds) if until > span.broken_until_ns else seconds


def _of(stream: Event[Watch], fault: FaultSpan) -> bool:
    """Say whether a stream was open at a fault and fell silent, or ended, before the next one."""
    start = fault.injected.start_ns
    last = stream.data.last_data_ns
    opened = stream.data.opened_ns
    return opened < fault.until_ns and start - SILENT_NS // 2 <= last < fault.until_ns
