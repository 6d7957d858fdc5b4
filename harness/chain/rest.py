"""Who is able to have the VIP as things stand, and whether anybody ever gets it."""

from __future__ import annotations

from harness.chain.chain import Chain
from harness.chain.failure import Kind, Standing
from harness.chain.outcome import failed
from harness.chain.watch import Watch


def failing(chain: Chain, node: str, standing: Standing) -> set[str]:
    """Return the watches that fail on a node for good, as things stand."""
    return {watch.name for watch in chain.watches(node) if failed(chain, node, watch, standing)}


def strength(chain: Chain, node: str, standing: Standing) -> int | None:
    """Return a node's effective priority as things stand; None where it is off, mute or in FAULT."""
    mute = {Kind.KEEPALIVED_KILLED, Kind.KEEPALIVED_STOPPED}
    if node not in chain.nodes or node not in standing.alive or mute & set(standing.ails(node)):
        return None
    return chain.priority(node, failing(chain, node, standing))


def held_back(chain: Chain) -> tuple[str, Watch] | None:
    """Return a node and what keeps it in FAULT while nobody has the VIP, where that is so on every node.

    Then none ever takes it, though all would be well if one had it: a check with weight 0 that asks the VIP itself.
    """
    before = Standing(None, tuple(chain.machines))
    if any(strength(chain, node, before) is not None for node in chain.nodes):
        return None
    node = chain.home
    found = (watch for watch in chain.watches(node) if chain.priority(node, {watch.name}) is None)
    return next(((node, watch) for watch in found if failed(chain, node, watch, before)), None)


def told(watch: Watch) -> str:
    """Return what a watch does that keeps every node from the VIP."""
    return f"{watch.name} fails everywhere while nobody has the VIP, and its weight is 0: no node ever takes it"
