"""A shell script's syntax tree, by tree-sitter's grammar for bash."""

from __future__ import annotations

from functools import cache

import tree_sitter_bash
from tree_sitter import Language, Node, Parser


def parsed(script: str) -> Node:
    """Return a script's root node."""
    return _parser().parse(script.encode("utf-8", "replace")).root_node


def interpreter(script: str) -> list[str]:
    """Return the words of a script's `#!` line, but for env's; none where it has no such line."""
    first = script.partition("\n")[0]
    words = first.removeprefix("#!").split() if first.startswith("#!") else []
    return words[1:] if words and words[0].endswith("/env") else words


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_bash.language()))
