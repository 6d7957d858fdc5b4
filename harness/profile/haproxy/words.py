"""The words of a line as haproxy 2.6 takes them (configuration manual §2.2 and §2.3; parse_line in src/tools.c)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_PIECE = re.compile(r"(?P<plain>[^\"'\\#$ \t\n\v\f\r]+)|(?P<space>[ \t\v\f]+)|(?P<end>[\r\n])|(?P<mark>.)", re.DOTALL)
_PLAIN = re.compile(r"[^ \t\n\v\f\r]+")
_MARKS = re.compile(r"[\"'\\#\r]")
_ESCAPE = re.compile(r"\\(?:(x)([0-9a-fA-F]{2})?|([ \\tnr#'\"$]))")
_NAMED = {"t": "\t", "n": "\n", "r": "\r"}
_VARIABLE = re.compile(r"\$(?:([A-Za-z_.]\w*)|\{([A-Za-z_.]\w*)(\[\*\])?(?:-([^}]*))?\})", re.ASCII)
_IN_ADDRESS = re.compile(r"\$(?:\{(\w*)\}|(\w+))", re.ASCII)
MOST_WORDS = 64


@dataclass
class Environment:
    """The variables that the file itself sets; what else the daemon finds in its own is not known here."""

    known: dict[str, str] = field(default_factory=dict)

    def take(self, words: list[str]) -> None:
        """Do what a line of the global section says about variables."""
        match words:
            case ["setenv", name, value, *_]:
                self.known[name] = value
            case ["presetenv", name, value, *_]:
                self.known.setdefault(name, value)
            case ["unsetenv", *names]:
                self.known = {name: value for name, value in self.known.items() if name not in names}
            case ["resetenv", *names]:
                self.known = {name: value for name, value in self.known.items() if name in names}

    def in_address(self, said: str) -> str:
        """Return an address, where a variable counts without quotes too; an unknown one stays as it is."""
        return _IN_ADDRESS.sub(lambda found: self.known.get(found[1] or found[2] or "", found[0]), said)

    def quoted(self, found: re.Match[str]) -> str:
        """Return what a variable inside double quotes stands for, or itself where nothing says so."""
        return self.known.get(found[1] or found[2], found[0] if found[4] is None else found[4])


def split(line: str, environment: Environment) -> list[str]:
    """Return the words of a line without its comment; raise ValueError for what is left open, or too much."""
    words = _PLAIN.findall(line) if not _MARKS.search(line.rstrip("\r\n")) else _split(line, environment)
    if len(words) > MOST_WORDS:
        raise ValueError(f"more than {MOST_WORDS} words: haproxy takes no more in one line")
    return words


def _split(line: str, environment: Environment) -> list[str]:
    words: list[str] = []
    word: list[str] | None = None
    quote, at = "", 0
    while (found := _PIECE.match(line, at)) and not found["end"]:
        piece, at = found[0], found.end()
        if found["space"] and not quote:
            words += ["".join(word)] if word is not None else []
            word = None
            continue
        if piece == "#" and not quote:
            break
        word = word if word is not None else []
        if piece in "\"'" and quote in ("", piece):
            quote = "" if quote else piece
        elif piece == "\\" and quote != "'":
            text, at = _escaped(line, at - 1, quote)
            word.append(text)
        elif piece == "$" and quote == '"':
            variable = _VARIABLE.match(line, at - 1)
            if variable is None:
                raise ValueError("`$` in double quotes is not followed by a name; write \\$")
            value = environment.quoted(variable)
            at = variable.end()
            # With [*] a variable's blanks part words, even inside quotes.
            parts = re.split(r"\s+", value) if variable[3] else [value]
            word.append(parts[0])
            for part in parts[1:]:
                words.append("".join(word))
                word = [part]
        else:
            word.append(piece)
    if quote:
        raise ValueError(f"the quote {quote} is left open; close it")
    return [*words, "".join(word)] if word is not None else words


def _escaped(line: str, at: int, quote: str) -> tuple[str, int]:
    """Return what a backslash and what follows it stand for, and where that ends; most mean themselves."""
    found = _ESCAPE.match(line, at)
    if found is None or (found[3] == "$" and quote != '"'):
        return "\\", at + 1
    if found[1]:
        if not found[2]:
            raise ValueError("\\x is not followed by two hexadecimal digits")
        return chr(int(found[2], 16)), found.end()
    return _NAMED.get(found[3], found[3]), found.end()
