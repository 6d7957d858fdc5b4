"""A script's loops and choices: each turn is run in thought, as what it asks is answered alike in all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Protocol

from tree_sitter import Node

from harness.chain.shell.state import Lost, State, line, text
from harness.chain.shell.value import FAILURE, WORDS, Output
from harness.chain.shell.words import Words

MOST_TURNS = 30
_COUNTED = re.compile(r"(?:\$\(|`)\s*seq\s+(?:(\d+)\s+)?(\d+)\s*(?:\)|`)$|\{(\d+)\.\.(\d+)\}$")

_COUNTING = re.compile(
    r"for\s*\(\(\s*(?P<name>\w+)\s*=\s*(?P<first>\$?\w+)\s*;\s*(?P=name)\s*(?P<until><=?)\s*(?P<last>\$?\w+)\s*;"
    r"\s*(?:(?P=name)\s*\+\+|\+\+\s*(?P=name)|(?P=name)\s*\+=\s*1)\s*\)\)"
)


class Leaves(Exception):
    """A turn ends here, and with it the loop where `whole`."""

    def __init__(self, whole: bool) -> None:
        self.whole = whole


class Runs(Protocol):
    """What runs a statement, and leaves the status that it has."""

    state: State
    words: Words

    def statement(self, node: Node) -> None: ...

    def block(self, node: Node) -> None: ...


def run(way: Runs, node: Node) -> None:
    """Run a loop or a case; raise Lost where nobody can tell which turns it takes."""
    match node.type:
        case "for_statement":
            _for(way, node)
        case "c_style_for_statement":
            _counting(way, node)
        case "while_statement":
            _while(way, node)
        case _:
            _case(way, node)


def _turn(way: Runs, body: Node) -> bool:
    """Run one turn; say whether the loop goes on."""
    try:
        way.block(body)
    except Leaves as leaving:
        return not leaving.whole
    return True


def _for(way: Runs, node: Node) -> None:
    body, name = node.child_by_field_name("body"), text(node.child_by_field_name("variable"))
    listed = [value for child in node.children_by_field_name("value") for value in _listed(way, child)]
    if body is None or len(listed) > MOST_TURNS:
        raise Lost(f"line {line(node)}: a loop that is not followed")
    for value in listed:
        way.state.values[name] = value
        if not _turn(way, body):
            return


def _counting(way: Runs, node: Node) -> None:
    """Run `for ((i = 0; i < n; i++))`."""
    body, found = node.child_by_field_name("body"), _COUNTING.match(text(node))
    bounds = [_number(way, found[group]) for group in ("first", "last")] if found else []
    if body is None or found is None or None in bounds:
        raise Lost(f"line {line(node)}: a loop that is not followed")
    first, last = (int(bound or 0) for bound in bounds)
    turns = range(first, last + (found["until"] == "<="))
    if len(turns) > MOST_TURNS:
        raise Lost(f"line {line(node)}: a loop that goes on for more than {MOST_TURNS} turns")
    for number in turns:
        way.state.values[found["name"]] = str(number)
        if not _turn(way, body):
            return
    way.state.values[found["name"]] = str(max(first, turns.stop))


def _number(way: Runs, said: str) -> str | None:
    value = said if said.isdecimal() else way.state.values.get(said.lstrip("$"))
    return value if isinstance(value, str) and value.isdecimal() else None


def _listed(way: Runs, child: Node) -> Iterator[str]:
    """Yield the words that a loop goes through."""
    if counted := _COUNTED.match(text(child)):
        first, last = counted[1] or counted[3] or "1", counted[2] or counted[4]
        yield from (str(number) for number in range(int(first), int(last) + 1)[: MOST_TURNS + 1])
        return
    value = way.words.value(child)
    if not isinstance(value, str):
        raise Lost(f"line {line(child)}: what `{text(child)}` holds is not known")
    yield from [value] if child.type in ("string", "raw_string") else value.split()


def _while(way: Runs, node: Node) -> None:
    """`until` is the same but for what ends it."""
    body = node.child_by_field_name("body")
    asked = [child for child in node.named_children if child != body]
    wanted = text(node.children[0]) == "while"
    for _ in range(MOST_TURNS):
        for one in asked:
            way.statement(one)
        if way.state.certain(node) is not wanted:
            way.state.status = True
            return
        if body is None or not _turn(way, body):
            return
    raise Lost(f"line {line(node)}: a loop that goes on for more than {MOST_TURNS} turns")


def _case(way: Runs, node: Node) -> None:
    subject = node.child_by_field_name("value")
    value = way.words.value(subject) if subject is not None else None
    well = WORDS.get(value.shows, "") if isinstance(value, Output) else ""
    if value == FAILURE:  # anything but 0
        value, well = replace(FAILURE, answer=False), "0"
    if not isinstance(value, str) and not well:
        raise Lost(f"line {line(node)}: what `{text(subject)}` holds is not known")
    way.state.status = True
    for item in (child for child in node.named_children if child.type == "case_item"):
        patterns = item.children_by_field_name("value")
        said = [way.words.plain(one) or text(one) for one in patterns]
        if isinstance(value, Output) and not value.answer:  # anything but the word that says that all is well
            matches = "*" in said
            if not matches and said != [well]:
                raise Lost(f"line {line(item)}: what `{text(subject)}` holds is not known")
        else:
            matches = any(fnmatchcase(value if isinstance(value, str) else well, pattern) for pattern in said)
        if matches:
            for statement in (child for child in item.named_children if child not in patterns):
                way.statement(statement)
            return
