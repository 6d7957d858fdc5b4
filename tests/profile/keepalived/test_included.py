import pytest

from harness.profile.keepalived.included import matching

PATHS = dict.fromkeys(
    [
        "/etc/k/a.conf",
        "/etc/k/b.conf",
        "/etc/k/.c.conf",
        "/etc/k/sub/d.conf",
        "/etc/other/e.conf",
        "/etc/k/[x].conf",
    ],
    "",
)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.conf", ["/etc/k/[x].conf", "/etc/k/a.conf", "/etc/k/b.conf"]),
        (".*.conf", ["/etc/k/.c.conf"]),
        ("sub/*", ["/etc/k/sub/d.conf"]),
        ("../other/e.conf", ["/etc/other/e.conf"]),
        ("/etc/*/?.conf", ["/etc/k/a.conf", "/etc/k/b.conf", "/etc/other/e.conf"]),
        ("{b,a,z}.conf", ["/etc/k/b.conf", "/etc/k/a.conf"]),
        ("[ab].conf", ["/etc/k/a.conf", "/etc/k/b.conf"]),
        ("nothing", []),
    ],
)
def test_a_pattern_finds_what_the_shell_would(pattern, found):
    assert matching(pattern, "/etc/k", PATHS) == found


def test_braces_without_end_are_refused():
    with pytest.raises(ValueError, match="more than 1000 alternatives"):
        matching("{a,b}" * 50, "/", PATHS)
