from dataclasses import is_dataclass

import pytest

from harness import history
from harness.errors import HistoryError
from harness.events import KINDS, ProbeCapped, Vip
from harness.history import Event, History, Other

VIP = {p: Vip(address="198.18.0.100", interface="eth0", present=p, initial=False) for p in (True, False)}


def drawn():
    return [
        Event(30, "m1", "node", 1, VIP[False]),
        Event(10, "m1", "node", 0, VIP[True]),
    ]


@pytest.mark.parametrize("name", ["history.jsonl", "history.jsonl.gz"])
def test_what_was_written_is_read_in_order_of_time(tmp_path, name):
    history.write(tmp_path / name, drawn())
    assert [e.t_ns for e in history.read(tmp_path / name).events] == [10, 30]


def test_events_are_found_by_kind_node_and_data():
    found = History(drawn())
    assert [e.t_ns for e in found.of(Vip, "m1", present=True)] == [10]
    assert not list(found.of(Vip, "m2"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", ":1: no schema line"),
        ('{"schema":99}\n', ":1: schema 99 is not 1"),
        ('{"schema":1}\n{"t_ns":1}\n', ":2: "),
        ('{"schema":1}\n{"t_ns\n', ":2: "),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(tmp_path, text, says):
    path = tmp_path / "history.jsonl"
    path.write_text(text)
    with pytest.raises(HistoryError, match=says):
        history.read(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(HistoryError, match="none.jsonl"):
        history.read(tmp_path / "none.jsonl")


LINE = '{"t_ns":1,"node":"m1","agent":"node","seq":0,"kind":"%s","data":%s}\n'


@pytest.mark.parametrize(
    ("kind", "data", "says"),
    [
        ("fault", "{}", r":2: fault: Object missing required field `fault`"),
        ("probe", '{"stream":"fresh","target":"readyz","due_ns":"x"}', r":2: probe: Expected `int`.*`\$.due_ns`"),
        ("arp.probe", '{"due_ns":1,"answers":[[1]]}', r":2: arp.probe: .*`\$.answers\[0\]`"),
        ("link", "[]", ":2: link: Expected `object`"),
        ("of another harness", "[]", ":2: Expected `object`"),
    ],
)
def test_a_field_that_is_missing_or_of_another_type_is_named(tmp_path, kind, data, says):
    path = tmp_path / "history.jsonl"
    path.write_text('{"schema":1}\n' + LINE % (kind, data))
    with pytest.raises(HistoryError, match=says):
        history.read(path)


def test_a_kind_that_nobody_here_knows_is_kept_as_it_is(tmp_path):
    line = LINE % ("wire.reset", '{"mac":"aa"}')
    (event,) = history.decode([line.encode()], "")
    assert event.data == Other("wire.reset", {"mac": "aa"})
    assert history.encode(event) + b"\n" == line.encode()


def test_a_request_that_was_not_sent_is_of_another_kind(tmp_path):
    about = '{"stream":"fresh","target":"readyz","due_ns":1,"error":"capped"}'
    (event,) = history.decode([(LINE % ("probe", about)).encode()], "")
    assert event.data == ProbeCapped(stream="fresh", target="readyz", due_ns=1)


@pytest.mark.parametrize("kind", KINDS.values())
def test_every_kind_is_a_dataclass_of_named_fields(kind):
    assert all(map(is_dataclass, kind))
