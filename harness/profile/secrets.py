"""What in configuration files is a secret, which nothing that is printed may show."""

from __future__ import annotations

import re

HIDDEN = "***"
# keepalived's shared secret and its checkers' passwords; haproxy's users and its statistics page.
_SECRETS = re.compile(
    r"""(?mx)^(?P<before> [^\S\n]* (?:[-+@][^\s]*[^\S\n]+)? (?:
        (?:auth_pass|password)[^\S\n]+
        | stats[^\S\n]+auth[^\S\n]+[^\s:]+:
        | user[^\S\n]+\S+[^\S\n].*?(?:insecure-)?password[^\S\n]+
    ))\S.*?(?P<after>[^\S\n]*)$"""
)


def hidden(text: str) -> str:
    """Return a file's text, or lines of it, with a mark in the place of each secret."""
    return _SECRETS.sub(rf"\g<before>{HIDDEN}\g<after>", text)
