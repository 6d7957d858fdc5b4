"""Whether anybody ever has the VIP, by the chain: K32."""

from __future__ import annotations

from collections.abc import Iterator

from harness.chain import rest
from harness.chain.rest import at_rest, home
from harness.chain.setting import of_watch
from harness.lint.rule import Account, Problem, Severity, rule
from harness.lint.setup import Setup
from harness.verdict import Symptom

LINK = "https://www.keepalived.org/manpage.html"


@rule("K32", "a check that waits for what waits for it", LINK)
def held_back(setup: Setup) -> Iterator[Problem]:
    """A check that asks the VIP itself fails wherever the VIP does not answer, so on every node before anyone has it.

    With weight 0 that is FAULT: no node becomes MASTER, the VIP never answers, and so it stays. Files that work once
    the VIP is there never bring it there, on the first day or after a power cut of all nodes. `weight 0 reverse` is a
    FAULT while the check passes.

    Confirmed: in a lab, curl to the VIP with weight 0 and no question first whether this node has it: all three nodes
    stayed in FAULT.

    Remedy: ask the node's own port; or let the check pass where the VIP is not, with `ip addr show | grep -q VIP ||
    exit 0` before the request; or give it a weight below 0.
    """
    chain = setup.chain
    held = rest.held_back(chain) if chain else None
    if chain is None or held is None:
        return
    told = f"{rest.told(held[1])}; without `reverse` a failing check is a FAULT"
    if not held[1].reverse:
        if rest.strength(chain, home(chain), at_rest(chain)) is None:
            return  # where it fails with the VIP too, K20 and K27 say why
        told = f"{rest.told(held[1])}; ask the node's own port, or pass where the VIP is not"
    account = Account(Symptom.VIP_UNNOTICED)
    yield Problem(of_watch(held[1], "script")[0].where, Severity.ERROR, told, None, account)
