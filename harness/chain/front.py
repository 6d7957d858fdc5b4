"""What a haproxy listens on: whether that leads to the API, and what it answers for itself alone."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache

from harness.profile import haproxy, machines
from harness.profile.haproxy import Section

UNTOLD = -1
_ASKS_WHO = (["stats", "auth"], ["http-request", "auth"])
_FEWER = re.compile(r"nbsrv\(\S+\) (?:(lt|le) (\d+)|eq 0)$")


@dataclass(frozen=True)
class Front:
    """Where it `leads` to the API; `answered` is the path of its `monitor-uri`.

    That is red with fewer servers up than it `needs` (`monitor fail`); UNTOLD where its condition is another. `at` are
    the addresses that it listens on, `secret` says that it asks who is there.
    """

    leads: bool
    answered: str = ""
    needs: int = 0
    secret: bool = False
    at: frozenset[str] = frozenset(["*"])

    def hears(self, host: str) -> bool:
        """Say whether a connection to a host comes about, as far as that is known: `*` is of IPv4 alone."""
        known = machines.address(host)
        if known is None and host != "localhost":
            return True
        return any(self._hears(one, host, known) for one in self.at)

    @staticmethod
    def _hears(at: str, host: str, known: object) -> bool:
        if at in ("*", "", "0.0.0.0"):
            return ":" not in host
        if at == "::" or (at in ("127.0.0.1", "::1") and host == "localhost"):
            return True
        bound = machines.address(at)
        return bound is None or bound == known  # a name, or a variable


PLAIN = Front(True)


@lru_cache(100)
def fronts(text: str, source: str, service: int) -> dict[int, Front]:
    """Return what is behind each port that a haproxy listens on."""
    sections = haproxy.parse(text, source)
    monitored = {s.name: found.words[0] for s in sections if (found := haproxy.effective(s, "monitor-uri"))}
    needs = {section.name: _needs(section) for section in sections}
    secret = {s.name for s in sections if any(words[:2] in _ASKS_WHO for _, words in s.lines)}
    listening = list(haproxy.frontends(sections, source))
    leading = {b for f in listening if service in [port for _, port in f.binds] for b in f.backends}
    ports: dict[int, Front] = {}
    at: dict[int, set[str]] = defaultdict(set)
    for front in listening:
        leads = bool(leading & set(front.backends))
        behind = Front(leads, monitored.get(front.name, ""), needs.get(front.name, 0), front.name in secret)
        for host, port in front.binds:
            at[port].add(host.strip("[]").removeprefix("ipv4@").removeprefix("ipv6@"))
            ports |= {port: behind} if port else {}
    return {port: replace(front, at=frozenset(at[port])) for port, front in ports.items()}


def _needs(section: Section) -> int:
    """Return how many servers have to be up, by the conditions on which `monitor fail`."""
    acls = {words[1]: " ".join(words[2:]) for _, words in section.lines if words[0] == "acl" and len(words) > 2}
    fails = [words[2:] for _, words in section.lines if words[:2] == ["monitor", "fail"]]
    found = 0
    for condition in fails:
        said = " ".join(condition[1:]).strip("{} ")
        fewer = _FEWER.fullmatch(acls.get(said, said)) if condition[:1] == ["if"] else None
        if fewer is None:
            return UNTOLD
        found = max(found, int(fewer[2] or 1) + (fewer[1] == "le"))
    return found
