"""Deeds done to what a node's kernel lets through: rules of our own, in a chain of our own, and none of others'."""

from __future__ import annotations

import ipaddress
import subprocess
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from harness.agent.deeds import frames
from harness.agent.deeds.answer import apiserver_port
from harness.agent.deeds.deed import Done, Unproven
from harness.agent.emit import facts
from harness.events import Did

Traffic = Literal["vrrp", "etcd", "apiserver", "all"]
Way = Literal["both", "in", "out"]
ETCD_PORT = 2380  # where members listen to each other
_HOOKS = {"both": ("INPUT", "OUTPUT"), "in": ("INPUT",), "out": ("OUTPUT",)}
_FRAMES = {"both": frames.WAYS, "in": ("ingress",), "out": ("egress",)}
_FAMILIES = {"iptables": 4, "ip6tables": 6}


@dataclass(frozen=True)
class Drop:
    """Let nothing of some traffic in or out, or have it refused; done once the kernel has the rules.

    `others` are the nodes that it is kept from, by name; everybody where there are none. Of "all" not even ARP is left
    then, unless it is refused. Of what would be lost only a `share` is, drawn for each packet.
    """

    traffic: Traffic
    way: Way
    others: Sequence[str] = ()
    refused: bool = False
    share: float = 1.0

    def do(self) -> Done:
        if _of_frames(self):
            begin_ns = time.monotonic_ns()
            frames.drop(_FRAMES[self.way])
            return Done(begin_ns, time.monotonic_ns(), Did())
        chain = _chain(self.traffic, self.way, self.others)
        begin_ns = time.monotonic_ns()
        said = [_done(family, [f":{chain} - [0:0]", *self._rules(family, chain)]) for family in _FAMILIES]
        end_ns = time.monotonic_ns()
        if missing := [family for family in _FAMILIES if chain not in _listed(family)]:
            why = "; ".join(filter(None, said))
            raise Unproven(f"{' and '.join(missing)} took no rule against {self.traffic}: {why}")
        return Done(begin_ns, end_ns, Did())

    def _rules(self, family: str, chain: str) -> list[str]:
        known = facts()["addresses"] if self.others else {}
        if strangers := [name for name in self.others if name not in known]:
            raise Unproven(f"no node is called {' or '.join(strangers)}: there are {', '.join(sorted(known))}")
        addresses = [known[name] for name in self.others]
        own = [a for a in addresses if ipaddress.ip_address(a).version == _FAMILIES[family]]
        ends = [f"{end} {address}" for address in own for end in ("-s", "-d")] if self.others else [""]
        # What a node tells itself passes: of these two each hook knows one, and takes the other to fit nothing.
        rules = [f"-A {chain} {end} lo -j RETURN" for end in ("-i", "-o")]
        rules += [f"-A {chain} {end} {match} {self._verdict(match)}" for end in ends for match in self._matches()]
        return [*rules, *(f"-I {hook} -j {chain}" for hook in _HOOKS[self.way])]

    def _matches(self) -> tuple[str, ...]:
        match self.traffic:
            case "vrrp":
                return "-p 112", "-p 51"  # RFC 9568; `auth_type AH` wraps it
            case "etcd":
                return f"-p tcp --dport {ETCD_PORT}", f"-p tcp --sport {ETCD_PORT}"
            case "apiserver":
                return (f"-p tcp --dport {apiserver_port()}",)
        return ("-p tcp", "") if self.refused else ("",)

    def _verdict(self, match: str) -> str:
        if not self.refused:
            drawn = f"-m statistic --mode random --probability {self.share:.9f} " if self.share < 1 else ""
            return f"{drawn}-j DROP"
        return f"-j REJECT{' --reject-with tcp-reset' if match.startswith('-p tcp') else ''}"


@dataclass(frozen=True)
class Pass:
    """Let pass again what a Drop of the same words has kept back."""

    traffic: Traffic
    way: Way
    others: Sequence[str] = ()
    refused: bool = False
    share: float = 1.0

    def do(self) -> Done:
        if _of_frames(self):
            begin_ns = time.monotonic_ns()
            frames.let()
            return Done(begin_ns, time.monotonic_ns(), Did())
        chain = _chain(self.traffic, self.way, self.others)
        lines = [*(f"-D {hook} -j {chain}" for hook in _HOOKS[self.way]), f"-F {chain}", f"-X {chain}"]
        begin_ns = time.monotonic_ns()
        said = [_done(family, lines) for family in _FAMILIES]
        end_ns = time.monotonic_ns()
        if left := [family for family in _FAMILIES if chain in _listed(family)]:
            why = "; ".join(filter(None, said))
            raise Unproven(f"{' and '.join(left)} still has its rules against {self.traffic}: {why}")
        return Done(begin_ns, end_ns, Did())


def _of_frames(words: Drop | Pass) -> bool:
    """Say whether nothing at all is to pass, which needs no look into what it is."""
    return words.traffic == "all" and not words.others and not words.refused and words.share == 1


def _chain(traffic: Traffic, way: Way, others: Sequence[str]) -> str:
    """Return a chain's name, of 28 characters at most, another one for other words."""
    among = f"-{zlib.crc32(' '.join(others).encode()):08x}" if others else ""
    return f"FH-{traffic}-{way}{among}"


def _done(family: str, lines: list[str]) -> str:
    """Have a family's table take some lines, all at once; return what it has to say against them."""
    text = "\n".join(["*filter", *lines, "COMMIT", ""])
    done = subprocess.run([f"{family}-restore", "-w", "--noflush"], input=text, capture_output=True, text=True)
    return " ".join(done.stderr.split())


def _listed(family: str) -> str:
    return subprocess.run([family, "-w", "-S"], capture_output=True, text=True).stdout
