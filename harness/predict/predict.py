"""Everything that a profile's own timers say of one failure, measure by measure, under the names that verdicts use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from harness.chain import accepting, binding, hearing, ipvs, mismatch, owned, rest
from harness.chain.chain import Chain
from harness.chain.failure import LEFT_BEHIND, Failure, Kind, Standing
from harness.chain.meddling import may_stop
from harness.chain.outcome import APISERVER_TIMEOUT_S
from harness.chain.outcome import unclear as unclear_of
from harness.chain.setting import Setting, of_watch
from harness.clock import Bounds
from harness.predict import behind, clients, etcd, eviction
from harness.predict.backends import evictions
from harness.predict.failback import serves_s
from harness.predict.healing import alone_s, back_s, comeback, recovery
from harness.predict.held import of_clients
from harness.predict.interval import Predicted, lasting, never, spread, untold, within
from harness.predict.lifted import lifted
from harness.predict.lost import delayed, lost
from harness.predict.migration import AT_ONCE, Migration, Stays, migrate, racers, stopped
from harness.predict.prediction import Prediction, either
from harness.predict.race import of_others, races
from harness.predict.spread import Spread
from harness.predict.unannounced import unannounced
from harness.predict.unfollowed import SERVED, left_at_rest, notified, opened
from harness.predict.unsettled import DARK, OF_SERVED, deserted, relapse, to_and_fro, twofold

LINKS = ("assign_s", "announce_s", "neighbour_s", "first_answer_s")
TIED = "longer where equals take the VIP at once and who gives way is heard last: until it is announced again"
# What happens to a process of the owner alone makes the VIP dark, whatever the backends do.
FRONT = (Kind.PROXY_DEAD, Kind.PROXY_HUNG, Kind.KEEPALIVED_STOPPED)


def predict(chain: Chain, failure: Failure, standing: Standing, healing: Standing | None = None) -> Prediction:
    """Return what is predicted; `healing` is how things stand when it begins, where that is known already.

    Where a check is not understood, or races with an eviction, or a backup's notify script may have stopped what it
    looks at, that is what comes of it either way; where a file that is included is not here, or one node's stands for
    all, all depends on that.
    """
    found = _predict(chain, failure, standing, healing)
    if left := left_at_rest(chain, standing):
        found = either(found, _predict(left[0], failure, standing, healing), left[1])
    on = chain.profile.lacks
    if not on:
        return found
    if "failback_s" in found.measures:
        found.measures["failback_s"] = untold(on)
    return replace(found, depends=f"{found.depends}; {on}" if found.depends else on)


def _predict(chain: Chain, failure: Failure, standing: Standing, healing: Standing | None) -> Prediction:
    def case(of: Chain, move: Migration | Stays) -> Prediction:
        return _case(of, failure, standing, healing, move)

    if held := rest.held_back(chain):
        told = rest.told(held[1])
        cited = of_watch(held[1], "weight", "script")
        found = case(chain, Stays(told, cited))
        return _unserved(replace(found, standing=replace(standing, owner=None)), told, cited)
    why = hearing.apart({node: chain.instance(node) for node in chain.nodes}) or owned.told(chain.profile)
    if failure.kind is Kind.VRRP_CUT and failure.node != standing.owner and failure.node in chain.nodes:
        why = f"on whom clients then reach: {failure.node} hears of no owner any more, and takes the VIP as well"
    if why:
        return twofold(case(chain, Stays(why)), why)
    found = case(chain, migrate(chain, failure, standing))
    if rise := lifted(chain, failure, standing):
        other = case(chain, rise)
        found = either(found, other, f"on who is first: {rise.why}") if isinstance(found.move, Migration) else other
    if owner := standing.owner:
        chains, after = [chain], standing.after(failure, owner)
        unclear = {s.name: why for s in chain.watches(owner) if (why := unclear_of(chain, owner, s, after))}
        if unclear:
            wary = replace(chain, supposed=chain.supposed.union((owner, name) for name in unclear))
            told = "; ".join(f"on what {name} then does: {why}" for name, why in unclear.items())
            found = either(case(wary, migrate(wary, failure, standing)), found, told)
            for watch in chain.watches(owner):
                if watch.name in unclear and watch.script and may_stop(chain.profile, owner, watch.script.command):
                    found = either(case(chain, stopped(chain, owner, watch, standing)), found, told)
            chains.append(wary)
        if isinstance(found.move, Migration) and not (rise and found.move.heirs == rise.heirs):
            for of, move, on in _beside(chain, failure, standing, found.move):
                found = either(found, case(of, move), on)
        for of in chains:
            unlucky = of_others(of, failure, standing)
            for race in races(of, failure, standing, owner):  # of one that moves anyway it is sooner
                if won := lost(of, race, failure, standing, unlucky):
                    found = either(found, case(of, won.move), won.told)
    return found


def _beside(
    chain: Chain, failure: Failure, standing: Standing, move: Migration
) -> Iterator[tuple[Chain, Migration | Stays, str]]:
    """Yield how the VIP may move otherwise, as other nodes' checks fail meanwhile, and on what that depends."""
    within_s = move.total.bounds.max
    seeing = racers(chain, standing, failure, within_s)
    if seeing:
        told = f"on whether {' and '.join(f'{name} on {node}' for node, name in seeing)} fails of it before"
        yield chain, migrate(chain, failure, standing, swift=True), told
        for node in dict.fromkeys(node for node, _ in seeing):  # some may be sooner than others
            wary = replace(chain, supposed=chain.supposed.union(one for one in seeing if one[0] == node))
            yield wary, migrate(wary, failure, standing), told
    unlucky = [race for race in of_others(chain, failure, standing) if race.verdict_s.min < within_s]
    for some in (unlucky[:1], unlucky) if unlucky else ():
        named = " and ".join(f"{race.script.name} on {race.node}" for race in some)
        wary = replace(chain, supposed=chain.supposed.union((race.node, race.script.name) for race in some))
        then = migrate(wary, failure, standing)
        if not isinstance(then, Migration):  # nobody is left, until one of them passes again
            then = replace(move, heirs=tuple(dict.fromkeys([*move.heirs, *chain.rivals(standing.owner, standing)])))
        yield wary, delayed(then, max(race.over_s for race in some)), f"on whether {named} fails"


