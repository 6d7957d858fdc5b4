"""The programs that a shell script calls, by the names that stand in it."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from harness.chain.shell.parsed import parsed
from harness.chain.shell.state import text

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-")


def names(script: str) -> set[str]:
    """Return the names of the commands in a script, but for its own functions and those that are not plain words."""
    root = parsed(script)
    own = {text(one.child_by_field_name("name")) for one in _all(root, "function_definition")}
    found = {text(one.child_by_field_name("name")) for one in _all(root, "command")}
    return {name for name in found - own if name and set(name) <= _PLAIN}


def _all(node: Node, kind: str) -> Iterator[Node]:
    if node.type == kind:
        yield node
    for child in node.named_children:
        yield from _all(child, kind)
