"""What pipelines of check scripts look at: a command's output, counted or searched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from harness.chain.command import DAEMONS, Meant, Shows, bare_name, flag, meant, prints, words_of
from harness.chain.look import Asked, HasAddress, Lookup

SHOWS_ADDRESSES, SHOWS_PORTS = ("ip", "ifconfig", "hostname"), ("ss", "netstat", "lsof")


def piped(commands: Sequence[Sequence[str]]) -> Meant | None:
    """Return what a pipeline amounts to; None where that is not known."""
    first, last = commands[0], commands[-1]
    names = [words[0].rpartition("/")[2] for words in commands]
    counts = names[-1] == "wc" and len(last) == 2 and last[1] in ("-l", "-w")
    if counts or _keeps_lines(names[-1], last[1:]):
        inner = meant(first) if len(commands) == 2 else piped(commands[:-1])
        if inner is None or inner.shows not in (Shows.LINES, Shows.PIDS):
            return None
        return Meant(None, Shows.COUNT if counts else Shows.LINES, inner.shown)
    greps = [words for words, name in zip(commands[1:], names[1:], strict=True) if name in ("grep", "egrep", "fgrep")]
    if len(greps) != len(commands) - 1:
        return None
    wanted = [words for words in greps if not flag(words, "v")]
    if len(wanted) != 1:
        return None
    shows = Shows.COUNT if flag(wanted[0], "c") else Shows.LINES
    patterns = words_of(wanted[0][1:], frozenset(["-e", "-m", "-A", "-B"]))
    if len(patterns) != 1:
        return None
    if names[0] == "curl":
        return _healthy(meant(first), patterns[0], flag(wanted[0], "x"), shows) if len(greps) == 1 else None
    return _grepped(names[0], first, patterns[0], len(wanted) < len(greps), shows)


def _keeps_lines(name: str, rest: Sequence[str]) -> bool:
    """Say whether a filter prints something for each line, or for the first."""
    if name == "awk":
        return len(rest) == 1 and re.fullmatch(r"\{\s*print \$\w+;?\s*\}", rest[0]) is not None
    if name in ("head", "tail"):  # `tail -n +2` and `head -n -1` leave some out
        return re.fullmatch(r"(-n ?|-)[1-9]\d*|", " ".join(rest)) is not None
    if name == "tr":
        return "\\n" not in "".join(rest)
    return name in ("cut", "sort") or (name == "uniq" and not rest)


def _healthy(asked: Meant | None, pattern: str, whole: bool, shows: Shows) -> Meant | None:
    """Return what `grep ok` makes of a health endpoint's answer: a red one, too, has lines that end in "ok"."""
    if asked is None or asked.shows is not Shows.HEALTH or not isinstance(asked.look, Asked):
        return None
    if pattern.strip("^$") != "ok":
        return None
    surely = asked.look.minds is True or whole or pattern == "^ok$"
    return prints(replace(asked.look, minds=True if surely else None), shows)


def _grepped(name: str, first: Sequence[str], pattern: str, spares_itself: bool, shows: Shows) -> Meant | None:
    plain = pattern.replace("\\", "").strip("^$ :")
    if name in SHOWS_ADDRESSES and ("dev" in first or (name == "ifconfig" and len(first) > 1)):
        return None  # of one link, which may be another's
    if name in SHOWS_ADDRESSES and re.fullmatch(r"[0-9a-fA-F.:]+(/\d+)?", plain.split()[-1] if plain else ""):
        return prints(HasAddress(plain.split()[-1].partition("/")[0]), shows)
    if name in SHOWS_PORTS and plain in DAEMONS and flag(first, "p"):
        return prints(Lookup(plain), shows)
    listening = name != "lsof" and flag(first, "l") and flag(first, "n")
    exact = ":" in pattern or len(plain) > 3  # 443 is in 6443, too
    if listening and exact and re.fullmatch(r"(?:[\d.*]+:)?\d+", plain):
        return prints(Asked("localhost", int(plain.rpartition(":")[2])), shows)
    if name == "ps" and (bracketed := re.fullmatch(r"\[(\w)\]([\w-]+)", pattern)):  # which grep itself does not match
        return prints(Lookup(bracketed[1] + bracketed[2], False, pattern, True), shows)
    if name == "ps" and re.fullmatch(r"[\w./-]+", pattern) and spares_itself:
        return prints(Lookup(bare_name(pattern), False, re.escape(pattern), True), shows)
    return None