def _case(
    chain: Chain, failure: Failure, standing: Standing, healing: Standing | None, move: Migration | Stays
) -> Prediction:
    found = Prediction(failure, standing, move, {}, evictions(chain, failure, standing))
    measures = found.measures
    measures |= _chain(move) | _owners(failure, move) | _service(chain, failure, standing, move)
    if measures["blackout_s"].bounds is None:
        measures.pop("first_answer_s", None)
    if isinstance(move, Migration) and failure.node in chain.nodes:
        measures |= comeback(chain, failure, found.afterwards, healing or found.afterwards)
        if _darkens(chain, failure, Standing(failure.node, ())):
            measures |= clients.by_kind(move.total, failure.kind)
    dark, met = _darkens(chain, failure, standing), _as_clients_meet_it(chain, move)
    found.clients.update(of_clients(chain, failure, standing, move, met, dark, found.evictions, measures))
    if failure.kind.unaware:
        measures |= unannounced(chain, failure, measures)
    measures["recovery_s"] = recovery(chain, failure, measures, found.evictions)
    if isinstance(move, Migration) and (why := relapse(chain, failure, found.afterwards)):
        found = to_and_fro(found, why)
        measures = found.measures
    if why := mismatch.of(chain.profile, found.owner or rest.home(chain)):
        left = {name: one for name, one in measures.items() if name not in OF_SERVED}
        found = replace(found, measures=left, clients={})
        found.measures.update(dict.fromkeys(("blackout_s", "healing_blackout_s", "recovery_s"), lasting(why)))
    if isinstance(move, Migration) and (why := binding.absent(chain.profile, move.heirs[0])):
        lone = deserted(found, why)
        said = binding.may(chain.profile.files[move.heirs[0]])
        found = lone if said is False else either(lone, found, f"on whether {binding.UNSAID}")
    if isinstance(move, Migration) and failure.node in move.heirs and failure.node != standing.owner:
        found = deserted(found, f"the VIP comes to {failure.node}, which has failed")
    return notified(chain, _reached(chain, found))


