"""What a vrrp_script's command comes to, read from its words and from the text of the programs that it calls."""

from __future__ import annotations

from collections.abc import Mapping

from harness.chain.command import WRAPPERS, meant, stops_keepalived, timeout
from harness.chain.look import Look, Question, Tree, Verdict, limited
from harness.chain.shell import run as shell
from harness.profile.keepalived.words import split_escaped

SHELLS = ("sh", "bash", "dash", "ash", "ksh")
OPERATORS = ("&&", "||", "|", ";", "&", ">", "2>&1")


def reading(command: str, programs: Mapping[str, str]) -> Tree[Look]:
    """Return what a command comes to as keepalived runs it, without a shell; `programs` are texts by their paths."""
    words = split_escaped(command)
    if not words or not words[0]:
        return Verdict(None, "it has no command")
    if words[0] in programs and not programs[words[0]].startswith("#!"):
        # exec fails with ENOEXEC, and keepalived 2.2.7 takes what its child then returns for success: seen in a lab.
        return Verdict(True, f"{words[0]} has no #! line: the kernel does not run it, and keepalived takes it to pass")
    return _called(words, programs)


def _called(words: list[str], programs: Mapping[str, str]) -> Tree[Look]:
    path, name, rest = words[0], words[0].rpartition("/")[2], words[1:]
    if path in programs:
        return _program(path, programs[path], rest)
    if name in WRAPPERS and rest:
        return _called(rest, programs)
    if name == "timeout" and (timed := timeout(rest)):
        return limited(_called(timed[1], programs), timed[0])
    if name in SHELLS and rest:
        if rest[0] == "-c" and len(rest) > 1:
            return shell.read(rest[1], rest[3:])
        called = next((number for number, word in enumerate(rest) if not word.startswith("-")), None)
        if called is not None and rest[called] in programs:
            return shell.read(programs[rest[called]], rest[called + 1 :])
    if set(words) & set(OPERATORS):
        return Verdict(None, f"keepalived runs no shell: {path} gets {' '.join(set(words) & set(OPERATORS))} as a word")
    if stops_keepalived(words):
        return Verdict(True, stops=True)
    found = meant(words)
    if found is None:
        return Verdict(None, f"what `{' '.join(words)}` does is not known")
    if found.look is None:
        return Verdict(True)
    return Question(found.look, Verdict(True), Verdict(False))


def _program(path: str, text: str, words: list[str]) -> Tree[Look]:
    first = text.partition("\n")[0].removeprefix("#!").split()
    if first[:1] and first[0].endswith("/env"):
        first = first[1:]
    if text.startswith("#!") and (not first or first[0].rpartition("/")[2] not in SHELLS):
        return Verdict(None, f"{path} is a program for {first[0] if first else 'nobody'}, which is not followed")
    if len(first) > 1 and "e" in first[1].lstrip("-"):
        text = f"set -e\n{text.partition(chr(10))[2]}"
    return shell.read(text, words)
