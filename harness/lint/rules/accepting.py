"""Whether the VIP may be reached at all: K24."""

from __future__ import annotations

from collections.abc import Iterator

from harness.chain.accepting import refusal
from harness.lint.rule import Problem, Severity, rule
from harness.lint.setup import Setup


@rule("K24", "a VIP that nobody reaches", "https://github.com/acassen/keepalived/issues/2339")
def unreachable(setup: Setup) -> Iterator[Problem]:
    """The VIP is there, answers ARP and moves; a firewall of keepalived's own drops everything else.

    `vrrp_strict` switches accept mode off for all but the address' owner (priority 255), as `no_accept` does. `accept`
    switches it on again in VRRP version 3; in version 2 keepalived clears it.

    Confirmed: in a lab: the VIP was there, and every request to it timed out.

    Remedy: no `vrrp_strict` where the VIP is to serve.
    """
    for conf in setup.confs:
        for _, instance in conf.instances:
            if cause := refusal(instance):
                version_2 = instance.strict and instance.version == 2
                remedy = "remove it" if cause.text == "no_accept" and not instance.strict else "remove vrrp_strict"
                if instance.strict and cause.text != "no_accept":
                    remedy += " (in VRRP version 2 `accept` does not help)" if version_2 else ", or add `accept`"
                told = f"{cause.text} switches accept mode off: keepalived drops what is sent to the VIP on {conf.node}"
                yield Problem(cause.where, Severity.ERROR, f"{told}, and no client is ever served; {remedy}")
