"""What a word of a shell script holds, and how two of them compare."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.chain.command import Shows

_NUMERIC = {"-eq": "==", "-ne": "!=", "-gt": ">", "-ge": ">=", "-lt": "<", "-le": "<=", "=": "=="}
_SOME = {("!=", "0"), (">", "0"), (">=", "1")}
_NONE = {("==", "0"), ("<", "1"), ("<=", "0")}
# What is printed where all is well; else it may be anything else.
NOBODY = "000"  # the status that curl prints where nobody has answered
WORDS = {Shows.STATUS: "200", Shows.ACTIVE: "active", Shows.HEALTH: "ok"}


@dataclass(frozen=True)
class Output:
    """What a command printed, known as far as its look's answer tells; `answered` says that somebody did, if unwell."""

    shows: Shows
    answer: bool
    answered: bool = False


FAILURE = Output(Shows.COUNT, True)  # a status that is not 0: which one is up to the command
Value = str | Output | None  # None: not known


def filled(value: Value) -> bool | None:
    """Say whether a value is not empty."""
    if isinstance(value, Output):
        if value.shows is Shows.HEALTH:
            return True if value.answer else None
        return value.answer if value.shows in (Shows.LINES, Shows.PIDS) else True
    return None if value is None else bool(value)


def compared(left: Value, operator: str, right: Value) -> bool | None:
    """Return what a test's comparison comes to; None where that is not known."""
    operator = _NUMERIC.get(operator, operator)
    if left is None or right is None or isinstance(right, Output):
        return None
    return _output(left, operator, right) if isinstance(left, Output) else _literal(left, operator, right)


def _output(value: Output, operator: str, other: str) -> bool | None:
    """Compare what a command printed: a word or another, a number of lines, or process ids or nothing."""
    if well := WORDS.get(value.shows):
        if value.shows is Shows.STATUS and other == NOBODY and (value.answer or value.answered):
            return {"==": False, "!=": True}.get(operator)
        if other != well and not value.answer:
            return None
        return {"==": value.answer and other == well, "!=": not (value.answer and other == well)}.get(operator)
    if value.shows is Shows.PIDS and value.answer and (operator, other) == ("==", "0"):
        return False  # none is 0, and several are no number
    if value.shows in (Shows.LINES, Shows.PIDS):  # nothing at all is no number
        if not other:
            return {"==": not value.answer, "!=": value.answer}.get(operator)
        return True if value.answer and (operator, other) in _SOME else None
    if (operator, other) in _SOME:
        return value.answer
    return not value.answer if (operator, other) in _NONE else None


def _literal(left: str, operator: str, right: str) -> bool | None:
    numbers = re.fullmatch(r"-?\d+", left) and re.fullmatch(r"-?\d+", right)
    if operator in ("==", "!="):
        equal = int(left) == int(right) if numbers else left == right
        return equal is (operator == "==")
    if not numbers:
        return None
    a, b = int(left), int(right)
    return {">": a > b, ">=": a >= b, "<": a < b, "<=": a <= b}.get(operator)
