"""Who takes the VIP once its owner is not heard, or has less than others, and how long that one waits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from harness.chain.chain import Chain
from harness.chain.failure import Standing
from harness.chain.rest import failing, strength
from harness.chain.setting import Setting, of_instance
from harness.chain.watch import Watch
from harness.predict.spread import Spread


def strongest(chain: Chain, after: Standing, owner: str) -> tuple[tuple[str, ...], int]:
    """Return the strongest nodes that can take over from who is not heard, and the priority.

    Among equals the highest address is first.
    """
    able = _able(chain, after, owner)
    best = max(able.values(), default=0)
    return by_address(chain, [node for node in able if able[node] == best]), best


def successors(
    chain: Chain, after: Standing, owner: str, left: int | None, lost: Collection[str] = ()
) -> tuple[tuple[str, ...], Spread]:
    """Return who may be first to take over from a living owner that has less left, or (None) resigns, and their wait.

    The scripts in `lost` fail on the owner.
    """
    able = _able(chain, after, owner)
    if left is not None:
        able = {node: own for node, own in able.items() if outbids(chain, node, owner, after, left, lost)}
    waits = {node: waited(chain, node, owner, own, left) for node, own in able.items()}
    soonest_s = min((wait.bounds.max for wait in waits.values()), default=0.0)
    first = [node for node, wait in waits.items() if wait.bounds.min <= soonest_s]
    return by_address(chain, first), hull([waits[node] for node in first])


def outbids(chain: Chain, node: str, owner: str, after: Standing, left: int, lost: Collection[str]) -> bool:
    """Say whether a node takes the VIP from a living owner that advertises so much, while watches in `lost` fail there.

    A backup discards the owner's advert only if it is strictly stronger and preempts, and in a sync group those of all
    instances.
    """
    if not chain.instance(node).preempts or (strength(chain, node, after) or 0) <= left:
        return False
    return not chain.held(node, owner, lost, failing(chain, node, after))


def _able(chain: Chain, after: Standing, owner: str) -> dict[str, int]:
    """Return the priority of each node that may take over."""
    return {n: own for n in chain.rivals(owner, after) if (own := strength(chain, n, after)) is not None}


def hull(spreads: Sequence[Spread]) -> Spread:
    """Return a time that may be any of some."""
    if len(set(spreads)) < 2:
        return spreads[0] if spreads else Spread(0.0)
    least_s, most_s = min(one.bounds.min for one in spreads), max(one.bounds.max for one in spreads)
    return Spread(least_s, (most_s - least_s,))


def by_address(chain: Chain, nodes: Sequence[str]) -> tuple[str, ...]:
    """Return nodes in the order of their addresses, the highest first."""
    addresses = chain.profile.facts.nodes
    return tuple(sorted(nodes, key=lambda node: -int(addresses[node])))


def waited(chain: Chain, heir: str, owner: str, priority: int, left: int | None) -> Spread:
    """Return how long an heir waits once it has heard that the owner has less than itself, or (None) resigns."""
    every_s = chain.instance(owner).advert_int_s
    if left is None:
        return Spread(chain.skew_s(heir, owner, priority))
    wait_s, delay_s = chain.down_s(heir, owner, priority) - every_s, chain.instance(heir).preempt_delay_s
    return Spread(wait_s + delay_s, (every_s,)) if delay_s else Spread(wait_s)


def of_wait(chain: Chain, heir: str, owner: str) -> tuple[Setting, ...]:
    """Return the settings that an heir's wait follows from."""
    return of_instance(chain.instance(owner), "advert_int") + of_instance(chain.instance(heir), "priority")


@dataclass(frozen=True)
class Heir:
    """Who may take over: once the scripts in `failed` have failed, the last of them `watch` at `when`, after `wait`."""

    failed: frozenset[str]
    watch: Watch
    when: Spread
    wait: Spread


def soonest_of(
    chain: Chain, owner: str, after: Standing, seen: list[tuple[Watch, Spread]], before: set[str]
) -> dict[str, Heir]:
    """Return who may be first to take over as one script after the other fails on the owner, the strongest first.

    Those `before` had failed already.
    """
    found = {}
    for node in chain.rivals(owner, after):
        early = _enough(chain, owner, node, after, sorted(seen, key=lambda one: one[1].bounds.min), before)
        late = _enough(chain, owner, node, after, sorted(seen, key=lambda one: one[1].bounds.max), before)
        own = strength(chain, node, after)
        if early and late and own is not None:
            least_s, most_s = early[1][1].bounds.min, late[1][1].bounds.max
            when = early[1][1] if early[1] == late[1] else Spread(least_s, (most_s - least_s,))
            found[node] = Heir(early[0], late[1][0], when, waited(chain, node, owner, own, 0))
    every_s = chain.instance(owner).advert_int_s
    first = [node for node in found if not any(_surely_first(one, found[node], every_s) for one in found.values())]
    return {node: found[node] for node in by_address(chain, first)}


def _surely_first(one: Heir, other: Heir, every_s: float) -> bool:
    """Say whether one is always MASTER before another; both hear of one failure by one advert, else by two."""
    if one.when == other.when:
        return one.wait.bounds.max < other.wait.bounds.min
    return (one.when + one.wait).bounds.max + every_s < (other.when + other.wait).bounds.min


def _enough(
    chain: Chain, owner: str, node: str, after: Standing, ordered: list[tuple[Watch, Spread]], before: set[str]
) -> tuple[frozenset[str], tuple[Watch, Spread]] | None:
    """Return the scripts that have failed once a node takes the VIP, and the last of them; None where it never does."""
    failed = set(before)
    for one in ordered if chain.instance(node).preempts else ():
        failed.add(one[0].name)
        left = chain.priority(owner, failed)
        if left is None or outbids(chain, node, owner, after, left, failed):
            return frozenset(failed), one
    return None
