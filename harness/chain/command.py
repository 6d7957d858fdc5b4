"""What single commands of check scripts look at: those that are known, by what their manuals say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from harness.chain.health import open_to_all
from harness.chain.look import NO_LIMIT_S, Asked, Look, Lookup, Pinged

HARMLESS = frozenset(["true", ":", "echo", "printf", "logger", "date", "export", "local", "unset", "shopt"])
DAEMONS = ("haproxy", "nginx", "keepalived", "kube-apiserver", "etcd")
POSIX = ("sh", "dash", "ash")  # who does not know what bash adds, or may not
SHELLS = ("sh", "bash", "dash", "ash", "ksh")
WRAPPERS = frozenset(["exec", "command", "env", "sudo", "nice", "nohup", "stdbuf"])
PORTS = {"http": 80, "https": 443}
SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_URL = re.compile(r"(?:(?P<scheme>https?)://)?(?P<host>\[[^\]]*\]|[\w.-]+)(?::(?P<port>\d+))?(?P<path>/.*)?$")
# Options that take a word of their own, by what the manuals of curl 7.88, wget 1.21 and OpenBSD's nc say.
_CURL = frozenset(f"-{letter}" for letter in "owmHdXuAebcETxKrYyz") | {
    *("--output", "--write-out", "--max-time", "--header", "--data", "--request", "--user", "--cacert", "--cert"),
    *("--key", "--connect-timeout", "--retry", "--retry-delay", "--resolve", "--interface", "--proxy", "--noproxy"),
    *("--user-agent", "--max-redirs", "--capath", "--cert-type"),
}
_WGET = frozenset(f"-{letter}" for letter in "OoTtU") | {
    *("--output-document", "--timeout", "--tries", "--header", "--ca-certificate"),
}
_SAYS_WHO = re.compile(
    r"(?i:.*authorization)|--(?:user|cert|key|certificate|oauth2-bearer|netrc|http-user)\b|-[a-zA-Z]*(?:u|E$)|-n$"
)
_CODE = re.compile(r"(?:-w|--write-out=)?%\{(?:http|response)_code\}(?:\\n)?")
_ELSEWHERE = re.compile(r"-K|-x|--(?:config|retry|proxy|preproxy|socks\w+|resolve|connect-to|unix-socket|interface)\b")
_SENDS = re.compile(r"--(?:data|form|post|body)|-[dF]")
_NC = frozenset(f"-{letter}" for letter in "wipsqxX")
_PING = frozenset(f"-{letter}" for letter in "cWwiIstTmMQpl")
_PGREP = frozenset(f"-{letter}" for letter in "uUgGPtds")
_STOPS = re.compile(
    r"(?:\S*/)?(?:systemctl(?: -\S+)* (?:stop|kill) keepalived(?:\.service)?|service keepalived stop"
    r"|(?:killall|pkill)(?: -(?:TERM|15|SIGTERM|q|x))* keepalived|\S*init\.d/keepalived stop)$"
)


class Shows(Enum):
    """What a command prints: lines or none, processes' numbers, how many, a status, a unit's state, an answer."""

    LINES = auto()
    PIDS = auto()
    COUNT = auto()
    STATUS = auto()
    ACTIVE = auto()
    HEALTH = auto()


@dataclass(frozen=True)
class Meant:
    """What a command amounts to: the look whose answer is its status, and the one that what it prints depends on.

    Without the former it succeeds; without the latter nobody knows what it prints.
    """

    look: Look | None = None
    shows: Shows | None = None
    shown: Look | None = None


def stops_keepalived(words: Sequence[str]) -> bool:
    """Say whether a command has keepalived stop, which then says goodbye."""
    return _STOPS.match(" ".join(words)) is not None


def meant(words: Sequence[str]) -> Meant | None:
    """Return what a simple command amounts to; None where that is not known."""
    name, rest = words[0].rpartition("/")[2], list(words[1:])
    if name in HARMLESS:
        return Meant()
    if name in ("cat", "head", "tail") and not words_of(rest, frozenset(["-n", "-c"])):
        return Meant()
    match name:
        case "timeout":
            return _timed(rest)
        case "killall" if "-0" in rest or "0" in _values(rest, ("-s", "--signal")):
            named = words_of(rest, frozenset(["-s", "-u", "-o", "-y"]))
            return Meant(Lookup(bare_name(named[0]), True)) if len(named) == 1 else None
        case "pidof" | "pgrep" | "pkill":
            return _processes(name, rest)
        case "systemctl":
            return _unit(rest)
        case "service" if rest[1:] == ["status"]:
            return Meant(Lookup(bare_name(rest[0])))
        case _ if words[0].startswith("/etc/init.d/") and rest == ["status"]:
            return Meant(Lookup(name))
        case "ps" if "-C" in rest:
            bare = {"--no-headers", "--no-header", "--no-heading", "h"} & set(rest)
            bare |= {word for word in rest if re.fullmatch(r"(?:-o)?\w+=", word)}  # a column without a title
            named = rest[rest.index("-C") + 1 :][:1]
            return prints(Lookup(bare_name(named[0])), Shows.LINES if bare else None) if named else None
        case "lsof" | "fuser":
            return _holder(" ".join(rest))
        case "curl":
            return _curl(rest)
        case "wget":
            return _wget(rest)
        case "nc" | "ncat" | "netcat":
            return _nc(rest)
        case "ping" | "ping4" | "ping6" | "fping":
            hosts = words_of(rest, _PING)
            return Meant(Pinged(hosts[0])) if len(hosts) == 1 else None
    return None


def _unit(rest: list[str]) -> Meant | None:
    """Return what systemctl tells of a unit: `is-active` prints one word, `status` many."""
    said = words_of(rest, frozenset())
    if len(said) != 2 or said[0] not in ("is-active", "status"):
        return None
    look = Lookup(bare_name(said[1]).removesuffix(".service"))
    return prints(look, Shows.ACTIVE if said[0] == "is-active" and not {"-q", "--quiet"} & set(rest) else None)


def _holder(said: str) -> Meant | None:
    """Return what asks who has a port open: somebody, or nobody."""
    found = re.search(r"-i ?(?:tcp)?:(\d+)\b|\b(\d+)/tcp\b", said, re.IGNORECASE)
    if found and found[1] and "LISTEN" not in said:  # a connection to that port of another node shows, too
        return None
    return prints(Asked("localhost", int(found[1] or found[2])), Shows.LINES) if found else None


def timeout(words: Sequence[str]) -> tuple[float, list[str]] | None:
    """Return the limit that coreutils' timeout is given, its words but for its name, and the command that it runs."""
    rest = list(words)
    while rest and rest[0].startswith("-"):
        rest = rest[2:] if rest[0] in ("-s", "-k", "--signal", "--kill-after") else rest[1:]
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", rest[0]) if len(rest) > 1 else None
    return (float(found[1]) * SECONDS[found[2]], rest[1:]) if found else None


