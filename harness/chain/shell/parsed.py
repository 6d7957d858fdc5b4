"""A shell script's syntax tree, by tree-sitter's grammar for bash."""

from __future__ import annotations

from functools import cache

import tree_sitter_bash
from tree_sitter import Language, Node, Parser


def parsed(script: str) -> Node:
    """Return a script's root node."""
    return _parser().parse(script.encode("utf-8", "replace")).root_node


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_bash.language()))
