"""Scripts that a script calls, or takes in: each is run in thought, too, where its text is here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tree_sitter import Node

from harness.chain.command import POSIX, SHELLS, timeout
from harness.chain.shell.doubts import doubt
from harness.chain.shell.parsed import interpreter, parsed
from harness.chain.shell.state import DEEPEST, Ends, Returns, State, numbered
from harness.chain.shell.value import Value


class Runs(Protocol):
    """What runs statements, and what runs those of a script within."""

    state: State

    def block(self, node: Node) -> None: ...

    def named(self, words: list[str], node: Node, values: Sequence[Value]) -> None: ...

    def within(self, state: State) -> Runs: ...


def run(way: Runs, words: list[str], values: Sequence[Value], node: Node) -> bool:
    """Run a command that is another script; say whether it is one."""
    state, first, name = way.state, words[0], words[0].rpartition("/")[2]
    if name in (".", "source") and words[1:] and words[1] in state.programs:
        _taken_in(way, state.programs[words[1]], node)
    elif first in state.programs:
        _called(way, state.programs[first], values[1:], node, _posix(state.programs[first]))
    elif name in SHELLS and len(words) > 2 and words[1] == "-c":
        _called(way, words[2], values[4:], node, name in POSIX)
    elif name in SHELLS and len(words) > 1 and words[1] in state.programs:
        _called(way, state.programs[words[1]], values[2:], node, name in POSIX)
    elif name == "timeout" and (timed := timeout(words[1:])) and _is_one(timed[1], state):
        before, state.limit_s = state.limit_s, min(state.limit_s, timed[0])
        way.named(timed[1], node, timed[1])
        state.limit_s = before
    else:
        return False
    return True


def _is_one(words: Sequence[str], state: State) -> bool:
    return bool(words) and (words[0] in state.programs or words[0].rpartition("/")[2] in SHELLS)


def _taken_in(way: Runs, script: str, node: Node) -> None:
    """Run another file's statements as if they stood here."""
    root, state = parsed(script), way.state
    if doubt(script, False) or state.depth == DEEPEST:
        state.concluded(None, node)
        return
    state.depth += 1
    try:
        way.block(root)
    except Returns as end:
        state.status = end.status
    finally:
        state.depth -= 1


def _posix(script: str) -> bool:
    """Say whether a program is for a shell that may not know what bash adds."""
    words = interpreter(script)
    return not words or any(word.rpartition("/")[2] in POSIX for word in words)


def _called(way: Runs, script: str, values: Sequence[Value], node: Node, posix: bool) -> None:
    """Run another script as a process of its own: what it sets stays there."""
    state, root, first = way.state, parsed(script), script.partition("\n")[0]
    shell = not first.startswith("#!") or first.split()[-1].rpartition("/")[2] in SHELLS
    if not shell or doubt(script, posix) or state.depth == DEEPEST:
        state.concluded(None, node)
        return
    inner = State(state.answers, numbered(values), depth=state.depth + 1, programs=state.programs)
    inner.limit_s, inner.unsure, inner.taken = state.limit_s, state.unsure, state.taken
    try:
        way.within(inner).block(root)
    except Ends as end:
        inner.status = end.status
    state.slept_s += inner.slept_s
    state.stops |= inner.stops
    state.status, state.unsure = inner.status, inner.unsure
