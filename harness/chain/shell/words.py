"""The words of a shell script: variables, quotes, and what commands inside them print."""

from __future__ import annotations

import re
from dataclasses import replace

from tree_sitter import Node

from harness.chain.command import Meant, Shows, meant
from harness.chain.look import Asked
from harness.chain.pipeline import piped
from harness.chain.shell.state import State, text
from harness.chain.shell.value import FAILURE, NOBODY, Output, Value

_PLAIN = ("word", "number", "string_content", "extglob_pattern", "regex")
_SUM = re.compile(r"\s*\$?(\w+)\s*([+-])\s*\$?(\w+)\s*$")
_STATUS: dict[bool | None, Value] = {True: "0", False: FAILURE, None: None}


class Words:
    """Reads words as they are on one way through a script."""

    def __init__(self, state: State) -> None:
        self.state = state

    def value(self, node: Node) -> Value:
        """Return a word's value."""
        match node.type:
            case "variable_name" | "special_variable_name":
                return self._variable(text(node))
            case "raw_string":
                return text(node)[1:-1]
            case "simple_expansion":
                return self._variable(text(node)[1:])
            case "expansion":
                return self._expansion(text(node)[2:-1])
            case "command_substitution":
                return self._printed(node)
            case "arithmetic_expansion":
                return self._reckoned(text(node)[3:-2])
            case "string" | "concatenation" | "command_name":
                return self._together(node)
        return re.sub(r"\\(.)", r"\1", text(node)) if node.type in _PLAIN else None

    def each(self, node: Node) -> list[Value]:
        """Return the words that stand for one: of `$@` all that the script or the function was called with."""
        if text(node).strip('"') not in ("$@", "$*", "${@}", "${*}"):
            return [self.value(node)]
        found: list[Value] = []
        while (number := str(len(found) + 1)) in self.state.values:
            found.append(self.state.values[number])
        return found

    def plain(self, node: Node) -> str | None:
        """Return a word's text; None where that is not known."""
        value = self.value(node)
        return value if isinstance(value, str) else None

    def meant(self, node: Node) -> Meant | None:
        """Return what a simple command, or a pipeline of such, amounts to; None where that is not known."""
        commands = []
        for child in node.named_children if node.type == "pipeline" else [node]:
            if child.type == "negated_command":  # of the whole pipeline
                child = child.named_children[0]
            body = child.child_by_field_name("body") if child.type == "redirected_statement" else child
            if body is None or body.type != "command":
                return None
            words = [self.plain(c) for c in body.named_children if c.type != "file_redirect"]
            if None in words or not words:
                return None
            commands.append([word for word in words if word is not None])
        return piped(commands) if len(commands) > 1 else meant(commands[0])

    def _together(self, node: Node) -> Value:
        parts = [self.value(child) for child in node.named_children]
        quotes = 2 if node.type == "string" else 0
        if len(parts) == 1 and len(text(node)) == len(text(node.named_children[0])) + quotes:
            return parts[0]
        if not all(isinstance(part, str) for part in parts):
            return None
        whole, at, found = node.text or b"", quotes // 2, b""
        for child, part in zip(node.named_children, parts, strict=True):  # blanks between them are no nodes
            found += whole[at : child.start_byte - node.start_byte] + str(part).encode()
            at = child.end_byte - node.start_byte
        return (found + whole[at : len(whole) - quotes // 2]).decode()

    def _variable(self, name: str) -> Value:
        return _STATUS[self.state.status] if name == "?" else self.state.values.get(name)

    def _expansion(self, inner: str) -> Value:
        found = re.fullmatch(r"(\w+)(?::?-(.*))?", inner)
        if found is None:
            return None
        return found[2] if found[1] not in self.state.values and found[2] is not None else self._variable(found[1])

    def _reckoned(self, said: str) -> Value:
        """Return a sum or a difference of two numbers; None for any other arithmetic."""
        found = _SUM.match(said)
        if found is None:
            return None
        known = [side if side.isdigit() else self.state.values.get(side) for side in (found[1], found[3])]
        if not all(isinstance(side, str) and re.fullmatch(r"-?\d+", side) for side in known):
            return None
        one, other = (int(str(side)) for side in known)
        return str(one + other if found[2] == "+" else one - other)

    def _printed(self, node: Node) -> Value:
        """Return what a command prints."""
        inner = node.named_children
        body = inner[0] if len(inner) == 1 else None
        if body is not None and body.type == "command" and text(body).startswith("expr "):
            self.state.status = True
            words = [self.plain(child) or "" for child in body.named_children[1:]]
            return self._reckoned(" ".join(words))
        if body is not None and body.type == "redirected_statement":
            body = body.child_by_field_name("body")
        found = self.meant(body) if body is not None and body.type in ("command", "pipeline") else None
        self.state.concluded(found, node)
        if found is None or found.shows is None or found.shown is None:
            return None
        if isinstance(found.look, Asked) and "2>&1" in text(node):  # what it complains of stands there, too
            return None
        # Without --fail a status is as good as another.
        mindless = found.shows is Shows.STATUS and isinstance(found.look, Asked) and found.look.minds is False
        if mindless and self.state.status is False:
            return NOBODY
        shown = replace(found.shown, printed=True) if isinstance(found.shown, Asked) else found.shown
        answer = self.state.asked(shown)
        return None if answer is None else Output(found.shows, answer, mindless)
