"""What a vrrp_script's command comes to, read from its words and from the text of the programs that it calls."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from harness.chain.command import POSIX, SHELLS, WRAPPERS, meant, stops_keepalived, timeout
from harness.chain.look import Look, Lookup, Question, Tree, Verdict, limited, pruned
from harness.chain.shell import run as shell
from harness.chain.shell.names import names
from harness.chain.shell.parsed import interpreter
from harness.profile.keepalived.words import split_escaped

COMMAND = 15  # bytes of a process' name that the kernel keeps
OPERATORS = ("&&", "||", "|", ";", "&", ">", "2>&1")


def reading(command: str, programs: Mapping[str, str]) -> Tree[Look]:
    """Return what a command comes to as keepalived runs it, without a shell; `programs` are texts by their paths."""
    words = split_escaped(command)
    if not words or not words[0]:
        return Verdict(None, "it has no command")
    if words[0] in programs and not programs[words[0]].startswith("#!"):
        # exec fails with ENOEXEC, and keepalived 2.2.7 takes what its child then returns for success: seen in a lab.
        return Verdict(True, f"{words[0]} has no #! line: the kernel does not run it, and keepalived takes it to pass")
    if words[0] in programs and programs[words[0]].partition("\n")[0].endswith("\r"):
        # Whatever exec fails of, the child ends with 0: system_call_script in lib/notify.c.
        told = "ends in a carriage return: the kernel does not run it, and keepalived takes it to pass"
        return Verdict(True, f"the #! line of {words[0]} {told}")
    return pruned(_called(words, programs), lambda look: _finds_itself(words, programs, look))


def _finds_itself(words: Sequence[str], programs: Mapping[str, str], look: Look) -> Verdict | None:
    """Return what comes of a look at processes that meets the script that asks, None where it does not."""
    if not isinstance(look, Lookup) or not look.pattern:
        return None
    for path in _within(words, programs):
        shown = path if look.whole else path.rpartition("/")[2][:COMMAND]
        if re.search(look.pattern, shown):
            return Verdict(None, f"a search for {look.pattern} may find {shown}, which runs meanwhile")
    # The kernel has a script's own name as the process', and the interpreter before it in the command line.
    scripts = [word for word in words if word in programs or word.rpartition("/")[2] not in (*SHELLS, *WRAPPERS)]
    if words[0] not in programs and words[0].rpartition("/")[2] not in SHELLS:
        return None
    shown = " ".join(words) if look.whole else scripts[0].rpartition("/")[2][:COMMAND] if scripts == words[:1] else ""
    try:
        found = re.search(look.pattern, shown) if shown else None
    except re.error:
        return None
    return Verdict(True, f"a search for {look.pattern} finds the script itself, {shown}") if found else None


def _within(words: Sequence[str], programs: Mapping[str, str]) -> list[str]:
    """Return the files that run while a command does, but for its own."""
    texts = [programs[word] for word in words if word in programs]
    inner = [path for path in programs if path in words[1:] or any(path in one for one in texts)]
    return [path for path in inner if path != words[0] and programs[path].startswith("#!")]


def called(command: str, programs: Mapping[str, str]) -> set[str]:
    """Return the programs that a command needs: the interpreters of the files that it calls, and what these call."""
    words = split_escaped(command) or []
    texts = [programs[word] for word in words if word in programs]
    if len(words) > 2 and words[0].rpartition("/")[2] in SHELLS and words[1] == "-c":
        texts.append(words[2])
    found: set[str] = set()
    for text in texts:
        first = text.partition("\n")[0].removeprefix("#!").split(" ") if text.startswith("#!") else ["sh"]
        runs_it = first[: 2 if first[0].endswith("/env") else 1]
        found |= {word for word in runs_it if word and "\r" not in word and text.startswith("#!")}
        if runs_it[-1].strip().rpartition("/")[2] in SHELLS:
            found |= names(text)
    return found


def operators(words: Sequence[str]) -> list[str]:
    """Return those of a command's words that only a shell would take for more than words."""
    return [word for word in words[1:] if word in OPERATORS]


def _shellless(name: str, words: list[str]) -> Tree[Look]:
    """Return what becomes of a command that gets a shell's operators as words.

    By trial: killall wants every name, pgrep, pkill and nc take no further word, curl's status is its last URL's.
    """
    given = " ".join(dict.fromkeys(operators(words)))
    why = f"keepalived runs no shell: {words[0]} gets {given} as a word"
    if name in ("killall", "pgrep", "pkill", "nc"):
        return Verdict(False, f"{why}, and fails of it")
    if name == "curl" and "://" in words[-1]:
        head = words[1 : words.index(operators(words)[0])]
        found = meant([name, *(word for word in head if "://" not in word), words[-1]])
        if found and found.look:
            return Question(found.look, Verdict(True, why), Verdict(False, why))
    return Verdict(None, why)


def _called(words: list[str], programs: Mapping[str, str]) -> Tree[Look]:
    path, name, rest = words[0], words[0].rpartition("/")[2], words[1:]
    if path in programs:
        return _program(path, programs, rest)
    if name in WRAPPERS and rest:
        return _called(rest, programs)
    if name == "timeout" and (timed := timeout(rest)):
        return limited(_called(timed[1], programs), timed[0])
    if name in SHELLS and rest:
        if rest[0] == "-c" and len(rest) > 1:
            return shell.read(rest[1], rest[3:], programs, name in POSIX)
        called = next((number for number, word in enumerate(rest) if not word.startswith("-")), None)
        if called is not None and rest[called] in programs:
            strict = any(re.fullmatch(r"-[a-zA-Z]*e[a-zA-Z]*", word) for word in rest[:called])
            text = f"set -e\n{programs[rest[called]]}" if strict else programs[rest[called]]
            return shell.read(text, rest[called + 1 :], programs, name in POSIX)
    if operators(words):
        return _shellless(name, words)
    if stops_keepalived(words):
        return Verdict(True, stops=True)
    found = meant(words)
    if found is None:
        return Verdict(None, f"what `{' '.join(words)}` does is not known")
    if found.look is None:
        return Verdict(True)
    return Question(found.look, Verdict(True), Verdict(False))


def _program(path: str, programs: Mapping[str, str], words: list[str]) -> Tree[Look]:
    text = programs[path]
    first = interpreter(text)
    if text.startswith("#!") and (not first or first[0].rpartition("/")[2] not in SHELLS):
        return Verdict(None, f"{path} is a program for {first[0] if first else 'nobody'}, which is not followed")
    if len(first) > 1 and "e" in first[1].lstrip("-"):
        text = f"set -e\n{text.partition(chr(10))[2]}"
    return shell.read(text, words, programs, not first or first[0].rpartition("/")[2] in POSIX)
