import pytest

from harness.errors import ProfileError
from harness.profile.keepalived import parse

FILES = {
    "/etc/keepalived/one.conf": "a 1\ninclude sub/two.conf\na 3\n",
    "/etc/keepalived/sub/two.conf": "a 2\ninclude three.conf",
    "/etc/keepalived/sub/three.conf": "b {\n",
    "/etc/keepalived/loop.conf": "x\ninclude loop.conf\n",
    "/etc/keepalived/mutual.conf": "include sub/mutual.conf\n",
    "/etc/keepalived/sub/mutual.conf": "\ninclude ../mutual.conf\n",
}


def said(text, node=None, files=None):
    return [" ".join(block.words) for block in parse(text, "k.conf", node, files).children]


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("m1", ["a", "one", "not-two", "not-three"]),
        ("m2", ["a", "two", "not-three"]),
        ("m22", ["a", "not-two", "not-three"]),
        (None, ["a", "not-two", "not-three"]),
    ],
)
def test_conditional_lines_are_decided_for_a_node(node, expected):
    assert said("a\n@m1 one\n@m2\ttwo\n@^m2 not-two\n@^m3 not-three\n@m1\n@\n", node) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$A=7\npriority $A", ["priority 7"]),
        ("$A=7\npriority ${A}0", ["priority 70"]),
        ("$NET=10.0.0\na $NET.1\na ${NET}.1", ["a $NET.1", "a 10.0.0.1"]),
        ("$A=$B\n$B=x\na $A", ["a x"]),
        ("$A = 7\na $A", ["$A = 7", "a $A"]),
        ("a $UNKNOWN", ["a $UNKNOWN"]),
        ("$A=x \\\n  y \\\n z\n$A\nb", ["x", "y", "z", "b"]),
        ("$A=x \\\n  # no more\n y\n$A", ["y", "x"]),
        ("$A=x \\\n y\n$A b\n", ["$A b"]),
        ("$A=x \\\n y\n$B=z \\\n $A\n$B\n", ["z", "x", "y"]),
        ("$A=1\n$A=2\na $A", ["a 2"]),
        ("a $_INSTANCE ${_INSTANCE}x", ["a m1 m1x"]),
        ("a $_PWD/x ${_PWD}/x", ["a $_PWD/x /etc/keepalived/x"]),
        ("$A=@m1 b\n$A", ["b"]),
        ("~SEQ(n, 1, 3) a { $n }", ["~SEQ(n, 1, 3) a { $n }"]),
    ],
)
def test_definitions_are_put_in_where_the_daemon_puts_them_in(text, expected):
    assert said(text, "m1") == expected


def test_a_definition_for_itself_is_refused():
    for text in ("$A=$A\na $A\n", "$A=$B\n$B=x $A\na $A\n", "$A=xx$A $A\na $A\n"):
        with pytest.raises(ProfileError, match="k.conf:[23]: with .* put in the line"):
            said(text)


def test_definitions_that_multiply_each_other_or_go_on_for_ever_are_refused():
    lines = "".join(f"$B{n}=$B{n + 1} \\\n $B{n + 1}\n" for n in range(30))
    with pytest.raises(ProfileError, match="k.conf:63: definitions come to more than 10000 lines"):
        said(f"$B30=x \\\n y\n{lines}$B0\n")
    with pytest.raises(ProfileError, match="k.conf:3: definitions come to more than 10000 lines"):
        said("$A=x \\\n y $A\n$A\n")


KNOWN_FILES = {path: text.replace("b {", "static_routes {") for path, text in FILES.items()}


def test_included_statements_keep_their_own_place():
    root = parse(
        "include one.conf\nc\n}\n", "k.conf", None, KNOWN_FILES, shown={"/etc/keepalived/one.conf": "mine/one.conf"}
    )
    assert [(str(b.place), b.words) for b in root.children] == [
        ("mine/one.conf:1", ["a", "1"]),
        ("/etc/keepalived/sub/two.conf:1", ["a", "2"]),
        ("/etc/keepalived/sub/three.conf:1", ["static_routes"]),
    ]
    (block,) = root.all("static_routes")
    assert [(str(b.place), b.words) for b in block.children] == [("mine/one.conf:3", ["a", "3"]), ("k.conf:2", ["c"])]
    assert block.end_line == 3


def test_an_include_of_nothing_is_nothing():
    assert said("a\ninclude nothing/*.conf\ninclude nothing.conf\nb", None, FILES) == ["a", "b"]


def test_without_files_an_include_is_carried_through():
    assert said("include one.conf\n") == ["include one.conf"]


def test_a_conditional_include_is_read_twice():
    """keepalived reads a copy of the configuration, in which that line stays beside what it includes."""
    assert said("@m1 include sub/x\n", "m1", {"/etc/keepalived/sub/x": "x\n"}) == ["x", "x"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\ninclude loop.conf\n", "/etc/keepalived/loop.conf:2: include loop.conf comes back to /etc/keepalived/loop"),
        ("include mutual.conf\n", "/etc/keepalived/sub/mutual.conf:2: include ../mutual.conf comes back to"),
        ("include keepalived.conf\n", "k.conf:1: include keepalived.conf comes back to"),
        ("include {a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}\n", "k.conf:1: include .* more than 1000"),
    ],
)
def test_an_include_that_never_ends_is_named_with_its_place(text, told):
    files = FILES | {"/etc/keepalived/keepalived.conf": text}
    with pytest.raises(ProfileError, match=told):
        parse(text, "k.conf", None, files)


def test_includes_that_multiply_each_other_are_refused():
    files = {f"/etc/keepalived/{n}": f"include {n + 1}\ninclude {n + 1}\n" for n in range(40)}
    with pytest.raises(ProfileError, match="includes come to more than 100000 lines"):
        said("include 0\n", None, files)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('a\nb "c\n', "k.conf:2: no closing quotation"),
        ('$A="\n a $A\n', "k.conf:1: no closing quotation"),
        ("a\n" + "x" * 1024, "k.conf:2: longer than 1023 bytes"),
        ("é" * 512, "k.conf:1: longer than 1023 bytes"),
        ("a\0", "k.conf:1: a NUL byte"),
    ],
)
def test_what_keepalived_would_misread_is_named_with_its_line(text, told):
    with pytest.raises(ProfileError, match=told):
        said(text)
