"""What in a script's text keeps it from being run in thought: then nothing of it is claimed.

Each was found false by trial, with dash 0.5.12 and bash 5.2: a script that looks as if it failed passes, or the other
way round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tree_sitter import Node

from harness.chain.shell.parsed import parsed
from harness.chain.shell.state import line, text

_PROXY = re.compile(r"\b(?:https?|all|HTTPS?|ALL)_(?:proxy|PROXY)=")
_LEAVES = re.compile(r"\b(?:exit|return|set|exec)\b")


@lru_cache(1000)
def doubt(script: str, posix: bool) -> str:
    """Return why a script is not followed, "" where it may be; `posix` where /bin/sh runs it, whichever that is."""
    root = parsed(script)
    if root.has_error:
        return "it cannot be read as a shell script"
    if _PROXY.search(text(root)):
        return "it names a proxy, through which it then asks"
    for node in _nodes(root):
        if why := _of(node) or (_of_bash(node) if posix else ""):
            return f"line {line(node)}: {why}"
    return ""


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _nodes(child)


def _of(node: Node) -> str:
    if node.type == "&" and node.parent is not None and node.parent.type != "binary_expression":
        return "what runs in the background is not followed"
    if node.type == "subshell" and _LEAVES.search(text(node)):
        return "a subshell that ends itself is not followed"
    if node.type == "command_name" and text(node) == "trap":
        return "what a trap does is not followed"
    return ""


def _of_bash(node: Node) -> str:
    """Return what bash understands and another shell takes for something else."""
    said = text(node)
    if node.type == "test_command" and said.startswith("[["):
        return "`[[` is bash's, and /bin/sh may be another shell"
    if node.type == "file_redirect" and said.startswith("&>"):
        return "`&>` is bash's: another shell runs what is before it in the background"
    if node.type == "function_definition" and said.startswith("function"):
        return "`function` is bash's, and /bin/sh may be another shell"
    if node.type == "file_redirect" and "/dev/tcp/" in said:
        return "/dev/tcp is bash's, and no file elsewhere"
    if node.type in ("herestring_redirect", "process_substitution", "array"):
        return "this is bash's, and /bin/sh may be another shell"
    if node.type == "==" or (node.type == "command" and re.match(r"source\s|set\b.*pipefail", said)):
        return f"`{said}` is bash's, and /bin/sh may be another shell"
    return ""


def bare(node: Node) -> bool:
    """Say whether a word in `[ ]` has no quotes: nothing is left of it where it is empty, and several words may be."""
    test = node.parent
    while test is not None and test.type != "test_command":
        test = test.parent
    double = text(test or node).startswith("[[")
    return not double and node.type in ("command_substitution", "simple_expansion", "expansion")


def pattern(node: Node) -> bool:
    """Say whether `[[ ]]` holds a word against a pattern."""
    word = node.children[-1]
    return word.type not in ("string", "raw_string") and bool(re.search(r"[*?]|\[", text(word)))
