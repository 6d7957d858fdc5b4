"""A condition's expression, answered as Debian's haproxy 2.6.12 does (configuration manual §2.4; src/cfgcond.c)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from harness.profile.haproxy.words import Environment

VERSION = "2.6.12"
OPENSSL = (3, 0)  # as in Debian 12, whose updates raise the third number
_FEATURES = """
ACCEPT4 BACKTRACE CPU_AFFINITY CRYPT_H DL EPOLL GETADDRINFO LIBCRYPT LINUX_SPLICE LINUX_TPROXY LUA NETFILTER NS OPENSSL
OT PCRE2 PCRE2_JIT POLL PRCTL PROMEX RT SLZ SYSTEMD TFO THREAD THREAD_DUMP TPROXY
"""
FEATURES = frozenset(_FEATURES.split())
MOST_NESTED = 256
_NUMBER = re.compile(r"-?(?:0[xX][0-9a-fA-F]+|\d+)")
_NAME = re.compile(r"[^ (]*")
_ARGUMENTS = re.compile(r"\(([^,)]*)(?:,([^,)]*))?\)")
_VERSION = re.compile(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.(\d+))?(?:-(dev|rc|pre)?(\d*).*)?", re.DOTALL)
_OPENSSL = re.compile(r"(\d+)\.(\d+)\.(\d+)[a-z]?")
_VARIABLE = re.compile(r"\$(?:[A-Za-z_.]\w*|\{[^}]*\})", re.ASCII)
_TAGS = {"dev": 1, "rc": 2, "pre": 2}
_TAKEN = {"defined": 1, "feature": 1, "streq": 2, "strneq": 2, "version_atleast": 1, "version_before": 1}
_TAKEN |= {"openssl_version_atleast": 1, "openssl_version_before": 1, "ssllib_name_startswith": 1}


@dataclass
class Expression:
    """Reads a condition from left to right; `unsure` gathers what depends on more than the files."""

    text: str
    environment: Environment
    unsure: list[str] = field(default_factory=list)
    at: int = 0
    depth: int = 0

    def holds(self) -> bool:
        """Return whether it holds, an empty one never; raise ValueError where haproxy cannot take it."""
        for variable in _VARIABLE.findall(self.text):
            self.unsure.append(f"{variable} is haproxy's own environment's, which no file tells; taken as not set")
        self.text = _VARIABLE.sub("", self.text)
        if not self.text.strip(" \t"):
            return False
        value = self._either()
        if self.at < len(self.text):
            raise self._refused()
        return value

    def _refused(self) -> ValueError:
        return ValueError(f"haproxy cannot take the condition `{self.text}`, from `{self.text[self.at :]}` on; mend it")

    def _blanks(self) -> None:
        while self.text[self.at : self.at + 1] in (" ", "\t"):
            self.at += 1

    def _next(self, mark: str) -> bool:
        """Say whether a mark comes next, and go behind it and the blanks around it."""
        self._blanks()
        found = self.text.startswith(mark, self.at)
        if found:
            self.at += len(mark)
            self._blanks()
        return found

    def _either(self) -> bool:
        self.depth += 1
        if self.depth > MOST_NESTED:
            raise ValueError("the condition is nested too deep")
        value = self._both()
        while self._next("||"):
            value = self._both() or value
        self.depth -= 1
        return value

    def _both(self) -> bool:
        value = self._term()
        while self._next("&&"):
            value = self._term() and value
        return value

    def _term(self) -> bool:
        negated = False
        while self._next("!"):
            negated = not negated
        number = _NUMBER.match(self.text, self.at)
        if number:
            self.at = number.end()
            return (int(number[0], 16 if "x" in number[0].lower() else 10) != 0) is not negated
        if self._next("("):
            value = self._either()
            if not self._next(")"):
                raise self._refused()
            return value is not negated
        return self._predicate() is not negated

    def _predicate(self) -> bool:
        name = _NAME.match(self.text, self.at)[0]  # type: ignore[index]
        if name not in _TAKEN:
            raise self._refused()
        found = _ARGUMENTS.match(self.text, self.at + len(name))
        given = [one for one in found.groups() if one is not None] if found else [""]
        if len(given) != _TAKEN[name] or (found is None and self.text.startswith("(", self.at + len(name))):
            raise self._refused()
        self.at = found.end() if found else self.at + len(name)
        return self._answer(name, given)

    def _answer(self, name: str, given: list[str]) -> bool:
        match name, given:
            case "streq" | "strneq", [one, other]:
                return (one == other) is (name == "streq")
            case "feature", [feature]:
                return feature in FEATURES
            case "defined", [variable]:
                if variable not in self.environment.known:
                    self.unsure.append(
                        f"whether {variable} is in haproxy's environment no file tells; taken as not set"
                    )
                return variable in self.environment.known
            case "version_atleast" | "version_before", [version]:
                said = _numbers(version)
                older = said is not None and said > (_numbers(VERSION) or ())
                return older is (name == "version_before")
            case "ssllib_name_startswith", [start]:
                return "OpenSSL 3.0".startswith(start)
        return self._openssl(name, given[0])

    def _openssl(self, name: str, version: str) -> bool:
        found = _OPENSSL.fullmatch(version)
        if found is None:
            raise self._refused()
        said = (int(found[1]), int(found[2]))
        if said == OPENSSL and int(found[3]):
            self.unsure.append(f"which update of OpenSSL 3.0 there is no file tells; taken as later than {version}")
        return (said > OPENSSL) is (name == "openssl_version_before")


def _numbers(version: str) -> tuple[int, ...] | None:
    """Return a version's numbers as haproxy compares them, a development's before its release's; None for none."""
    found = _VERSION.fullmatch(version)
    if found is None:
        return None
    *numbers, tag, commit = found.groups()
    plain = tuple(int(number or 0) for number in numbers)
    return (*plain, _TAGS.get(tag, 3), int(commit or 0) if tag else 0, 0 if tag else int(commit or 0))
