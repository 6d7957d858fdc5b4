"""Every outage of a history without faults, drawn: requests ten times a second, who answered by ARP, and marks."""

import pytest

from harness.analysis.outages import watched
from harness.clock import Bounds
from harness.events import Advert, ArpProbe, H2Request, Mark, Probe, Watch
from harness.verdict import Within
from tests.drawn import Drawn, ns


def request(d: Drawn, stream: str, at: float, done: float, error: str | None = None) -> None:
    told = Probe(
        stream=stream,
        target="readyz",
        due_ns=ns(at),
        sent_ns=ns(at),
        left_ns=ns(at),
        done_ns=ns(done),
        status=None if error else 200,
        error=error,
        reused=True,
    )
    d.event(done, "here", told, "prober")


def asked(d: Drawn, stream: str, seconds: float, broken: list[tuple[float, float]], error: str = "refused") -> None:
    for k in range(round(seconds * 10)):
        at = k / 10
        bad = any(first <= at < last for first, last in broken)
        request(d, stream, at, at + 0.002, error if bad else None)


def test_each_outage_has_its_beginning_its_bounds_and_its_errors():
    d = Drawn()
    d.starts(0, "here", "prober")
    asked(d, "kept", 20, [(3.05, 5.05), (10.05, 10.35)])
    found = watched(d.history(), "https://10.0.0.100:6443", "then")
    first, second = found.outages
    assert (first.at_s, first.failed, first.errors) == (3.1, 20, {"refused": 20})
    assert first.lasted_s.min <= 2.0 <= first.lasted_s.max and first.lasted_s.max - first.lasted_s.min < 0.3
    assert (second.at_s, second.failed) == (10.1, 3)
    assert found.streams["kept"].failed == 23


def test_one_that_has_not_ended_is_open():
    d = Drawn()
    d.starts(0, "here", "prober")
    asked(d, "kept", 10, [(6.0, 99)])
    (one,) = watched(d.history(), "e", "then").outages
    assert one.lasted_s.max == float("inf") and one.lasted_s.min > 3.5


def test_where_some_fail_and_others_do_not_it_is_one_row():
    """Every third request of four seconds, and a second outage three seconds later."""
    d = Drawn()
    d.starts(0, "here", "prober")
    some = [(k / 10 - 0.05, k / 10 + 0.05) for k in range(30, 70, 3)]
    asked(d, "fresh", 20, [*some, (10.05, 10.35)])
    found = watched(d.history(), "e", "then")
    brown, second = found.outages
    assert (brown.at_s, brown.failed, brown.errors) == (3.0, 14, {"refused": 14})
    assert brown.over_s == pytest.approx(4.0, abs=0.15)
    assert brown.answered == pytest.approx(26, abs=2)
    assert brown.lasted_s.max < 0.3
    assert (second.at_s, second.over_s, second.answered) == (10.1, None, 0)


def test_without_an_outage_nothing_is_told_of_any():
    d = Drawn()
    asked(d, "fresh", 5, [])
    found = watched(d.history(), "e", "then")
    assert (found.outages, found.held, found.speakers, found.marks) == ([], [], [], [])


def test_where_nobody_ever_answers_by_arp_it_is_not_said_that_nobody_had_it():
    d = Drawn()
    asked(d, "kept", 5, [])
    for k in range(50):
        d.event(k / 10, "here", ArpProbe(due_ns=ns(k / 10), answers=[]), "arp")
    found = watched(d.history(), "e", "then")
    assert found.held == [] and len(found.remarks) == 2
    assert "it is on another link, so who had it is not known" in found.remarks[0]


def test_who_answered_for_the_vip_and_who_spoke_from_when_to_when():
    d = Drawn()
    for k in range(100):
        at = k / 10
        macs = [] if 3.0 <= at < 3.5 else ["02:01"] if at < 3.0 else ["02:02"]
        macs = [] if k == 70 else macs  # one that got lost
        d.event(at, "here", ArpProbe(due_ns=ns(at), answers=[(ns(at), mac) for mac in macs]), "arp")
    for at, source, priority in [(0.5, "10.0.0.11", 110), (1.5, "10.0.0.11", 90), (4.0, "10.0.0.12", 100)]:
        advert = Advert(
            source=source, vrid=51, priority=priority, version=2, advert_int_s=1, addresses=[], mac="m", outgoing=False
        )
        d.event(at, "here", advert, "wire")
    found = watched(d.history(), "e", "then")
    assert [(h.macs, h.from_s, h.to_s) for h in found.held] == [
        (["02:01"], 0.0, 2.9),
        ([], 3.0, 3.4),
        (["02:02"], 3.5, 6.9),
        (["02:02"], 7.1, 9.9),
    ]
    assert [(s.source, s.adverts, s.priorities) for s in found.speakers] == [
        ("10.0.0.11", 2, [(0.5, 110), (1.5, 90)]),
        ("10.0.0.12", 1, [(4.0, 100)]),
    ]


def test_a_mark_has_the_longest_outage_from_it_to_the_next():
    d = Drawn()
    d.starts(0, "here", "prober")
    asked(d, "kept", 20, [(3.05, 5.05), (10.05, 10.35)])
    for at, text in ((0.5, "nothing"), (3.0, "plug"), (9.0, "cable")):
        d.event(at, "here", Mark(text=text), "marks")
    nothing, plug, cable = watched(d.history(), "e", "then").marks
    assert nothing.dark_s is None
    assert isinstance(plug.dark_s, Bounds) and plug.dark_s.max > 2.0
    assert isinstance(cable.dark_s, Bounds) and cable.dark_s.max < 1.0


