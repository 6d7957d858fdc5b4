import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.profile.keepalived.words import bare, split, split_escaped


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("  priority 101 # high", "priority 101"),
        ("priority 101#2", "priority 101"),
        ("priority 101!2", "priority 101"),
        ('script "/bin/true #a !b" # c "d', 'script "/bin/true #a !b"'),
        ("fall 3\\#4", "fall 3"),  # its copy of the file is read like the file
        ("priority 101  \\", "priority 101\\"),
        ("# a comment that ends with a backslash \\", "\\"),
        ("'#' is a comment", "'"),
        ('x "open', None),
        ('x # "open', "x"),
        ('"a\\"b"', '"a\\"b"'),
        ("\t", ""),
    ],
)
def test_comments_go_as_the_daemon_lets_them_go(line, left):
    assert bare(line) == left


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a  b\tc", ["a", "b", "c"]),
        ('a "b  c" d', ["a", "b  c", "d"]),
        ('a"b c"d', ["a", "b c", "d"]),
        ("a 'b c'", ["a", "'b", "c'"]),
        ('auth_pass a"c', ["auth_pass", "a"]),
        ('a ""', ["a", ""]),
        ("é ü\u00a0x", ["é", "ü\u00a0x"]),
    ],
)
def test_words_are_parted_by_blanks_and_double_quotes(text, words):
    assert split(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("script '/bin/a b' c", ["script", "/bin/a b", "c"]),
        ('script "/bin/sh -c \\"exit 0\\""', ["script", '/bin/sh -c "exit 0"']),
        ("a\\ b", ["a b"]),
        (r"\x41\101\n\cA\E\q", ["AA\n\x01\x1bq"]),
        ("a\"b\"'c'd", ["abcd"]),
        ("a 'b", None),
        ("a b'", ["a", "b"]),
        ("a 'b\\'", ["a", "b'"]),
        ("a\\", None),
    ],
)
def test_commands_have_quotes_and_escapes(text, words):
    assert split_escaped(text) == words


@given(st.text(alphabet="ab#!\"\\ \t'", max_size=30))
def test_what_is_bare_stays_bare_but_for_a_last_backslash(line):
    once = bare(line)
    if once is not None and "\\" not in once:
        assert bare(once) == once
