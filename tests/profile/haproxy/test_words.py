import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.profile.haproxy.words import Environment, split

KNOWN = Environment({"NET": "10.0.0", "TWO": "a  b", "EMPTY": ""})


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("  server m1\t10.0.0.1:6443  check\n", ["server", "m1", "10.0.0.1:6443", "check"]),
        ("a b#c d", ["a", "b"]),
        ("a 'b # c' \"d # e\" f\\#g", ["a", "b # c", "d # e", "f#g"]),
        ("a b\\ c \\\\ \\x41\\t", ["a", "b c", "\\", "A\t"]),
        ("a 'b\\' c", ["a", "b\\", "c"]),
        ('a "b\\"c" d\\\'e', ["a", 'b"c', "d'e"]),
        ('a b"c d"e', ["a", "bc de"]),
        ('a "" b', ["a", "", "b"]),
        ('a "$NET.1" "${NET}.2" ${NET}', ["a", "10.0.0.1", "10.0.0.2", "${NET}"]),
        ('a "${NONE-x y}" "${NONE}" "$NONE" "$EMPTY"', ["a", "x y", "${NONE}", "$NONE", ""]),
        ('a "${TWO[*]}" "-${TWO[*]}-"', ["a", "a", "b", "-a", "b-"]),
        ('a "\\$NET" "${.LINE}"', ["a", "$NET", "${.LINE}"]),
        ("a\\1 \\q", ["a\\1", "\\q"]),
        ("a b\rc", ["a", "b"]),
        ("a\u00a0b\x1cc", ["a\u00a0b\x1cc"]),
        ("# only\n", []),
        ("\r\n", []),
    ],
)
def test_words_are_those_that_haproxy_sees(line, words):
    assert split(line, KNOWN) == words


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('a "b', 'the quote " is left open'),
        ("a 'b\n", "the quote ' is left open"),
        ('a "$1"', "not followed by a name"),
        ('a "${NET"', "not followed by a name"),
        ("a \\xZZ", "two hexadecimal digits"),
        (" x" * 65, "more than 64 words"),
    ],
)
def test_what_is_left_open_is_refused(line, told):
    with pytest.raises(ValueError, match=told):
        split(line, KNOWN)


@given(st.lists(st.text(alphabet="ab#'\"\\$ \t{}é", min_size=1, max_size=8), min_size=1, max_size=5), st.data())
def test_a_word_is_the_same_in_every_quotation(words, data):
    def escaped(word):
        return "".join("\\" + c if c in " \\#'\"" else "\\t" if c == "\t" else c for c in word)

    def double(word):
        return '"' + "".join("\\" + c if c in '\\"$' else c for c in word) + '"'

    ways = [escaped, double, lambda word: f"'{word}'" if "'" not in word else double(word)]
    line = " ".join(data.draw(st.sampled_from(ways))(word) for word in words)
    assert split(line + data.draw(st.sampled_from(["", "\n", "\r\n", " # why"])), KNOWN) == words


def test_variables_follow_what_the_global_section_says():
    environment = Environment()
    for line in ("setenv A 1", "presetenv A 2", "presetenv B 3", "setenv C 4", "unsetenv C"):
        environment.take(line.split())
    assert environment.known == {"A": "1", "B": "3"}
    environment.take(["resetenv", "B"])
    assert environment.known == {"B": "3"}
    assert environment.in_address("$B.$X:${B}") == "3.$X:3"
