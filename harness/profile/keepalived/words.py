"""The words of a line as keepalived 2.2.7 takes them (lib/parser.c, of which this follows the behaviour)."""

from __future__ import annotations

import re

_MARKS = re.compile(r'["\\!#]')
_BLANK = " \t"
_SPACE = " \t\f\n\r\v"
_WORD = re.compile(rf'"([^"]*)"|([^{_SPACE}"]+)|(")')
_NAMED = {"a": "\a", "b": "\b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]+)|c(.)|([0-7]{1,3})|(.))", re.DOTALL)


def bare(line: str) -> str | None:
    """Return a line without its comment and outer blanks; None where a quote is left open.

    `#` and `!` start a comment anywhere but inside double quotes. A backslash at the end stays, as it marks a
    definition's next line; in any other statement keepalived takes it for a part of the last word.
    """
    # keepalived copies the configuration without its comments and reads that copy the same way,
    # so an escaped comment character is one after all.
    once = bare_once(line)
    return once if once is None or "\\" not in line else bare_once(once)


def bare_once(line: str) -> str | None:
    """Return what `bare` does, for text that is not read from a file but put in by a definition."""
    line = line.strip(_BLANK)
    if not _MARKS.search(line):
        return line
    quoted, comment, at, continued = False, -1, 0, False
    while found := _MARKS.search(line, at):
        at = found.end()
        mark = found[0]
        if mark == '"':
            quoted ^= comment < 0
        elif mark == "\\":
            if at == len(line):
                line, continued = line[:-1], True
            elif not quoted and line[at] in "#!":
                line = line[: at - 1] + line[at:]
            else:
                at += 1
        elif not quoted and comment < 0:
            comment = at - 1
    if quoted:
        return None
    line = (line if comment < 0 else line[:comment]).rstrip(_BLANK)
    return line + "\\" if continued else line


def split(text: str) -> list[str]:
    """Return the words of a statement; a part in double quotes is a word by itself, single quotes mean nothing."""
    if '"' not in text and text.isascii() and text.isprintable():
        return text.split()
    words = []
    for found in _WORD.finditer(text):
        if found[3]:
            break
        words.append(found[2] if found[1] is None else found[1])
    return words


def split_escaped(text: str) -> list[str] | None:
    """Return the words of a command, which may be quoted with " or ' and escaped with a backslash.

    None where a backslash ends it, or a quote is left open: keepalived then has no command, or crashes. Only right
    behind another mark an open quote is no matter to it.
    """
    words: list[str] = []
    at, size = 0, len(text)
    while at < size:
        if text[at] in _SPACE:
            at += 1
            continue
        word, quote, mark = [], "", at
        while at < size and (quote or text[at] not in _SPACE):
            char = text[at]
            if char == "\\":
                found = _ESCAPE.match(text, at)
                if not found:
                    return None
                word.append(_unescaped(found))
                at = mark = found.end()
                continue
            at += 1
            if char == quote:
                quote, mark = "", at
            elif not quote and char in "\"'":
                quote, mark = char, at
            else:
                word.append(char)
        if quote and mark < size:
            return None
        words.append("".join(word))
    return words


def _unescaped(found: re.Match[str]) -> str:
    hexed, control, octal, other = found.groups()
    if hexed:
        return chr(int(hexed, 16) & 0xFF)
    if control:
        return chr(ord(control) & 0x1F)
    if octal:
        return chr(int(octal, 8) & 0xFF)
    return _NAMED.get(other, other)