def _reached(chain: Chain, found: Prediction) -> Prediction:
    """Return what is left where IPVS has a say in it, or keepalived drops what is sent to the VIP and serves nobody."""
    if why := ipvs.unfollowed(chain.profile):
        return opened(found, f"on {why}")
    owner = found.owner
    cause = accepting.refusal(chain.instance(owner)) if owner else None
    if owner is None or cause is None:
        return found
    return _unserved(found, accepting.told(owner, cause), (cause,))


def _unserved(found: Prediction, told: str, cited: tuple[Setting, ...]) -> Prediction:
    """Return what is left where no client is ever served."""
    ends = {name: lasting(told, cited) for name in DARK if name in found.measures}
    seen = {name: one for name, one in found.measures.items() if name not in SERVED} | ends
    return replace(found, measures=seen | {"recovery_s": never(told, cited)}, unserved=told, clients={})


def _chain(move: Migration | Stays) -> dict[str, Predicted]:
    """Return the links from a failed owner to the next."""
    if isinstance(move, Stays):
        return {"vip_migration_s": never(move.why, move.settings)}
    found = {"vip_migration_s": spread(move.total, move.why, move.settings)}
    if move.verdict is not None:
        found["verdict_s"] = spread(move.verdict)
    found |= {"detection_s": spread(move.detection), "election_s": spread(move.election)}
    return found | {link: spread(AT_ONCE) for link in LINKS}


def _owners(failure: Failure, move: Migration | Stays) -> dict[str, Predicted]:
    """Return for how long nobody, or two, have the VIP."""
    nobody = spread(move.gap if isinstance(move, Migration) else AT_ONCE)
    found = {"no_master_s": nobody, "no_master_seen_s": nobody}
    if failure.kind not in LEFT_BEHIND:  # then two have it until somebody sees to it
        found |= {"dual_master_s": spread(AT_ONCE), "dual_master_seen_s": spread(AT_ONCE)}
    return found


def _darkens(chain: Chain, failure: Failure, standing: Standing) -> bool:
    """Say whether no client is served until the VIP moves."""
    if standing.owner and accepting.refusal(chain.instance(standing.owner)):
        return True
    if failure.node != standing.owner:
        return False
    direct = failure.kind.takes_backend and not chain.profile.balanced
    return failure.kind.silences or failure.kind in FRONT or direct


