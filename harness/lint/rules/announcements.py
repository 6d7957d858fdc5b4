"""How the network learns of a move: K14."""

from __future__ import annotations

from collections.abc import Iterator

from harness.lint.rule import Problem, Severity, rule
from harness.lint.setup import Setup, place_of


@rule("K14", "gratuitous ARP", "https://github.com/acassen/keepalived/issues/20")
def announced_once(setup: Setup) -> Iterator[Problem]:
    """A switch or router that missed the announcement keeps sending to the old owner."""
    for conf in setup.confs:
        blocks = [*conf.root.all("global_defs"), *(block for block, _ in conf.instances)]
        said = {child.words[0]: child.words[1] for b in blocks for child in b.children if len(child.words) > 1}
        refresh = said.get("garp_master_refresh") or said.get("vrrp_garp_master_refresh") or "0"
        repeat = said.get("garp_master_repeat") or said.get("vrrp_garp_master_repeat") or "5"
        delay = said.get("garp_master_delay") or said.get("vrrp_garp_master_delay") or "5"
        for block, _ in conf.instances:
            if repeat == "1" and delay == "0":
                told = "one gratuitous ARP, no second: if it is lost, clients go on sending to the old owner"
                yield Problem(place_of(block, "garp_master_repeat"), Severity.WARNING, told)
            elif refresh == "0":
                told = "the VIP is announced when it moves and 5 s later, never again; garp_master_refresh 60"
                yield Problem(block.place, Severity.INFO, told)