def _timed(rest: list[str]) -> Meant | None:
    found = timeout(rest)
    inner = meant(found[1]) if found else None
    if found is None or inner is None or not isinstance(inner.look, Asked):
        return inner
    limited = replace(inner.look, limit_s=min(found[0], inner.look.limit_s))
    shown = replace(limited, minds=True) if inner.shows is Shows.STATUS else inner.shown
    return replace(inner, look=limited, shown=shown)


def prints(look: Look, shows: Shows | None) -> Meant:
    """Return what a command amounts to that succeeds if it has something to print."""
    return Meant(look, shows, look if shows else None)


def _processes(name: str, rest: list[str]) -> Meant | None:
    if (name == "pkill" and "-0" not in rest) or any(word.startswith(("-F", "--pidfile")) for word in rest):
        return None
    named = words_of([word for word in rest if word != "-0"], _PGREP if name != "pidof" else frozenset(["-o"]))
    if len(named) != 1 or not re.fullmatch(r"\^?[\w./-]+\$?", named[0]):
        return None
    counted = name == "pgrep" and flag(["pgrep", *rest], "c")
    exact = name == "pidof" or flag([name, *rest], "x")
    whole = name != "pidof" and flag([name, *rest], "f")
    process = bare_name(named[0].strip("^$"))
    if whole and process not in DAEMONS:  # a part of a command line: whose that is its words may tell
        process = next((daemon for daemon in DAEMONS if daemon in named[0]), "")
        if not process:
            return None
    look = Lookup(process, name == "pkill", "" if exact else named[0], whole and not exact)
    return prints(look, Shows.COUNT if counted else Shows.PIDS)


def _curl(rest: list[str]) -> Meant | None:
    asked = _asked(words_of(rest, _CURL))
    if asked is None or any(_ELSEWHERE.match(word) for word in rest):
        return None
    fails = any(w in ("--fail", "--fail-with-body") or re.fullmatch(r"-[a-zA-Z]*f[a-zA-Z]*", w) for w in rest)
    limits = [float(value) for value in _values(rest, ("-m", "--max-time"), glued="m") if _number(value)]
    look = _shown(rest, Asked(*asked, minds=fails, limit_s=min(limits, default=NO_LIMIT_S)))
    printed = [word for word in rest if "%{" in word]
    apart = any(re.fullmatch(r"--(?:output|head)(?:=.*)?|-[a-zA-Z]*o.*", word) for word in rest)
    status = bool(printed) and apart and all(_CODE.fullmatch(word) for word in printed)
    if printed and not status:  # what else it prints stands beside it
        return Meant(look)
    if status:
        return Meant(look, Shows.STATUS, replace(look, minds=True))
    bare = not any(re.fullmatch(r"--(?:output|include|head|verbose)|-[a-zA-Z]*[oiIv][a-zA-Z]*", word) for word in rest)
    if bare and re.fullmatch(r".*/(?:healthz|livez|readyz)", look.path):
        return Meant(look, Shows.HEALTH, replace(look, minds=True))
    return Meant(look)


