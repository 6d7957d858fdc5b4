import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ProfileError
from harness.profile.source import inserted, lines

TEXT = st.text(alphabet="ab \t\r\n\x0b\x0c\x1c\x85\u2028é", max_size=60)


@given(TEXT)
def test_lines_end_at_newlines_only_and_join_to_the_text(text):
    found = lines(text, "x")
    assert "".join(found) == text
    assert all(line.count("\n") == line.endswith("\n") for line in found)


@given(TEXT, st.data())
def test_what_is_inserted_is_a_line_of_its_own(text, data):
    before = lines(text, "x")
    after = data.draw(st.integers(0, len(before)))
    now = lines(inserted(text, after, "new"), "x")
    assert now[after].rstrip("\r\n") == "new" and now[after].endswith("\n")
    assert [line.rstrip("\r\n") for line in (*now[:after], *now[after + 1 :])] == [b.rstrip("\r\n") for b in before]


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("a\r\nb\r\n", 1, "a\r\nnew\r\nb\r\n"),
        ("a\nb", 2, "a\nb\nnew\n"),
        ("a\r\nb", 2, "a\r\nb\r\nnew\r\n"),
        ("", 0, "new\n"),
        ("a\n", 0, "new\na\n"),
    ],
)
def test_a_new_line_ends_as_the_others_do(text, after, expected):
    assert inserted(text, after, "new") == expected


def test_a_nul_byte_is_named_with_its_line():
    with pytest.raises(ProfileError, match="x:2: a NUL byte"):
        lines("a\nb\0c\n", "x")
