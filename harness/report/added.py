"""What the harness added to the files under test, as a diff a file."""

from __future__ import annotations

import difflib

import msgspec

from harness.profile.record import Record
from harness.profile.secrets import hidden


class Configured(msgspec.Struct, frozen=True):
    """One file as it was tested: on which nodes, its text without secrets, what the harness added (empty: nothing)."""

    nodes: str
    path: str
    text: str
    added: list[tuple[str, str]]


def configuration(profile: Record) -> list[Configured]:
    """Return the files of a stored profile and what the harness put beside them; one of several nodes is shown once."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for key, ran in profile.instrumented.items():
        node, _, path = key.partition("/")
        groups.setdefault((path, profile.files.get(key, ""), ran), []).append(node)
    return [
        Configured(", ".join(nodes), f"/{path}", hidden(text), _diff(hidden(text), hidden(ran)))
        for (path, text, ran), nodes in sorted(groups.items(), key=lambda item: (item[0][0], item[1]))
    ]


def _diff(before: str, after: str) -> list[tuple[str, str]]:
    """Return (kind, line): kind is add, del, at or same."""
    kinds = {"+": "add", "-": "del", "@": "at"}
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))[2:]
    return [(kinds.get(line[:1], "same"), line) for line in lines]
