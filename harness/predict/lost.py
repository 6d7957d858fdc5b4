"""What becomes of the VIP where its owner's check loses the race with an eviction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

from harness.chain.chain import Chain
from harness.chain.failure import Failure, Standing
from harness.chain.rest import failing
from harness.chain.setting import of_watch
from harness.predict.election import successors
from harness.predict.migration import AT_ONCE, Migration
from harness.predict.race import Race
from harness.predict.spread import Spread

SELDOM = 0.005  # below this share no figure is told


@dataclass(frozen=True)
class Lost:
    """A race that the owner's check has lost: how the VIP moves then, how likely that is, and in words, and why.

    `chance` is None where it depends on what else is under way.
    """

    move: Migration
    told: str
    chance: float | None

    @property
    def seldom(self) -> bool:
        """Say whether that practically never comes about."""
        return self.chance is not None and self.chance < SELDOM


def lost(chain: Chain, race: Race, failure: Failure, standing: Standing, unlucky: Sequence[Race]) -> Lost | None:
    """Return what comes of a race that the owner's check loses; None where the VIP stays all the same.

    `unlucky` are the races of those who could take over, which may be lost meanwhile.
    """
    owner, script = race.node, race.script
    after = standing.after(failure, owner)
    failed = {script.name, *failing(chain, owner, after)}
    left = chain.priority(owner, failed)
    heirs, wait = successors(chain, after, owner, left, failed)
    if not heirs:
        return None
    seen = race.verdict_s
    verdict = Spread(seen.min, (seen.max - seen.min,))
    every_s = chain.instance(owner).advert_int_s
    detection = verdict if left is None else verdict + Spread(0.0, (every_s,))
    down_s = None if left is None else wait.bounds.min + every_s
    share, chance = _share(race, [r for r in unlucky if r.node in heirs], every_s, down_s)
    told = f"{share} {race.told}, and fail"
    why = f"{owner} is well, but {script.name} may fail on it all the same"
    cited = of_watch(script, "interval", "fall")
    waits = wait + Spread(0.0, tuple([max(one.over_s for one in unlucky)] if unlucky else []))
    return Lost(Migration(heirs, detection, waits, AT_ONCE, why, cited, verdict), told, chance)


def _share(race: Race, heirs: Sequence[Race], every_s: float, down_s: float | None) -> tuple[str, float | None]:
    """Return in words, and as a share, how likely the owner is to lose while not all who could take over do."""
    beside = [] if down_s is None else heirs  # out of FAULT the first that recovers takes it
    chances = [race.chance(every_s, down_s), *(one.chance(every_s, None) for one in beside)]
    known = [chance for chance in chances if chance is not None]
    if len(known) < len(chances):
        return "it may be that", None
    chance = known[0] * (1.0 - prod(known[1:]) if beside else 1.0)
    if chance < SELDOM:
        return "in fewer than 1 of 200 of such failures", chance
    # In FAULT together the owner may recover first; and others may ask for etcd where it would have.
    at_most = "up to " if race.members or (heirs and down_s is None) else ""
    return f"in {at_most}about {chance:.0%} of such failures", chance


def delayed(move: Migration, by_s: float) -> Migration:
    """Return a move that may begin only once the checks of those who can take over pass again."""
    return replace(move, election=move.election + Spread(0.0, (by_s,)), gap=move.gap + Spread(0.0, (by_s,)))
