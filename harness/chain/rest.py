"""How things stand while nothing is broken: who has the VIP then, what each advertises, whether anybody gets it."""

from __future__ import annotations

from dataclasses import replace

from harness.chain.chain import Chain
from harness.chain.failure import MUTE, Standing
from harness.chain.outcome import failed
from harness.chain.watch import Watch


def failing(chain: Chain, node: str, standing: Standing) -> set[str]:
    """Return the watches that fail on a node for good, as things stand; none of one that has no keepalived."""
    if node not in chain.nodes:
        return set()
    return {watch.name for watch in chain.watches(node) if failed(chain, node, watch, standing)}


def known(chain: Chain, node: str, standing: Standing) -> set[str]:
    """Return those of them that need not be supposed to."""
    return failing(replace(chain, supposed=frozenset()), node, standing)


def strength(chain: Chain, node: str, standing: Standing) -> int | None:
    """Return a node's effective priority as things stand; None where it is off, mute or in FAULT."""
    if node not in chain.nodes or node not in standing.alive or set(MUTE) & set(standing.ails(node)):
        return None
    return chain.priority(node, failing(chain, node, standing))


def at_rest(chain: Chain) -> Standing:
    """Return how things stand while nothing is broken.

    Among equals the highest address has the VIP. A check may fail where it is, or where it is not: who is strongest
    with it keeps it; where nobody is, who would be if every check passed.
    """
    chain, addresses = replace(chain, supposed=frozenset()), chain.profile.facts.nodes
    ordered = sorted(chain.nodes, key=lambda node: (chain.best(node), int(addresses[node])), reverse=True)
    for owner in ordered:
        standing = owned(chain, owner)
        able = {node: strength(chain, node, standing) for node in chain.nodes}
        if max(ordered, key=lambda node: (able[node] or 0, int(addresses[node]))) == owner and able[owner] is not None:
            return standing
    return owned(chain, ordered[0])


def home(chain: Chain) -> str:
    """Return the node that has the VIP while nothing is broken."""
    return at_rest(chain).owner or chain.nodes[0]


def owned(chain: Chain, node: str) -> Standing:
    """Return how things stand while nothing is broken and a node has the VIP."""
    return Standing(node, tuple(chain.machines))


def equals(chain: Chain) -> tuple[str, ...]:
    """Return who may have the VIP while nothing is broken, `home` first: who takes it keeps it against its equals."""
    alone, first = replace(chain, supposed=frozenset()), home(chain)

    def keeps(node: str) -> bool:
        able = {one: strength(alone, one, owned(alone, node)) or 0 for one in alone.nodes}
        return able[node] == able[first] == max(able.values()) > 0

    return first, *(node for node in chain.nodes if node != first and keeps(node))


def advertised(chain: Chain) -> dict[str, int]:
    """Return what each node advertises while nothing is broken, or would; 0 in FAULT."""
    standing, alone = at_rest(chain), replace(chain, supposed=frozenset())
    return {node: strength(alone, node, standing) or 0 for node in chain.nodes}


def held_back(chain: Chain) -> tuple[str, Watch] | None:
    """Return a node and what keeps it in FAULT while nobody has the VIP, where that is so on every node.

    Then none ever takes it, even where all would be well if one had it: a check with weight 0 that asks the VIP itself.
    """
    before = Standing(None, tuple(chain.machines))
    if any(strength(chain, node, before) is not None for node in chain.nodes):
        return None
    node = home(chain)
    down = failing(chain, node, before)
    found = (one for one in chain.watches(node) if one.weight == 0 and (one.name in down) is not one.reverse)
    return next(((node, watch) for watch in found), None)


def told(watch: Watch) -> str:
    """Return what a watch does that keeps every node from the VIP."""
    if watch.reverse:
        return f"{watch.name} passes everywhere, and its weight is 0 in reverse: no node ever takes the VIP"
    return f"{watch.name} fails everywhere while nobody has the VIP, and its weight is 0: no node ever takes it"