def _service(chain: Chain, failure: Failure, standing: Standing, move: Migration | Stays) -> dict[str, Predicted]:
    """Return how long clients go without any answer, and writes without a leader or a quorum."""
    found: dict[str, Predicted] = {}
    members, after = chain.masters, standing.after(failure, None)
    dark = _darkens(chain, failure, standing)
    # Who gives the VIP up although it serves leaves clients with nobody until another takes it.
    waits = (move.total if dark else move.gap) if isinstance(move, Migration) else AT_ONCE
    again_s = _announced_again_s(chain, move) if dark else 0.0
    if not failure.kind.hangs:  # the kernel of a hung process accepts
        stays = dark and isinstance(move, Stays)
        found["connect_blackout_s"] = lasting(move.why, move.settings) if stays else _longer(waits, again_s)
    if not after.quorum(members):
        left = len(after.running(members))
        why = f"{left} of etcd's {len(members)} members {'is' if left == 1 else 'are'} left, no majority: nothing that "
        why += f"needs it is answered until enough are back, and /readyz says so after {etcd.TOLD}"
        refused = within(0.0, APISERVER_TIMEOUT_S, "the apiserver's patience with etcd")
        back = within(0.0, serves_s(chain, Kind.NODE_CRASH).max)
        return found | {"blackout_s": lasting(why), "write_refusal_s": refused, "healing_blackout_s": back}
    if again_s:
        found |= dict.fromkeys(("neighbour_s", "first_answer_s"), within(0.0, again_s, TIED))
    elected_s = 0.0
    if failure.node in members and (failure.kind.silences or failure.kind is Kind.ETCD_DEAD):
        out_s = _out_of_step_s(chain, after)
        found["write_gap_s"] = etcd.write_gap(len(members), len(after.running(members)), out_s)
        elected_s = etcd.WORST_S + out_s
    if dark and isinstance(move, Stays):
        return found | {
            "blackout_s": lasting(move.why, move.settings),
            "healing_blackout_s": within(0.0, alone_s(chain, failure)),
        }
    sent = _sent_to_the_dead(chain, failure, standing, move)
    if sent and sent.bounds is None:
        return found | {"blackout_s": sent, "healing_blackout_s": within(0.0, back_s(chain, failure, standing))}
    if isinstance(move, Migration) and elected_s > move.total.bounds.min + again_s:
        why = "the VIP is there before etcd has a leader, if the dead node led it"
        found["first_answer_s"] = within(0.0, elected_s - move.total.bounds.min, why)
    longest_s = waits.bounds.max + again_s
    unready_s = etcd.unready_s(elected_s, longest_s)
    why = "longer where etcd has to elect a leader" if unready_s > longest_s else TIED if again_s else ""
    bounds = Bounds(waits.bounds.min, max(longest_s, unready_s))
    shares_s = spread(waits).shares_s if waits.bounds.max else None
    found["blackout_s"] = _later(Predicted(bounds, shares_s, why), sent)
    found["healing_blackout_s"] = within(0.0, etcd.unready_s(elected_s))  # who rejoins may cost another election
    return found


def _sent_to_the_dead(chain: Chain, failure: Failure, standing: Standing, move: Migration | Stays) -> Predicted | None:
    """Return for how long the haproxy that clients then reach sends all of them to what has failed."""
    if failure.kind is Kind.ETCD_DEAD and failure.node == standing.owner and not chain.profile.balanced:
        return behind.without_etcd(failure.node, move.total.bounds if isinstance(move, Migration) else None)
    reached = move.heirs[0] if isinstance(move, Migration) else standing.owner
    return behind.unserved(chain, reached, failure, standing) if reached else None


def _later(one: Predicted, other: Predicted | None) -> Predicted:
    """Return what is over once both are."""
    if other is None or other.bounds is None or one.bounds is None:
        return one
    bounds = Bounds(max(one.bounds.min, other.bounds.min), max(one.bounds.max, other.bounds.max))
    return Predicted(bounds, None, "; ".join(why for why in (other.why, one.why) if why), depends=other.depends)


def _out_of_step_s(chain: Chain, after: Standing) -> float:
    """Return how long after etcd has a leader a living node's haproxy may still keep every backend out."""
    profile = chain.profile
    living = (
        [s for s in profile.servers.get(node, []) if profile.stands_for(node, s) in after.alive]
        for node in chain.nodes
        if node in after.alive
    )
    return max(map(eviction.out_of_step_s, living), default=0.0)


def _announced_again_s(chain: Chain, move: Migration | Stays) -> float:
    """Return how much longer clients may be dark where equals take the VIP at once."""
    if not isinstance(move, Migration) or len(move.heirs) < 2:
        return 0.0
    return float(max(chain.instance(heir).garp.delay_s for heir in move.heirs))


def _as_clients_meet_it(chain: Chain, move: Migration | Stays) -> Migration | Stays:
    """Return a move that is over for clients only once they are told whose the VIP is, where equals take it at once."""
    if not isinstance(move, Migration) or not (again_s := _announced_again_s(chain, move)):
        return move
    return replace(move, election=move.election + Spread(0.0, (again_s,)))


def _longer(waits: Spread, again_s: float) -> Predicted:
    found = spread(waits)
    if not again_s:
        return found
    return Predicted(Bounds(waits.bounds.min, waits.bounds.max + again_s), found.shares_s, TIED)