def _wget(rest: list[str]) -> Meant | None:
    asked = _asked(words_of(rest, _WGET))
    if asked is None:
        return None
    tries = next((int(v) for v in _values(rest, ("-t", "--tries"), glued="t") if v.isdigit()), 20)
    limits = [float(value) for value in _values(rest, ("-T", "--timeout"), glued="T") if _number(value)]
    limit_s = min(limits, default=NO_LIMIT_S) * tries
    return Meant(_shown(rest, Asked(*asked, minds=True, limit_s=limit_s)))


def _nc(rest: list[str]) -> Meant | None:
    operands = words_of(rest, _NC)
    if len(operands) != 2 or not operands[1].isdigit() or flag(["nc", *rest], "u") or flag(["nc", *rest], "l"):
        return None
    limits = [float(value) for value in _values(rest, ("-w",), glued="w") if _number(value)]
    return Meant(Asked(operands[0].strip("[]"), int(operands[1]), limit_s=min(limits, default=NO_LIMIT_S)))


def _asked(operands: list[str]) -> tuple[str, int, str] | None:
    """Return host, port and path of the one URL among a command's operands."""
    if len(operands) != 1 or (url := _URL.match(operands[0])) is None:
        return None
    port = int(url["port"] or PORTS[url["scheme"] or "http"])
    return url["host"].strip("[]"), port, url["path"] or "/"


def _shown(words: list[str], asked: Asked) -> Asked:
    """Return what curl or wget asks with how it does: over TLS or not, for what all may read, of whom that it trusts.

    Without a CA that it is named it trusts those of its node, which does not know a cluster's own; a certificate of
    kubeadm's has the node's name and address in it, and the VIP's, but not localhost.
    """
    careless = flag(["", *words], "k") or {"--insecure", "--no-check-certificate"} & set(words)
    named = any(word.partition("=")[0] in ("--cacert", "--capath", "--ca-certificate") for word in words)
    local = asked.host in ("localhost", "::1") or asked.host.startswith("127.")
    secure = _secure(words)
    trusts = True if careless or not secure or (named and not local) else None
    return replace(asked, tls=secure, open=_open(words, asked.path), trusts=trusts)


def _open(words: list[str], path: str) -> bool | None:
    """Say whether a command of curl or wget asks for what all may read, or says who asks."""
    if any(_SAYS_WHO.match(word) for word in words):
        return True
    methods = _values(words, ("-X", "--request", "--method"), glued="X")
    head = flag(["", *words], "I") or {"--head", "--spider"} & set(words)
    sends = any(_SENDS.match(word) for word in words)
    method = methods[-1] if methods and methods[-1] else "HEAD" if head else "POST" if sends else "GET"
    return open_to_all(method, path)


def _secure(words: list[str]) -> bool:
    """Say whether a URL asks for TLS."""
    return any(word.startswith("https://") for word in words)


def words_of(words: Sequence[str], taking: frozenset[str]) -> list[str]:
    """Return a command's words but for its options and what these take."""
    found, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-") and word != "-":
            bundled = not word.startswith("--") and len(word) > 2 and f"-{word[-1]}" in taking and word[-1].isalpha()
            skip = word in taking or (bundled and word[1:].isalpha())
        else:
            found.append(word)
    return found


def _values(words: Sequence[str], options: tuple[str, ...], glued: str = "") -> list[str]:
    """Return what follows an option: as the next word, behind `=`, or glued to a letter, also of a bundle."""
    found = []
    for number, word in enumerate(words):
        name, sign, value = word.partition("=")
        if word in options and number + 1 < len(words):
            found.append(words[number + 1])
        elif sign and name in options:
            found.append(value)
        elif glued and (stuck := re.fullmatch(rf"-[a-zA-Z]*{glued}([\d.]*)", word)) and word not in options:
            found.append(stuck[1] or (words[number + 1] if number + 1 < len(words) else ""))
    return found


def flag(words: Sequence[str], letter: str) -> bool:
    """Say whether a command has an option of one letter, also in a bundle."""
    return any(re.fullmatch(rf"-[a-zA-Z]*{letter}[a-zA-Z]*", word) for word in words[1:])


def _number(text: str) -> bool:
    return re.fullmatch(r"\d+(\.\d+)?", text) is not None


def bare_name(name: str) -> str:
    """Return a program's name without its path."""
    return name.rpartition("/")[2]
