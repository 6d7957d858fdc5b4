"""A block's settings as keepalived 2.2.7 reads their values (lib/parser.c), with a remark where that is a surprise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.errors import ProfileError
from harness.profile.keepalived.block import Block
from harness.profile.where import Remark

_WHOLE = re.compile(r"[ \t\f\n\r\v]*([+-]?[0-9]+)")
_DECIMAL = re.compile(r"[ \t\f\n\r\v]*([+-]?)([0-9]*)(?:\.([0-9]*))?")
_TRUE, _FALSE = ("true", "on", "yes"), ("false", "off", "no")
MICROSECONDS = 1_000_000


@dataclass
class Settings:
    """Reads a block's settings, and gathers what keepalived does not take as written."""

    block: Block
    remarks: list[Remark] = field(default_factory=list)

    def remark(self, at: Block, text: str) -> None:
        self.remarks.append(Remark(at.place, text))

    def given(self, keyword: str, also: str = "") -> Iterator[tuple[Block, str]]:
        """Yield each statement of a keyword, or of another name of it, with its value; raise ProfileError without."""
        for child in self.block.children:
            if child.words[0] in (keyword, also):
                yield child, value_of(child)

    def word(self, keyword: str, default: str = "") -> str:
        """Return the last value."""
        return ([value for _, value in self.given(keyword)] or [default])[-1]

    def flag(self, keyword: str, default: bool = False) -> bool:
        """Return whether a keyword is there, unless it says `no`, `off` or `false`."""
        value = default
        for child in self.block.all(keyword):
            said = child.words[1] if len(child.words) > 1 else "true"
            if said in _TRUE + _FALSE:
                value = said in _TRUE
            else:
                self.remark(child, f"{keyword} {said}: neither true nor false; keepalived ignores it")
        return value

    def whole(
        self,
        keyword: str,
        default: int,
        low: int,
        high: int,
        otherwise: int | None = None,
        exact: bool = False,
        floor: int | None = None,
    ) -> int:
        """Return the last value within [low, high]; one outside it counts as `otherwise`, or not at all.

        Unless it has to be `exact`, what follows the digits is ignored, as keepalived does: `3s` is 3, `0.5` is 0.
        What is no number counts as one outside. One below the `floor` is complained about, and counts as that.
        """
        value, least = default, low if floor is None else floor
        for child, said in self.given(keyword):
            found = _WHOLE.match(said)
            number, clean = (int(found[1]), found.end() == len(said)) if found else (low - 1, False)
            if low <= number <= high and (clean or not exact):
                value = max(number, least)
            elif otherwise is not None:
                value = otherwise
            if not clean or not least <= number <= high:
                told = f"{keyword} {said} is not a whole number in {least}–{high}"
                self.remark(child, f"{told}: keepalived takes {value}")
        return value

    def seconds(
        self, keyword: str, default: float, low: float, high: float, otherwise: float | None = None, also: str = ""
    ) -> float:
        """Return the last time within [low, high], which may have up to six decimals; else as `whole` does."""
        value = default
        for child, said in self.given(keyword, also):
            number, clean = _microseconds(said)
            fits = low * MICROSECONDS <= number <= high * MICROSECONDS
            if fits:
                value = number / MICROSECONDS
            elif otherwise is not None:
                value = otherwise
            if not clean or not fits:
                self.remark(
                    child, f"{keyword} {said} is not a number in {low:g}–{high:g}: keepalived takes {value:g} s"
                )
        return value


def whole(at: Block, keyword: str, said: str) -> tuple[int, bool]:
    """Return a number as strtol reads it, and whether it is all there is; raise ProfileError where there is none."""
    found = _WHOLE.match(said)
    if not found:
        raise ProfileError(f"{at.place}: {keyword} {said}: not a number; give one")
    return int(found[1]), found.end() == len(said)


def _microseconds(said: str) -> tuple[int, bool]:
    """Return a decimal as keepalived scales it: letters behind it make six decimals' worth too little of it."""
    found = _DECIMAL.match(said)
    if not found or not (found[2] or found[3]):
        return -1, False
    digits, decimals = found[2] or "0", found[3] or ""
    if found[1] == "-":
        return -1, False
    if found.end() < len(said):
        return int(digits + decimals[:6]), False
    number = int(digits + decimals[:6].ljust(6, "0"))
    return number + (len(decimals) > 6 and decimals[6] >= "5"), len(decimals) <= 6


def value_of(statement: Block) -> str:
    """Return the word behind a keyword; raise ProfileError where there is none."""
    if len(statement.words) < 2:
        raise ProfileError(f"{statement.place}: {statement.words[0]} lacks its value; keepalived refuses the file")
    return statement.words[1]


def only_name_of(block: Block) -> str:
    """Return the one name that a block has; raise ProfileError where it has none or more."""
    if len(block.words) != 2:
        raise ProfileError(f"{block.place}: {block.words[0]} takes one name; keepalived skips it without")
    return block.words[1]