def test_a_mark_says_which_predicted_failures_last_as_long():
    d = Drawn()
    d.starts(0, "here", "prober")
    asked(d, "kept", 20, [(3.05, 5.05)])
    for at in (3.0, 9.0):
        d.event(at, "here", Mark(text="plug"), "marks")
    bounds = {"long": Within(1.9, 6.0), "short": Within(0.1, 0.5), "none": Within(0, 0)}
    plug, nothing = watched(d.history(), "e", "then", {**bounds, "ever": "until healed"}).marks
    assert (plug.fits, nothing.fits) == (["long"], ["none"])


def test_a_client_with_one_connection_is_out_from_what_it_asked_to_its_next_answer():
    d = Drawn()
    d.starts(0, "here", "prober")
    asked(d, "kept", 30, [])
    rows = [(1.0, 1.01, None), (2.0, 2.01, None), (3.0, 9.0, "ping"), (4.0, 9.0, "ping"), (9.5, 9.6, None)]
    for sent, done, error in [*rows, (11.0, 13.5, None), (14.0, 14.1, None), (20.0, 29.0, "unanswered")]:
        d.event(done, "here", H2Request(client=2, session=0, due_ns=ns(sent), sent_ns=ns(sent), error=error), "h2")
    dark, slow, open_ = watched(d.history(), "e", "then").outages
    assert (dark.stream, dark.at_s, dark.lasted_s, dark.errors) == ("h2 client 2", 3.0, Bounds(6.6, 7.6), {"ping": 2})
    assert (slow.at_s, slow.lasted_s, slow.failed) == (11.0, Bounds(2.5, 4.0), 0)
    assert open_.lasted_s.max == float("inf")


def test_where_nobody_speaks_http2_no_client_is_said_to_be_out():
    d = Drawn()
    asked(d, "kept", 5, [])
    for k in range(5):
        d.event(k + 0.1, "here", H2Request(client=0, session=None, due_ns=ns(k), sent_ns=ns(k), error="protocol"), "h2")
    found = watched(d.history(), "e", "then")
    assert found.outages == [] and "no request over HTTP/2 was answered" in found.remarks[0]


def followed(d: Drawn, stream: int, opened: float, last: float, end: float, chunks: int, error: str | None) -> None:
    told = Watch(stream=stream, opened_ns=ns(opened), last_data_ns=ns(last), chunks=chunks, error=error)
    d.event(end, "here", told, "watcher")


def test_a_stream_of_news_is_silent_from_its_last_to_the_next_ones_beginning():
    d = Drawn()
    asked(d, "kept", 100, [])
    followed(d, 0, 1.0, 21.0, 51.0, 10, "timeout")
    followed(d, 0, 52.0, 99.5, 100.0, 24, None)
    followed(d, 1, 1.0, 60.5, 61.0, 30, "closed")  # as a server ends one in time
    followed(d, 1, 61.5, 99.0, 100.0, 20, None)
    followed(d, 2, 1.0, 2.0, 100.0, 2, None)  # it had told too little
    followed(d, 3, 1.0, 71.0, 100.0, 35, None)
    dead, open_ = watched(d.history(), "e", "then").outages
    assert (dead.stream, dead.lasted_s, dead.errors) == ("watch 0", Bounds(29.0, 31.0), {"timeout": 1})
    assert (open_.stream, open_.lasted_s.min) == ("watch 3", 27.0)
    assert (dead.at_s, open_.at_s) == pytest.approx((21.0, 71.0), abs=0.01)
    assert open_.lasted_s.max == float("inf") and not open_.errors


def test_a_silent_stream_is_no_answer_to_a_mark():
    d = Drawn()
    asked(d, "kept", 100, [(20.0, 22.0)])
    followed(d, 0, 1.0, 20.0, 50.0, 10, "timeout")
    followed(d, 0, 52.0, 99.5, 100.0, 24, None)
    d.event(19.9, "here", Mark(text="plug"), "marks")
    (mark,) = watched(d.history(), "e", "then").marks
    assert mark.dark_s is not None and mark.dark_s.max < 3.0


def test_one_that_is_late_while_others_are_answered_is_none():
    d = Drawn()
    d.starts(0, "here", "prober")
    asked(d, "kept", 10, [])
    for at in (3.05, 4.05, 4.95):
        request(d, "kept", at, at + 2.0)
    assert watched(d.history(), "e", "then").outages == []


def test_what_is_answered_late_is_an_outage_too():
    """A VIP that nobody has from 3.0 to 6.0 s: the kernel sends again after 1 s and 3, and each dial is answered."""
    d = Drawn()
    d.starts(0, "here", "prober")
    asked(d, "kept", 3, [])
    for k in range(30, 100):
        at = k / 10
        done = next(at + wait for wait in (0.0, 1.0, 3.0) if at + wait >= 6.0) + 0.002 if at < 6.0 else at + 0.002
        request(d, "kept", at, done)
    (one,) = watched(d.history(), "e", "then").outages
    assert (one.at_s, one.errors) == (3.0, {"late": one.failed})
    assert one.lasted_s.min > 1.5 and 3.0 <= one.lasted_s.max < 3.3
