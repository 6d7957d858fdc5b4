"""A shell script, run in thought: what it asks, and how it ends by the answers.

The grammar is tree-sitter's for bash. What is not understood on the way (a loop, a command that nobody here knows, a
test of what is not known) makes that way's verdict unknown, and no other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tree_sitter import Node

from harness.chain.command import DAEMONS, WRAPPERS, Meant, Shows, meant, stops_keepalived
from harness.chain.look import Asked, Look, Lookup, Question, Tree, Verdict
from harness.chain.shell import loops, nested
from harness.chain.shell.doubts import bare, doubt, pattern
from harness.chain.shell.parsed import parsed
from harness.chain.shell.state import DEEPEST, Ends, Lost, Missing, Returns, State, Status, line, numbered, text
from harness.chain.shell.value import FAILURE, Output, Value, compared, filled
from harness.chain.shell.words import Words

MOST_LOOKS = 8  # on one way; no check that is known asks for more
_TCP = re.compile(r"/dev/tcp/(?P<host>[^/\s]+)/(?P<port>\d+)$")
_PID_FILE = re.compile(
    r"""kill\s+(?:-0|-s\s+0)\s+["']?(?:\$\(|`)\s*"""
    r"""(?:(?:cat|<)\s*/\S*/(?P<file>[\w-]+)\.pid|(?:pidof|pgrep)(?:\s+-[xo])?\s+(?P<name>[\w-]+))\s*[)`]["']?"""
)
_SPEAKING = ("echo", "printf", "logger", "exit", "return")  # whose words need not be known


def read(
    script: str, words: Sequence[str] = (), programs: Mapping[str, str] | None = None, posix: bool = False
) -> Tree[Look]:
    """Return what a script's text comes to, called with some words; `programs` are other files' texts by their path.

    `posix` where /bin/sh runs it, which is dash on some nodes and bash on others.
    """
    if why := doubt(script, posix):
        return Verdict(None, why)
    return _explored(parsed(script), tuple(words), {}, programs or {})


def _explored(root: Node, words: tuple[str, ...], answers: dict[Look, bool], programs: Mapping[str, str]) -> Tree[Look]:
    state = State(answers, numbered(words), programs=programs)
    try:
        _Run(state).block(root)
    except Ends as end:
        state.status = end.status
    except Lost as lost:
        return Verdict(None, str(lost))
    except Missing as missing:
        if len(answers) == MOST_LOOKS:
            return Verdict(None, "it asks more than can be followed")
        look = missing.look
        told = (_explored(root, words, answers | {look: answer}, programs) for answer in (True, False))
        return Question(look, *told)
    return state.verdict


