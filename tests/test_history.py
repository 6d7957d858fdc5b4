import pytest

from harness import history
from harness.errors import HistoryError
from harness.history import Event, History


def drawn():
    return [
        Event(30, "m1", "node", 1, "vip", {"present": False}),
        Event(10, "m1", "node", 0, "vip", {"present": True}),
    ]


@pytest.mark.parametrize("name", ["history.jsonl", "history.jsonl.gz"])
def test_what_was_written_is_read_in_order_of_time(tmp_path, name):
    history.write(tmp_path / name, drawn())
    assert [e.t_ns for e in history.read(tmp_path / name).events] == [10, 30]


def test_events_are_found_by_kind_node_and_data():
    found = History(drawn())
    assert [e.t_ns for e in found.of("vip", "m1", present=True)] == [10]
    assert not list(found.of("vip", "m2"))


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
