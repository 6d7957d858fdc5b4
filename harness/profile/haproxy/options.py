"""What a server line or a default-server line says, keyword by keyword (configuration manual §5.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from harness.profile.haproxy.values import seconds
from harness.profile.where import Where

# The keywords that take a value; all others stand alone.
_WITH_VALUE = """
addr agent-addr agent-inter agent-port agent-send alpn ca-file check-alpn check-proto check-sni ciphers ciphersuites
cookie crl-file crt downinter error-limit fall fastinter id init-addr inter interface log-proto max-reuse maxconn
maxqueue minconn namespace npn observe on-error on-marked-down on-marked-up pool-low-conn pool-max-conn pool-purge-delay
port proto proxy-v2-options redir resolve-net resolve-opts resolve-prefer resolvers rise slowstart sni socks4 source
ssl-max-ver ssl-min-ver tcp-ut track usesrc verify verifyhost weight ws
"""
WITH_VALUE = frozenset(_WITH_VALUE.split())
# Of those that stand alone, the ones that matter here, with what they take back.
FLAGS = {
    "check": "no-check",
    "no-check": "check",
    "check-ssl": "no-check-ssl",
    "no-check-ssl": "check-ssl",
    "ssl": "no-ssl",
    "no-ssl": "ssl",
    "agent-check": "no-agent-check",
    "no-agent-check": "agent-check",
    "backup": "no-backup",
    "no-backup": "backup",
    "disabled": "enabled",
    "enabled": "disabled",
    "send-proxy": "no-send-proxy",
    "no-send-proxy": "send-proxy",
    "send-proxy-v2": "no-send-proxy-v2",
    "no-send-proxy-v2": "send-proxy-v2",
}


class Option(NamedTuple):
    """A keyword that holds: its value, "" where it takes none, and where it is written."""

    value: str
    where: Where


Options = dict[str, Option]


@dataclass(frozen=True)
class Said:
    """What options say of a keyword, or the default; a value that makes no sense raises ValueError."""

    options: Options

    def word(self, keyword: str, default: str) -> str:
        return self.options[keyword].value if keyword in self.options else default

    def one_of(self, keyword: str, known: tuple[str, ...]) -> str:
        """Return one of the words that are known, of which the first is the default."""
        value = self.word(keyword, known[0])
        if value not in known:
            raise ValueError(f"{keyword} {value} is not known; one of {', '.join(known)}")
        return value

    def seconds(self, keyword: str, default: str, least_s: float = 0.001) -> float:
        value_s = seconds(self.word(keyword, default))
        if value_s < least_s:
            raise ValueError(f"{keyword} must not be 0")
        return value_s


def further(base: Options, words: list[str], where: Where) -> Options:
    """Return the options after those of one more line; raise ValueError where a value is missing."""
    found = dict(base)
    rest = iter(words)
    for keyword in rest:
        if keyword in WITH_VALUE:
            value = next(rest, "")
            if not value:
                raise ValueError(f"{keyword} lacks its value")
            found[keyword] = Option(value, where)
        elif keyword in FLAGS:
            found.pop(FLAGS[keyword], None)
            found[keyword] = Option("", where)
    return found