class _Run:
    """One way through a script; each method runs a statement, and leaves the status that it has."""

    def __init__(self, state: State) -> None:
        self.state, self.words = state, Words(state)

    def within(self, state: State) -> _Run:
        """Return what runs a script that this one calls."""
        return _Run(state)

    def block(self, node: Node) -> None:
        for child in node.named_children:
            self.statement(child)
            left = child.type == "list" and not self.state.listed  # what is last in a list counts
            tested = child.type in ("if_statement", "negated_command", "comment") or left or _negated(child)
            if self.state.exits_on_error and not tested and self.state.status is False:
                raise Ends(False)

    def statement(self, node: Node) -> None:
        match node.type:
            case "comment":
                return
            case "compound_statement" | "subshell":
                self.block(node)
            case "command":
                self.command(node)
            case "declaration_command" | "variable_assignments" | "variable_assignment":
                self.assign(node)
            case "list":
                self.condition(node.children[0])
                runs = self.state.certain(node.children[0]) is (node.children[1].type == "&&")
                if runs:
                    self.statement(node.children[-1])
                self.state.listed = runs
            case "negated_command":
                self.condition(node.named_children[0])
                self.state.status = _not(self.state.status)
            case "if_statement":
                self.branch(node)
            case "for_statement" | "c_style_for_statement" | "while_statement" | "case_statement":
                loops.run(self, node)
            case "test_command":
                self.state.status = self.test(node.named_children[0])
            case "redirected_statement":
                self.redirected(node)
            case "pipeline":
                self.state.concluded(self.words.meant(node), node)
                if _negated(node):
                    self.state.status = _not(self.state.status)
            case "function_definition":
                if body := node.child_by_field_name("body"):
                    self.state.functions[text(node.child_by_field_name("name"))] = body
            case _:
                raise Lost(f"line {line(node)}: a {node.type.replace('_', ' ')} is not followed")

    def condition(self, node: Node) -> None:
        """Run what is only asked for its status: nothing in it ends the script by `set -e`."""
        self.state.asking += 1
        try:
            self.statement(node)
        finally:
            self.state.asking -= 1

    def branch(self, node: Node) -> None:
        """Run an if: what stands before `then` decides."""
        for clause in [node, *(c for c in node.named_children if c.type == "elif_clause")]:
            parts = [c for c in clause.children if c.type not in ("elif_clause", "else_clause")]
            then = next(number for number, part in enumerate(parts) if part.type == "then")
            for part in (p for p in parts[:then] if p.is_named):
                self.condition(part)
            if self.state.certain(clause):
                for part in (p for p in parts[then:] if p.is_named):
                    self.statement(part)
                return
        self.state.status = True
        for clause in (c for c in node.named_children if c.type == "else_clause"):
            self.block(clause)

    def redirected(self, node: Node) -> None:
        targets = (c.child_by_field_name("destination") for c in node.named_children if c.type == "file_redirect")
        sockets = [found for one in targets if one and (found := _TCP.match(self.words.plain(one) or ""))]
        body = node.child_by_field_name("body")
        if sockets:
            self.state.status = self.state.taking(Asked(sockets[0]["host"], int(sockets[0]["port"])))
        elif body is not None:
            self.statement(body)

    def command(self, node: Node) -> None:
        if daemon := _by_pid_file(node):
            self.state.concluded(Meant(Lookup(daemon, signals=True)), node)
            return
        values = [v for child in node.named_children if child.type != "file_redirect" for v in self.words.each(child)]
        words = [value for value in values if isinstance(value, str)]
        replaces = len(words) > 1 and words[0] == "exec"
        while len(words) > 1 and words[0].rpartition("/")[2] in WRAPPERS and not words[1].startswith("-"):
            words, values = words[1:], values[1:]
        speaks = bool(words) and words[0] in (*_SPEAKING, *self.state.functions)
        if not words or (len(words) < len(values) and not speaks):
            self.state.concluded(None, node)
        else:
            self.named(words, node, values)
            if replaces:  # nothing comes behind it
                raise Ends(self.state.status)

    def named(self, words: list[str], node: Node, values: Sequence[Value]) -> None:
        state, name = self.state, words[0].rpartition("/")[2]
        if name in ("exit", "return"):
            status = state.status if len(values) < 2 else _succeeds(values[1])
            raise (Returns if name == "return" and state.depth else Ends)(status)
        if name in state.functions:
            self.call(name, values[1:])
        elif words == ["exec"]:  # for its redirections alone
            state.status = True
        elif name in ("true", "false"):
            state.status = name == "true"
        elif name in ("break", "continue") and len(words) == 1:
            raise loops.Leaves(name == "break")
        elif name == "set":
            self.set(words[1:])
        elif name == "sleep" and len(words) == 2 and re.fullmatch(r"\d+(\.\d+)?", words[1]):
            state.slept_s += float(words[1])
            state.status = True
        elif nested.run(self, words, values, node):
            return
        elif stops_keepalived(words):
            state.stops = state.status = True
        else:
            state.concluded(meant(words), node)

    def set(self, words: Sequence[str]) -> None:
        state, said = self.state, " ".join(words)
        if re.search(r"\+", said):
            raise Lost("`set +` is not followed")
        state.exits_on_error |= bool(re.search(r"(?:^| )-[a-zA-Z]*e|-o errexit", said))
        state.status = True

    def call(self, name: str, values: Sequence[Value]) -> None:
        state = self.state
        if state.depth == DEEPEST:
            raise Lost(f"{name} calls itself")
        if state.exits_on_error and state.asking:
            raise Lost(f"{name} is asked for its status, where `set -e` does not hold")
        before = _numbers(state.values)
        _replaced(state.values, numbered(values))
        state.depth += 1
        try:
            self.statement(state.functions[name])
        except Returns as end:
            state.status = end.status
        finally:
            state.depth -= 1
            _replaced(state.values, before)

    def assign(self, node: Node) -> None:
        if node.type != "variable_assignment":
            for child in (c for c in node.named_children if c.type == "variable_assignment"):
                self.assign(child)
            if node.type == "declaration_command":  # whose own status hides that of what it runs
                self.state.status = True
            return
        value = node.child_by_field_name("value")
        # `$?` is still the last command's; a command that the value runs leaves its own.
        self.state.values[text(node.child_by_field_name("name"))] = self.words.value(value) if value else ""
        if value is None or not re.search(r"`|\$\((?!\()", text(value)):
            self.state.status = True

    def test(self, node: Node) -> Status:
        """Return what a test comes to."""
        match node.type:
            case "binary_expression":
                return self.both(node)
            case "unary_expression":
                operator, operand = text(node.children[0]), node.children[-1]
                if operator == "!":
                    return _not(self.test(operand))
                there = filled(self.words.value(operand)) if operator in ("-n", "-z") else None
                if operator == "-n" and bare(operand):  # `[ -n ]` is true
                    return True if there else None
                return there if operator == "-n" else _not(there)
            case "negated_expression":
                return _not(self.test(node.named_children[0]))
            case "parenthesized_expression":
                return self.test(node.named_children[0])
        value = self.words.value(node)
        several = bare(node) and isinstance(value, Output) and value.shows is Shows.PIDS and value.answer
        return None if several else filled(value)  # `[ 12 34 ]` is an error

    def both(self, node: Node) -> Status:
        operator = text(node.children[1])
        if operator in ("==", "=", "!=") and pattern(node):
            return None
        if operator not in ("&&", "||", "-a", "-o"):
            return compared(self.words.value(node.children[0]), operator, self.words.value(node.children[-1]))
        deciding = operator in ("||", "-o")
        sides = [self.test(node.children[0]), self.test(node.children[-1])]
        if deciding in sides:
            return deciding
        return None if None in sides else not deciding


def _numbers(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if name.isdecimal()}


def _replaced(values: dict[str, Value], numbers: Mapping[str, Value]) -> None:
    """Put a call's words in the place of those that there were."""
    for name in _numbers(values):
        del values[name]
    values |= numbers


def _negated(node: Node) -> bool:
    """Say whether a pipeline's status is turned round: `!` stands before its first command."""
    return node.type == "pipeline" and node.named_children[0].type == "negated_command"


def _by_pid_file(node: Node) -> str:
    """Return whose process `kill -0 $(cat FILE)` asks for, by the file's name; "" for another command."""
    found = _PID_FILE.fullmatch(text(node))
    name = (found["file"] or found["name"]) if found else ""
    if found and found["name"] and '"' in found[0]:  # several numbers are none
        return ""
    return name if name in DAEMONS else ""


def _not(status: Status) -> Status:
    return None if status is None else not status


def _succeeds(value: Value) -> Status:
    """Say whether an exit status is that of success."""
    if isinstance(value, Output):  # a status that is some number, but none
        return False if value == FAILURE else None
    return int(value) == 0 if isinstance(value, str) and value.isdigit() else None
