import pytest

from harness.profile.secrets import hidden


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("        auth_pass s3cret", "        auth_pass ***"),
        ("auth_pass  two words # and why", "auth_pass  ***"),
        ("+    auth_pass s3cret", "+    auth_pass ***"),
        ("@m1 auth_pass s3cret", "@m1 auth_pass ***"),
        ("    stats auth admin:s3cret", "    stats auth admin:***"),
        ("    user ops insecure-password s3cret", "    user ops insecure-password ***"),
        ("    user ops groups a,b password $6$s3cret", "    user ops groups a,b password ***"),
    ],
)
def test_a_secret_is_not_shown(line, shown):
    assert hidden(f"before\n{line}\nafter\n") == f"before\n{shown}\nafter\n"


@pytest.mark.parametrize("line", ["auth_type PASS", "# see auth_pass in the manual", "script_user root", "user nobody"])
def test_everything_else_is(line):
    assert hidden(line) == line
