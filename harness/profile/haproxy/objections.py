"""What haproxy 2.6 itself says of a file, as far as its text tells: what it refuses, and what it complains of."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from harness.profile.haproxy import keywords as known
from harness.profile.haproxy.named import named
from harness.profile.haproxy.options import WITH_VALUE
from harness.profile.haproxy.section import PROXIES, Section, Sections
from harness.profile.where import Where


@dataclass(frozen=True)
class Objection:
    """One of haproxy's complaints: with one that is `fatal` it does not start."""

    where: Where
    text: str
    fatal: bool = True


def objections(sections: Sections) -> Iterator[Objection]:
    """Yield what haproxy objects to, section by section, and then what no single line shows."""
    for section in sections:
        if section.beyond and section.kind in ("frontend", "listen"):
            told = f"no address stands behind a {section.kind}'s name; bind {section.beyond[0]}"
            yield Objection(section.place(section.line), told)
        for number, words in section.lines:
            for text, fatal in _line(section, words):
                yield Objection(section.place(number), text, fatal)
    for where in sections.alerts:
        yield Objection(where, "this .alert is reached: the file itself has haproxy stop here")
    for remark, fatal in named(sections):
        yield Objection(remark.where, remark.text, fatal)
    if not any(words[0] == "bind" or section.beyond for section in sections for _, words in section.lines):
        told = "no line binds: unless it is given another file too, haproxy finds no listener and does not start"
        yield Objection(Where(sections.path, 1), told, False)
    if sections.lines and not sections.lines[-1].endswith("\n"):
        at = Where(sections.path, len(sections.lines))
        yield Objection(at, "the last line has no newline at its end, so haproxy takes the file to be cut off; end it")


def _line(section: Section, words: list[str]) -> Iterator[tuple[str, bool]]:
    """Yield what haproxy objects to in one line, and whether that is fatal."""
    negated = words[0] in ("no", "default") and section.kind in ("global", "defaults", *PROXIES)
    word, rest = ((words[1:2] or [""])[0], words[2:]) if negated else (words[0], words[1:])
    if negated and word not in known.NEGATABLE:
        yield f"`{words[0]}` does not go with {word or 'nothing'}; only with {', '.join(sorted(known.NEGATABLE))}", True
        return
    full = f"{word} {rest[0]}" if rest else word
    if negated and word == "option" and rest[:1] and rest[0] in known.FOR_GOOD:
        yield f"`{words[0]}` does not go with option {rest[0]}", True
    for gone in (word, full):
        kept = gone in known.GLOBAL_YET and section.kind == "global"
        if gone in known.GONE and not kept and section.kind in ("global", "defaults", *PROXIES):
            yield f"`{gone}` is no more; {known.GONE[gone]}", True
            return
    words_here = known.IN_SECTION.get(section.kind)
    if words_here is None or (words[0] in ("no", "default") and not negated):
        return
    if word not in words_here:
        yield _unknown(f"`{word}` in {section.kind}", word, words_here), True
    elif section.kind in ("defaults", *PROXIES):
        yield from _misplaced(section, word)
        yield from _values(section, word, rest)


def _unknown(what: str, word: str, words: Collection[str]) -> str:
    near = difflib.get_close_matches(word, words, 1)
    return f"it does not know {what}" + (f"; {near[0]}" if near else "")


def _misplaced(section: Section, word: str) -> Iterator[tuple[str, bool]]:
    if section.kind == "defaults" and (word in known.NOT_IN_DEFAULTS or (word in known.RULES and not section.name)):
        yield (
            f"`{word}` is not allowed in {'a' if word in known.NOT_IN_DEFAULTS else 'an unnamed'} defaults section",
            True,
        )
    elif section.kind == "frontend" and word in ("server", "server-template", "default-server"):
        yield f"`{word}` is not allowed in a frontend; move it to a backend", True
    elif word in known.IGNORED_IN.get(section.kind, ()):
        other = "backend" if section.kind == "frontend" else "frontend"
        yield f"`{word}` has no effect in a {section.kind}; move it to the {other}", False


def _values(section: Section, word: str, rest: list[str]) -> Iterator[tuple[str, bool]]:
    """Yield objections to the words behind a keyword."""
    said = rest[0] if rest else ""
    match word:
        case "option" if said not in known.OPTIONS:
            yield _unknown(f"`option {said}`", said, known.OPTIONS), True
        case "timeout" if said not in known.TIMEOUTS:
            yield _unknown(f"`timeout {said}`", said, known.TIMEOUTS), True
        case "mode" if said not in known.MODES:
            yield f"mode {said} is neither tcp nor http", True
        case "balance" if said and said.partition("(")[0] not in known.BALANCE:
            yield _unknown(f"`balance {said}`", said, known.BALANCE), True
        case "bind" if section.kind != "backend":
            yield from _options(rest[1:], known.BIND_WITH_VALUE, known.BIND_ALONE, "bind")
        case "server" | "default-server" | "server-template" if section.kind != "frontend":
            options = rest[{"server": 2, "default-server": 0}.get(word, 3) :]
            yield from _options(options, WITH_VALUE - known.BEHIND_SOURCE, known.SERVER_ALONE, word)


def _options(
    words: list[str], with_value: Collection[str], alone: Collection[str], of: str
) -> Iterator[tuple[str, bool]]:
    rest, behind_source = list(words), False
    while rest:
        word = rest.pop(0)
        if word in with_value or (behind_source and word in known.BEHIND_SOURCE):
            behind_source = word == "source"
            rest = rest[1:]
        else:
            behind_source = False
            if word not in alone:
                yield _unknown(f"`{word}` behind {of}", word, (*with_value, *alone)), True
