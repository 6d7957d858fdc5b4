"""Deeds done to what a node's kernel lets through: rules of our own, in a chain of our own, and none of others'."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from typing import Literal

from harness.agent.deeds.deed import Done, Unproven
from harness.events import Did

Way = Literal["both", "in", "out"]
_HOOKS = {"both": ("INPUT", "OUTPUT"), "in": ("INPUT",), "out": ("OUTPUT",)}
_FAMILIES = ("iptables", "ip6tables")


@dataclass(frozen=True)
class Drop:
    """Let no packet of an IP protocol, by its number, in or out; done once the kernel has the rules."""

    protocol: int
    way: Way

    def do(self) -> Done:
        chain, hooks = _chain(self.protocol, self.way), _HOOKS[self.way]
        rules = [f":{chain} - [0:0]", f"-A {chain} -p {self.protocol} -j DROP", *(f"-I {h} -j {chain}" for h in hooks)]
        begin_ns = time.monotonic_ns()
        said = _done(rules)
        end_ns = time.monotonic_ns()
        if missing := [family for family in _FAMILIES if chain not in _rules(family)]:
            raise Unproven(f"{' and '.join(missing)} took no rule against protocol {self.protocol}: {said}")
        return Done(begin_ns, end_ns, Did())


@dataclass(frozen=True)
class Pass:
    """Let pass again what a Drop of the same words has kept back."""

    protocol: int
    way: Way

    def do(self) -> Done:
        chain = _chain(self.protocol, self.way)
        begin_ns = time.monotonic_ns()
        said = _done([*(f"-D {hook} -j {chain}" for hook in _HOOKS[self.way]), f"-F {chain}", f"-X {chain}"])
        end_ns = time.monotonic_ns()
        if left := [family for family in _FAMILIES if chain in _rules(family)]:
            raise Unproven(f"{' and '.join(left)} still has its rules against protocol {self.protocol}: {said}")
        return Done(begin_ns, end_ns, Did())


def _chain(protocol: int, way: Way) -> str:
    return f"FAILOVER-{protocol}-{way}"


def _done(lines: list[str]) -> str:
    """Have both families' tables take some lines, each all at once; return what they have to say against them."""
    text, said = "\n".join(["*filter", *lines, "COMMIT", ""]), []
    for family in _FAMILIES:
        done = subprocess.run([f"{family}-restore", "-w", "--noflush"], input=text, capture_output=True, text=True)
        said.append(" ".join(done.stderr.split()))
    return "; ".join(filter(None, said))


def _rules(family: str) -> str:
    return subprocess.run([family, "-w", "-S"], capture_output=True, text=True).stdout
