"""What a backend's health checks ask for (configuration manual §4, option *chk; src/tcpcheck.c, src/check.c)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harness.profile.haproxy import address
from harness.profile.haproxy.options import Options
from harness.profile.haproxy.section import Section
from harness.profile.where import Where

# The options that choose a check; each overrides those before it.
KINDS = (
    "httpchk",
    "tcp-check",
    "ssl-hello-chk",
    "external-check",
    "ldap-check",
    "mysql-check",
    "pgsql-check",
    "redis-check",
    "smtpchk",
    "spop-check",
)
_NO_RULE = (["disable-on-404"], ["send-state"])


class Level(StrEnum):
    """What must succeed: a connection, a TLS handshake, an HTTP answer, another protocol's, or a program."""

    TCP = "tcp"
    TLS = "tls"
    HTTP = "http"
    ANSWER = "answer"
    PROGRAM = "program"


@dataclass(frozen=True)
class Checks:
    """A backend's check: the option that chose it, "" for a mere connection, and its rules as (place, words)."""

    kind: str
    rules: tuple[tuple[Where, list[str]], ...]
    where: dict[str, Where]

    @property
    def connects(self) -> list[list[str]]:
        return [words[2:] for _, words in self.rules if words[1:2] == ["connect"]]

    def tls(self, options: Options) -> bool:
        """Say whether a server's checks go over TLS: as the rules say, else as its check-ssl or ssl does."""
        own = "check-ssl" in options or ("ssl" in options and not {"no-check-ssl", "port", "addr"} & options.keys())
        if not self.connects:
            return own
        return any("ssl" in words or ("default" in words and own) for words in self.connects)

    def level(self, options: Options) -> Level:
        """Return what must succeed for a server to pass."""
        match self.kind:
            case "httpchk":
                return Level.HTTP
            case "ssl-hello-chk":
                return Level.TLS
            case "external-check":
                return Level.PROGRAM
            case "" | "tcp-check" if not any(words[1:2] == ["expect"] for _, words in self.rules):
                return Level.TLS if self.tls(options) else Level.TCP
        return Level.ANSWER

    def target(self, options: Options, host: str, port: int) -> tuple[str, int]:
        """Return where a server's checks connect to; raise ValueError for what is no port."""
        own = {name: options[name].value for name in ("addr", "port") if name in options}
        for given in (own, _values(self.connects[0]) if self.connects else {}):
            if "addr" in given:
                host, at = address.split(given["addr"])
                port = address.port(at) if at.strip("0") else port
            if given.get("port", "").isdecimal():
                port = address.port(given["port"])
        return host, port


def _values(rule: list[str]) -> dict[str, str]:
    """Return what the words of a connect rule say that take a value."""
    found, rest = {}, iter(rule)
    for word in rest:
        if word in ("addr", "port", "sni", "alpn", "proto", "comment"):
            found[word] = next(rest, "")
    return found


def checks(section: Section) -> Checks:
    """Return the check that a backend's servers get, chosen by itself or by the defaults that it takes over."""
    for one in section.lineage:
        chosen = [(setting.where, kind) for kind in KINDS if (setting := one.last.get(("option", kind)))]
        if chosen:
            where, kind = max(chosen)
            rules = _rules(section, one, kind)
            connects = {f"{words[0]} connect": place for place, words in rules if words[1:2] == ["connect"]}
            return Checks(kind, rules, {f"option {kind}": where, **connects})
    return Checks("", (), {})


def _rules(section: Section, chosen_by: Section, kind: str) -> tuple[tuple[Where, list[str]], ...]:
    """Return the rules of the nearest section that has any, not beyond the one that chooses an httpchk anew."""
    verb = {"httpchk": "http-check", "tcp-check": "tcp-check"}.get(kind, "")
    for one in section.lineage:
        own = tuple((one.place(n), words) for n, words in one.rules.get(verb, ()) if words[1:2] not in _NO_RULE)
        if own or (one is chosen_by and kind == "httpchk"):
            return own
    return ()
