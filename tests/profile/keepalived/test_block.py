from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ProfileError
from harness.profile.keepalived import Block, parse, render
from tests.profile.oracle import configurations, on_node

TEXT = """global_defs { router_id LVS }   # on one line
vrrp_script check {
    script "/bin/check --now"  ! an old comment
    interval 3
}
vrrp_instance VI_1
# between
{ state MASTER
    virtual_ipaddress { 10.0.0.5/24 dev eth0
    }}
"""
WORDS = st.text(alphabet="abz019._-/:é'", min_size=1, max_size=8).filter(lambda w: not w.startswith("include"))
QUOTED = st.text(alphabet="ab {}#!'\t", max_size=8)
ENDS = st.sampled_from(["\n", "\r\n", " # why {\n", '\t! "oh\n', "\n\n", "\n  # alone }\n"])

Tree: TypeAlias = "list[tuple[list[str], Tree]]"  # statements as their words and the statements inside


def test_blocks_keep_their_lines():
    root = parse(TEXT, "k.conf")
    assert [(b.words[0], b.line, b.end_line) for b in root.children] == [
        ("global_defs", 1, 1),
        ("vrrp_script", 2, 5),
        ("vrrp_instance", 6, 10),
    ]
    (instance,) = root.all("vrrp_instance")
    assert {name: where.line for name, where in instance.where.items()} == {
        "": 6,
        "state": 8,
        "virtual_ipaddress": 9,
    }
    assert next(root.all("vrrp_script")).value("script", "") == "/bin/check --now"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{\n", "k.conf:1: an opening brace that follows nothing"),
        ("a {\n}\n{\n}\n", "k.conf:3: an opening brace"),
        ("a { {\n", "k.conf:1: an opening brace"),
    ],
)
def test_braces_that_do_not_match_are_named_with_their_line(text, says):
    with pytest.raises(ProfileError, match=says):
        parse(text, "k.conf")


@pytest.mark.parametrize(("name", "folder", "node"), configurations(), ids=[name for name, _, _ in configurations()])
def test_every_file_of_the_project_comes_back_byte_for_byte(name, folder, node):
    files = on_node(folder)
    root = parse(files["/etc/keepalived/keepalived.conf"], name, node, files)
    assert render(root) == files["/etc/keepalived/keepalived.conf"]
    assert len(root.children) > 1


@given(st.text(alphabet="ab \t\r\n{}\"'\\#!$@~=^\0", max_size=80) | st.text(max_size=40))
def test_any_text_is_refused_with_a_reason_or_comes_back_byte_for_byte(text):
    try:
        root = parse(text, "k.conf", "a", {"/etc/keepalived/b": text})
    except ProfileError as error:
        assert str(error).startswith(("k.conf:", "/etc/keepalived/b:"))
    else:
        assert render(root) == text


HOLDS_ANYTHING = "static_routes"  # whose words are no keywords


@st.composite
def written(draw: st.DrawFn, depth: int = 3) -> tuple[Tree, str]:
    """Return statements as (words, inner statements), and one of the ways to write them."""
    tree, text = [], ""
    for _ in range(draw(st.integers(0, 4))):
        words = draw(st.lists(WORDS, min_size=1, max_size=3))
        line = draw(st.sampled_from(["", "\t", "  "])) + draw(st.sampled_from([" ", "\t", "  "])).join(words)
        if draw(st.booleans()):
            words = [*words, draw(QUOTED)]
            line += f' "{words[-1]}"'
        inner: Tree = []
        if depth and draw(st.booleans()):
            inner, body = draw(written(depth=depth - 1))
            line += draw(st.sampled_from([" {", "{", "\n{", "\r\n\t{ "])) + draw(st.sampled_from(["", "\n"])) + body
            line += draw(st.sampled_from(["}", " }", "\t}"]))
        tree.append((words, inner))
        text += line + draw(ENDS)
    return tree, text


