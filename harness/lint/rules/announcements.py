"""How the network learns of a move: K14."""

from __future__ import annotations

from collections.abc import Iterator

from harness.lint.rule import Problem, Severity, rule
from harness.lint.setup import Setup, place_of

# A client's entry for whoever had the VIP is asked anew by itself after so long at the earliest, as trials saw it.
ASKED_ANEW_S, HELPS_S = 30, 10


@rule("K14", "gratuitous ARP", "https://github.com/acassen/keepalived/issues/20")
def announced_once(setup: Setup) -> Iterator[Problem]:
    """A client, switch or router that missed the announcement of a move goes on sending to the old owner.

    keepalived announces the VIP when it moves and 5 s later (`garp_master_delay`), and never again unless it is told.
    Nor does an owner announce it that stood still for a while and comes back unaware (a paused virtual machine), to
    whom the other gives way. A client that has it wrong finds out by itself after 30 to 57 s, so that a refresh every
    60 s comes too late to help.

    Confirmed: in a lab, `freeze-vip-owner`: clients sent to the wrong node for 30.4–56.9 s in six trials.

    Remedy: `garp_master_refresh 10`: that is then the longest.
    """
    for conf in setup.confs:
        for block, instance in conf.instances:
            garp = instance.garp
            if garp.repeat == 1 and garp.delay_s == 0:
                told = "one gratuitous ARP, no second: if it is lost, clients go on sending to the old owner"
                yield Problem(place_of(block, "garp_master_repeat"), Severity.WARNING, told)
            elif not garp.refresh_s or garp.refresh_s > ASKED_ANEW_S:
                again = f"every {garp.refresh_s} s" if garp.refresh_s else "never again"
                told = (
                    f"the VIP is announced when it moves, {garp.delay_s} s later, and then {again}: who has it wrong "
                    f"finds out by itself after 30-57 s; garp_master_refresh {HELPS_S}"
                )
                yield Problem(place_of(block, "garp_master_refresh"), Severity.INFO, told)
