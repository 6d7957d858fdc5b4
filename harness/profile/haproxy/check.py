"""What a backend's health checks ask for (configuration manual §4, option *chk; src/tcpcheck.c, src/check.c)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from harness.profile.haproxy import address
from harness.profile.haproxy.options import Options
from harness.profile.haproxy.rules import Rules
from harness.profile.haproxy.section import Section, Setting
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


NO_RULES = Rules()


class Level(StrEnum):
    """What must succeed: a connection, a TLS handshake, an HTTP answer, another protocol's, or a program."""

    TCP = "tcp"
    TLS = "tls"
    HTTP = "http"
    ANSWER = "answer"
    PROGRAM = "program"


@dataclass(frozen=True)
class Checks:
    """A backend's check: the option that chose it, "" for a mere connection, what its rules come to, and where.

    `words` are what that option says of what to ask for.
    """

    kind: str = ""
    rules: Rules = NO_RULES
    where: Mapping[str, Where] = field(default_factory=dict)
    words: tuple[str, ...] = ()

    @property
    def asks(self) -> tuple[str, ...]:
        """Return the words of what is asked for, the path among them."""
        return (*self.words, *self.rules.sends)

    def request(self, options: Options) -> tuple[str, str] | None:
        """Return method and path of an HTTP check that says nothing of who asks; None for any other.

        What `http-check send` says takes the place of what the option does (tcpcheck_overwrite_send_http_rule).
        """
        said = " ".join(self.asks).lower()
        if self.kind != "httpchk" or "crt" in options or "authorization" in said or "uri-lf" in self.rules.sends:
            return None
        sent = list(self.rules.sends)
        own = dict(
            zip(("method", "path"), self.words if len(self.words) > 1 else ("OPTIONS", *self.words), strict=False)
        )
        for name, word in (("method", "meth"), ("path", "uri")):
            if sent.count(word) > 1:
                return None
            if word in sent[:-1]:
                own[name] = sent[sent.index(word) + 1]
        return own.get("method", "OPTIONS"), own.get("path", "/")

    @property
    def hostless(self) -> bool:
        """Say whether an HTTP check says HTTP/1.1 and no Host, which haproxy does not add (2.6.12, tried)."""
        said = " ".join(self.asks).lower()
        return self.kind == "httpchk" and "http/1.1" in said and not re.search(r"(?:\bhdr(?:-lf)? |\\n|\n)host\b", said)

    def tls(self, options: Options) -> bool:
        """Say whether a server's checks go over TLS: as the rules say, else as its check-ssl or ssl does."""
        elsewhere = {"no-check-ssl", "port", "addr"} & options.keys()
        own = "check-ssl" in options or ("ssl" in options and not elsewhere)
        return self.rules.ssl or (own and (self.rules.default or not self.rules.connects))

    def level(self, options: Options) -> Level:
        """Return what must succeed for a server to pass."""
        match self.kind:
            case "httpchk":
                return Level.HTTP
            case "ssl-hello-chk":
                return Level.TLS
            case "external-check":
                return Level.PROGRAM
            case "" | "tcp-check" if not self.rules.expects:
                return Level.TLS if self.tls(options) else Level.TCP
        return Level.ANSWER

    def target(self, options: Options, host: str, port: int) -> tuple[str, int]:
        """Return where a server's checks connect to; raise ValueError for what is no port."""
        own = {name: options[name].value for name in ("addr", "port") if name in options}
        for given in (own, dict(self.rules.target)):
            if "addr" in given:
                host, at = address.split(given["addr"])
                port = address.port(at) if at.strip("0") else port
            if given.get("port", "").isdecimal():
                port = address.port(given["port"])
        return host, port


def checks(section: Section) -> Checks:
    """Return the check that a backend's servers get, chosen by itself or by the defaults that it takes over."""
    for one in section.lineage:
        chosen = [setting for kind in KINDS if (setting := one.last.get(("option", kind)))]
        if chosen:
            return _with_rules(section, one, max(chosen))
    return Checks()


def _with_rules(section: Section, chosen_by: Section, chosen: Setting) -> Checks:
    """Return a check with the rules of the nearest section that has any; one that chooses an httpchk begins anew."""
    kind = chosen.name.split()[1]
    verb = {"httpchk": "http-check", "tcp-check": "tcp-check"}.get(kind, "")
    places, words = {chosen.name: chosen.where}, tuple(chosen.words)
    for one in section.lineage:
        found = one.rules.get(verb)
        if found:
            connects = {f"{verb} connect": one.place(found.line)} if found.connects else {}
            return Checks(kind, found, places | connects, words)
        if one is chosen_by and kind == "httpchk":
            break
    return Checks(kind, NO_RULES, places, words)