def shape(block: Block) -> Tree:
    return [(child.words, shape(child)) for child in block.children]


@given(written())
def test_whatever_way_it_is_written_it_means_the_same(made):
    tree, text = made
    text = f"{HOLDS_ANYTHING} {{\n{text}}}\n"
    root = parse(text, "k.conf")
    assert shape(root.children[0]) == tree
    assert render(root) == text


@given(written())
def test_every_statement_stands_where_it_says(made):
    root = parse(f"{HOLDS_ANYTHING} {{\n{made[1]}}}\n", "k.conf")
    left = list(root.children)
    while left:
        block = left.pop()
        assert block.words[0] in root.lines[block.line - 1]
        assert not block.end_line or (block.line <= block.end_line and "}" in root.lines[block.end_line - 1])
        left += block.children


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("static_routes {\n b\n", ["k.conf:1: the block `static_routes` is never closed"]),
        ("static_routes {\n b {\n c\n}\n", ["k.conf:1: the block `static_routes` is never closed"]),
        ("global_defs\n}\n", ["k.conf:2: a closing brace with no block open"]),
        ("global_defs {\n}\n}\nvrrp_script a {\n}\n", ["k.conf:3: a closing brace with no block open"]),
    ],
)
def test_of_braces_that_do_not_match_keepalived_complains_and_reads_on(text, says):
    root = parse(text, "k.conf")
    assert [str(one).partition(":  ")[0].partition(": keep")[0] for one in root.remarks] == says
    assert render(root) == text


def test_depth_and_length_do_no_harm():
    deep = parse("static_routes {\n" + "a {\n" * 19_999 + "}\n" * 20_000, "k.conf")
    assert (deep.children[0].line, deep.children[0].end_line) == (1, 40_000)
    with pytest.raises(ProfileError, match="k.conf:1: longer than"):
        parse("a" * (1 << 20), "k.conf")
    left = parse("static_routes {\n" + "a {\n" * 19_999, "k.conf").remarks
    assert (len(left), left[-1].where.line) == (20_000, 20_000)


def test_an_unknown_word_is_told_with_its_block():
    root = parse("vrrp_instance A {\n prioritee 5\n authentication {\n auth_typ PASS\n }\n}\nfoo 1\n", "k.conf")
    assert [(d.inside, d.statement.words[0], d.statement.line) for d in root.dropped] == [
        ("vrrp_instance", "prioritee", 2),
        ("authentication", "auth_typ", 4),
        ("", "foo", 7),
    ]
    assert not any(dropped.opens for dropped in root.dropped)


def test_an_unknown_block_ends_the_one_around_it():
    """keepalived 2.2.7 overlooks the brace that opens it, and then takes the one that closes it for the instance's."""
    text = (
        "vrrp_instance A {\n trackscript {\n  chk\n  priority 7\n }\n state BACKUP\n authentication {\n"
        "  auth_pass x\n }\n}\nvrrp_instance B {\n}\nfoo {\n bar\n}\nvrrp_script s {\n}\n"
    )
    root = parse(text, "k.conf")
    first, other = root.dropped
    assert (first.statement.line, first.opens, first.inside) == (2, True, "vrrp_instance")
    assert [b.words[0] for b in first.lost] == ["chk", "state", "authentication", "auth_pass"]
    assert (other.statement.words, [b.words[0] for b in other.lost]) == (["foo"], ["bar"])
    a, b = root.all("vrrp_instance")
    assert a.value("priority", "") == "7"
    assert (a.end_line, b.end_line) == (5, 12)
    assert [script.end_line for script in root.all("vrrp_script")] == [17]


def test_what_holds_no_keywords_is_not_looked_at():
    text = "virtual_server 10.0.0.1 80 {\n real_server 10.0.0.2 80 {\n  foo {\n  }\n }\n}\n"
    assert parse(f"{text}virtual_server_group g {{\n 1\n}}\n", "k.conf").dropped == []
