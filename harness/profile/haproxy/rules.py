"""The lines of one section that make up its health checks, as far as timing follows from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

_NO_RULE = ("disable-on-404", "send-state")
_WITH_VALUE = ("addr", "port", "sni", "alpn", "proto", "comment")


@dataclass(frozen=True)
class Rules:
    """All http-check lines of a section, or all tcp-check lines.

    `connects`: whether any opens a connection, the last of them on `line`. `ssl` and `default`: whether one of these
    says so. `target`: what the first says of where to. `sends`: the words of what is asked. `expected`: those of each
    answer that is awaited. `several` connections go to places of their own.
    """

    connects: bool = False
    line: int = 0
    ssl: bool = False
    default: bool = False
    expected: tuple[tuple[str, ...], ...] = ()
    target: tuple[tuple[str, str], ...] = ()
    sends: tuple[str, ...] = ()
    several: bool = False

    @property
    def expects(self) -> bool:
        """Say whether any awaits an answer."""
        return bool(self.expected)


def rules(lines: Iterable[tuple[int, list[str]]], verb: str) -> Rules | None:
    """Return what a section's lines that start with `verb` come to; None where it has none."""
    found = None
    for number, words in lines:
        if words[0] != verb or len(words) < 2 or words[1] in _NO_RULE:
            continue
        before = found or Rules()
        if words[1] == "connect":
            said = _values(words[2:])
            found = replace(
                before,
                connects=True,
                line=number,
                ssl=before.ssl or "ssl" in words,
                default=before.default or "default" in words,
                target=before.target if before.connects else tuple(said.items()),
                several=before.several or (before.connects and dict(before.target) != said),
            )
        elif words[1].startswith("send"):
            found = replace(before, sends=(*before.sends, *words[2:]))
        else:
            found = replace(before, expected=(*before.expected, *([tuple(words[2:])] if words[1] == "expect" else [])))
    return found


def _values(words: list[str]) -> dict[str, str]:
    found, rest = {}, iter(words)
    for word in rest:
        if word in _WITH_VALUE:
            found[word] = next(rest, "")
    return found
