import pytest

from harness.errors import ProfileError
from harness.profile.tried import FILE, Row, State, Table, Tried, read, write

DEAD = Tried(State.PROXY_DEAD, True, False, (0.01, 0.02), "exit 1", stopped=("keepalived",), said="no haproxy")
TABLE = Table("2026-11-27", {"keepalived": "2.2.7"}, (Row("abc", "m1", "chk", "/bin/true", (DEAD,)),))


def test_what_is_written_is_read(tmp_path):
    assert read(tmp_path) is None
    assert write(tmp_path, TABLE) == ""
    assert read(tmp_path) == TABLE


def test_a_place_that_takes_nothing_is_told(tmp_path):
    assert "could not be stored" in write(tmp_path / "absent", TABLE)


@pytest.mark.parametrize("text", ["", "{", '{"on": 1}', '{"on": "", "versions": {}, "rows": [], "schema": 2}'])
def test_a_damaged_table_is_an_error_with_its_remedy(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ProfileError, match="profile check"):
        read(tmp_path)


def test_who_stops_keepalived_and_who_meddles():
    assert DEAD.stops and not DEAD.meddles
    restarted = Tried(
        State.WELL, True, True, (0.0, 0.0), "", started=("keepalived", "haproxy"), stopped=("keepalived",)
    )
    assert not restarted.stops and restarted.meddles == ("haproxy",)
