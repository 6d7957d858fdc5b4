from math import inf

from harness.clock import Bounds
from harness.report.watched import page, table
from harness.report.watched_timeline import timeline
from harness.verdict import StreamMeasures, Within
from harness.watched import Held, Marked, Outage, Speaker, Watched
from tests.report.pages import assert_readable, piped
from tests.report.structure import assert_sound

STREAM = StreamMeasures(90, 80, 10, 0.11, {"refused": 10}, {"p50": 2.0, "p99": 4.0, "max": 5.0})
SEEN = Watched(
    "https://10.0.0.100:6443",
    "2026-11-28T05:00:00+00:00",
    60.0,
    {"fresh": STREAM},
    [Outage("fresh", 12.5, Bounds(2.8, 3.1), 10, {"refused": 8, "response_timeout": 2})],
    [Held(["02:01"], 0.0, 12.4, 60), Held([], 12.5, 15.0, 12), Held(["02:02"], 15.2, 60.0, 220)],
    [Speaker("10.0.0.11", 51, 12, [(0.3, 110), (11.3, 90)])],
    [Marked(12.0, "pulled the plug", Bounds(2.8, 3.1), ["m1 is off"]), Marked(50.0, "", Bounds(4.0, inf))],
    ["wire lost 3 events: its buffer overflowed"],
    {"m1 is off": Within(2.6, 3.6)},
)


def test_what_was_seen_can_be_read_at_any_width():
    for width in (80, 120, 200):
        assert_readable(table(SEEN), width)


def test_each_outage_has_its_length_and_its_errors_and_a_mark_what_came_of_it():
    said = "\n".join(piped(table(SEEN)))
    assert "2.800–3.100" in said and "connection refused 8, connected, no answer by the deadline 2" in said
    assert "m1 is off: 2.6–3.6 s" in said and "nothing of it" in said
    assert "pulled the plug" in said and "≥ 4.000" in said and "nobody" in said
    assert "110 from 0.300 s, 90 from 11.300 s" in said and "wire lost 3 events" in said


def test_the_page_is_sound_and_has_the_same_figures():
    said = page(SEEN).decode()
    assert_sound(said)
    assert "2.800–3.100" in said and "m1 is off: 2.6–3.6 s" in said and "1 outage<" in said
    assert_sound(page(Watched("https://10.0.0.100:6443", "then", 60.0, {})).decode())


def test_where_nothing_failed_that_is_said():
    said = "\n".join(piped(table(Watched("https://10.0.0.100:6443", "then", 60.0, {"fresh": STREAM}))))
    assert "no request failed" in said


def test_the_timeline_has_a_row_for_each_who_spoke_and_each_stream_and_a_line_for_each_mark():
    drawn = str(timeline(SEEN))
    assert drawn.count('class="fault"') == 2 * len(SEEN.marks)
    for name in ("VIP answered by", "adverts of 10.0.0.11", "fresh"):
        assert f">{name}</text>" in drawn
    # The VIP's three holders, two priorities, an outage's most and its least.
    assert drawn.count("<rect") == 3 + 2 + 2
    assert "priority 90 from 11.300 s" in drawn and "nobody, 12.500–15.000 s" in drawn
    assert "fresh from 12.500 s on: 2.800–3.100 s, 10 failed" in drawn and "pulled the plug" in drawn


def test_an_outage_that_had_not_ended_is_drawn_to_the_end():
    whole = Watched("e", "then", 60.0, {"fresh": STREAM}, [Outage("fresh", 30.0, Bounds(30.0, inf), 9, {"refused": 9})])
    bars = str(timeline(whole)).split("<rect")[1:]
    widths = [float(part.split('width="')[1].split('"')[0]) for part in bars]
    assert widths == [465.0, 465.0]  # half of the axis
