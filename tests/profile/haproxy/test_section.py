import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ProfileError
from harness.profile.haproxy import effective, parse, render, servers, stats_socket
from tests.profile.oracle import exact, proxies

NAMES = st.text(alphabet="abz09_.:-", min_size=1, max_size=6)
WORD = st.text(alphabet="abz09_.:/=", min_size=1, max_size=8).filter(lambda w: not w.startswith("."))


@pytest.mark.parametrize("path", proxies(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_file_of_the_project_comes_back_byte_for_byte(path):
    text = exact(path)
    sections = parse(text, str(path))
    assert render(sections) == text
    assert len(sections) > 1 and all(section.path == str(path) for section in sections)


@given(st.text(alphabet="ab \t\r\n\"'\\#$.[]{}-", max_size=60).map("global\n".__add__) | st.text(max_size=40))
def test_any_text_is_refused_with_a_reason_or_comes_back_byte_for_byte(text):
    try:
        sections = parse(text, "h.cfg")
    except ProfileError as error:
        assert str(error).startswith("h.cfg:")
    else:
        assert render(sections) == text


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["backend", "listen", "peers"]),
            NAMES,
            st.lists(st.lists(WORD, min_size=1, max_size=4), max_size=4),
        ),
        max_size=4,
    ),
    st.data(),
)
def test_whatever_way_it_is_written_it_means_the_same(made, data):
    text = ""
    for kind, name, lines in made:
        for words in ([kind, name], *(["x", *words] for words in lines)):
            text += data.draw(st.sampled_from(["", "  ", "\t"])) + data.draw(st.sampled_from([" ", "\t "])).join(words)
            text += data.draw(st.sampled_from(["\n", "\r\n", ' # why "\n', "\n\n", "\n\t# alone\n"]))
    sections = parse(text, "h.cfg")
    assert [(s.kind, s.name, [w[1:] for _, w in s.lines]) for s in sections] == [(k, n, ls) for k, n, ls in made]
    assert render(sections) == text
    for section in sections:
        for number, words in [(section.line, [section.kind]), *section.lines]:
            assert words[0] in sections.lines[number - 1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("server a b\n", "h.cfg:1: `server` stands before any section"),
        ("global\n a 'b\n", "h.cfg:2: the quote ' is left open"),
        ("global\n\0", "h.cfg:2: a NUL byte"),
        ("backend\n", "h.cfg:1: backend takes a name"),
        ("backend b from d\n", "h.cfg:1: not exactly one defaults section is named d"),
        ("defaults d\ndefaults d\nbackend b from d\n", "h.cfg:3: not exactly one defaults section is named d"),
        (".if 1\nglobal\n", "h.cfg:2: an .if is never closed"),
        (".endif\n", "h.cfg:1: .endif without .if"),
        ("global\n.if feature(LUA\n", "h.cfg:2: haproxy cannot take the condition `feature"),
        ("global\n.if 0 && nope(1)\n", r"h.cfg:2: haproxy cannot take .* from `nope"),
        ("global\n.if 1 2\n", r"h.cfg:2: haproxy cannot take .* from `2"),
        ("global\n.iff 1\n", "h.cfg:2: haproxy does not know the directive .iff"),
        ("global\n" + "x " * 65, "h.cfg:2: more than 64 words"),
    ],
)
def test_what_haproxy_could_not_take_is_named_with_its_line(text, says):
    with pytest.raises(ProfileError, match=says):
        parse(text, "h.cfg")


def test_the_last_setting_wins_and_no_takes_it_back():
    text = """defaults base
 option redispatch
 retries 3
defaults more from base
 no option redispatch
 timeout connect 1s
 timeout connect 2s
backend a from base
 option redispatch 2
backend b from more
backend c
 default option redispatch
"""
    _, more, a, b, c = parse(text, "h.cfg")
    assert a.defaults is not None
    assert (c.defaults, a.defaults.name) == (more, "base")
    assert [setting and setting.words for setting in (effective(s, "option", "redispatch") for s in (a, b, c))] == [
        ["2"],
        None,
        None,
    ]
    found = effective(b, "timeout", "connect")
    assert found is not None
    assert (found.words, str(found.where), found.name) == (["2s"], "h.cfg:7", "timeout connect")
    found = effective(b, "retries")
    assert found is not None and found.words == ["3"]
    assert effective(b, "balance") is None


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("1", True),
        ("0", False),
        ("", False),
        ("defined(SITE)", True),
        ("defined(OTHER)", False),
        ('streq("$SITE",berlin)', True),
        ('strneq("$SITE",berlin)', False),
        ("version_atleast(2.6.12)", True),
        ("version_atleast(2.7)", False),
        ("version_before(2.7)", True),
        ("version_atleast(2.4-dev0)", True),
        ("version_before(2.7-dev0)", True),
        ("version_atleast(2.6.13-dev1)", False),
        ("version_atleast(2.6.12-1)", False),
        ("version_atleast(2.6-rc1)", True),
        ("version_atleast(x)", True),
        ("feature(OPENSSL)", True),
        ("feature(QUIC)", False),
        ("feature( OPENSSL )", False),
        ("!feature(QUIC) && (defined(OTHER)||streq(a,a))", True),
        ("feature(OPENSSL) && feature(QUIC) || 0", False),
        ("1 || 1 && 0", True),
        ("! ! 0x10", True),
        ('"${A}"', False),
        ('"${A-1}"', True),
        ('streq("$A",)', True),
        ("streq(a, a)", False),
        ("streq(a  b,a b)", True),
        ("openssl_version_atleast(1.1.1k)", True),
        ("openssl_version_before(3.0.0)", False),
        ("ssllib_name_startswith(OpenSSL)", True),
    ],
)
def test_lines_count_where_their_condition_holds(condition, holds):
    text = (
        f"global\nsetenv SITE berlin\n.if {condition}\nbackend yes\n.elif 1\nbackend no\n.else\nbackend never\n.endif\n"
    )
    assert parse(text, "h.cfg")[-1].name == ("yes" if holds else "no")


def test_conditions_nest():
    text = "global\n.if 0\n.if 1\na\n.else\nb\n.endif\n.else\n.if 1\nc\n.endif\nd\n.endif\ne\n"
    assert [words for _, words in parse(text, "h.cfg")[0].lines] == [["c"], ["d"], ["e"]]


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("stats socket /run/h.sock level admin", "/run/h.sock"),
        ("stats socket unix@/run/h.sock", "/run/h.sock"),
        ("stats socket ipv4@127.0.0.1:9999", None),
        ("daemon", None),
    ],
)
def test_the_stats_socket_is_found(line, path):
    assert stats_socket(parse(f"global\n {line}\n", "h.cfg")) == path


def test_length_does_no_harm():
    parse("global\n '" + "\\a" * (1 << 19) + "'\n", "h.cfg")
    many = "defaults\n option httpchk\n" + " http-check connect ssl\n" * 20_000
    many += "".join(f"backend b{n}\n server a 10.0.0.1:1 check\n" for n in range(10_000))
    assert all(server.check_tls for server in servers(parse(many, "h.cfg")))
