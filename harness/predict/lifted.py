"""A bystander whose failing check raises its priority (`reverse`): it takes the VIP from an owner that is well."""

from __future__ import annotations

from harness.chain.chain import Chain
from harness.chain.failure import Failure, Standing
from harness.chain.outcome import failed
from harness.chain.rest import failing, known, strength
from harness.chain.setting import Setting, of_instance, of_watch
from harness.predict.election import hull, outbids, waited
from harness.predict.migration import AT_ONCE, Migration, concluded
from harness.predict.spread import Spread


def lifted(chain: Chain, failure: Failure, standing: Standing) -> Migration | None:
    """Return how the VIP moves to a bystander that then has more than its owner; None where none has.

    keepalived 2.2.7 changes the priority at once, and the wait under way was begun with the old one: vrrp_track.c.
    """
    owner = standing.owner
    after = standing.after(failure, owner)
    left = strength(chain, owner, after) if owner else None
    if owner is None or left is None:
        return None
    every_s, rises = chain.instance(owner).advert_int_s, dict[str, tuple[Spread, Spread]]()
    cited: tuple[Setting, ...] = ()
    for node in chain.rivals(owner, after):
        own, before = strength(chain, node, after), strength(chain, node, standing)
        if own is None or before is None or own <= before:
            continue
        if not outbids(chain, node, owner, after, left, failing(chain, owner, after)):
            continue
        news = [one for one in chain.watches(node) if one.name not in known(chain, node, standing)]
        runs = [(one, run) for one in news if (run := failed(chain, node, one, after))]
        whens = [concluded(one, run, one.fall) for one, run in runs]
        rises[node] = (hull(whens), waited(chain, node, owner, before, left) + Spread(0.0, (every_s,)))
        cited += of_instance(chain.instance(node), "priority")
        cited += tuple(setting for one, _ in runs for setting in of_watch(one, "interval", "fall", "weight"))
    if not rises:
        return None
    verdict, wait = hull([when for when, _ in rises.values()]), hull([wait for _, wait in rises.values()])
    why = " or ".join(f"{node} then has {strength(chain, node, after)}" for node in rises)
    why += f", as its check adds to that when it fails, and {owner} advertises {left}"
    return Migration(tuple(rises), verdict, wait, AT_ONCE, why, cited, verdict)
