"""Everything that a profile's own timers say of one failure, measure by measure, under the names that verdicts use."""

from __future__ import annotations

from dataclasses import dataclass

from harness.clock import Bounds
from harness.model import astray, clients, etcd, eviction
from harness.model.comeback import BOOT_S, STARTED_S, failback
from harness.model.expected import Expected, lasting, never, spread, within
from harness.model.failure import Failure, Kind, Standing
from harness.model.migration import AT_ONCE, Migration, Stays, migrate
from harness.model.sight import asks
from harness.model.spread import Spread
from harness.model.vrrp import Router
from harness.profile.haproxy import Server

# How long a lab's apiservers try to reach a quorum before they refuse; the lab tells them so.
APISERVER_TIMEOUT_S = 2.0
LINKS = ("assign_s", "announce_s", "neighbour_s", "first_answer_s")
TIED = "longer where equals take the VIP at once and who gives way is heard last: until it is announced again"
# What happens to the owner alone makes the VIP dark, whatever the backends do.
FRONT = (Kind.NODE_CRASH, Kind.NODE_STOP, Kind.PROXY_DEAD, Kind.PROXY_HUNG, Kind.KEEPALIVED_STOPPED)


@dataclass(frozen=True)
class Foresight:
    """What is expected of one failure; `evictions` by haproxy's node and server, each with its own measures."""

    failure: Failure
    standing: Standing
    move: Migration | Stays
    measures: dict[str, Expected]
    evictions: dict[tuple[str, str], dict[str, Expected]]

    @property
    def owner(self) -> str | None:
        """Return who holds the VIP once all this has come about."""
        if isinstance(self.move, Migration):
            return self.move.heirs[0]
        gone = self.failure.kind.silences and self.failure.node == self.standing.owner
        return None if gone else self.standing.owner

    @property
    def afterwards(self) -> Standing:
        """Return how things then stand."""
        return self.standing.after(self.failure, self.owner)


def foresee(router: Router, failure: Failure, standing: Standing, healing: Standing | None = None) -> Foresight:
    """Return what is expected; `healing` is how things stand when it begins, where that is known already."""
    move = migrate(router, failure, standing)
    found = Foresight(failure, standing, move, {}, _evictions(router, failure, standing))
    measures = found.measures
    measures |= _chain(move) | _owners(failure, move) | _service(router, failure, standing, move)
    if measures["blackout_s"].bounds is None:
        measures.pop("first_answer_s", None)
    if isinstance(move, Migration):
        measures |= _comeback(router, failure, found, healing or found.afterwards)
        measures |= _client_kinds(router, failure, move)
    measures["recovery_s"] = _recovery(failure, measures, found.evictions)
    return found


def _comeback(router: Router, failure: Failure, found: Foresight, healing: Standing) -> dict[str, Expected]:
    """Return when the VIP is back; without a quorum checks that ask fail everywhere, and who is stronger is open."""
    lost = etcd.quorum_lost(len(router.nodes), found.afterwards) and asks(router, failure.node)
    back = failback(router, failure, healing, BOOT_S if lost else STARTED_S)
    return {} if back is None or (lost and back.bounds is None) else {"failback_s": back}


def _chain(move: Migration | Stays) -> dict[str, Expected]:
    """Return the links from a failed owner to the next."""
    if isinstance(move, Stays):
        return {"vip_migration_s": never(move.why, move.settings)}
    found = {"vip_migration_s": spread(move.total, move.why, move.settings)}
    if move.verdict is not None:
        found["verdict_s"] = spread(move.verdict)
    found |= {"detection_s": spread(move.detection), "election_s": spread(move.election)}
    return found | {link: spread(AT_ONCE) for link in LINKS}


def _owners(failure: Failure, move: Migration | Stays) -> dict[str, Expected]:
    """Return for how long nobody, or two, have the VIP."""
    nobody = spread(move.gap if isinstance(move, Migration) else AT_ONCE)
    found = {"no_master_s": nobody, "no_master_seen_s": nobody}
    if failure.kind is not Kind.KEEPALIVED_KILLED:  # then two have it until somebody sees to it
        found |= {"dual_master_s": spread(AT_ONCE), "dual_master_seen_s": spread(AT_ONCE)}
    return found


def _darkens(router: Router, failure: Failure, standing: Standing) -> bool:
    """Say whether no client is served until the VIP moves."""
    if failure.node != standing.owner:
        return False
    direct = failure.kind.takes_backend and not router.profile.balanced
    return failure.kind in FRONT or direct


def _service(router: Router, failure: Failure, standing: Standing, move: Migration | Stays) -> dict[str, Expected]:
    """Return how long clients go without any answer, and writes without a leader or a quorum."""
    found: dict[str, Expected] = {}
    members, after = len(router.nodes), standing.after(failure, None)
    dark = _darkens(router, failure, standing)
    waits = move.total if isinstance(move, Migration) and dark else AT_ONCE
    again_s = _announced_again_s(router, move) if dark else 0.0
    if not failure.kind.hangs:  # the kernel of a hung process accepts
        stays = dark and isinstance(move, Stays)
        found["connect_blackout_s"] = lasting(move.why, move.settings) if stays else _longer(waits, again_s)
    if etcd.quorum_lost(members, after):
        why = f"most of etcd's {members} members are gone: nothing that needs it is answered until they are back"
        refused = within(0.0, APISERVER_TIMEOUT_S, "the apiserver's patience with etcd")
        back = within(0.0, BOOT_S)
        return found | {"blackout_s": lasting(why), "write_refusal_s": refused, "healing_blackout_s": back}
    if again_s:
        found |= dict.fromkeys(("neighbour_s", "first_answer_s"), within(0.0, again_s, TIED))
    elected_s = 0.0
    if failure.kind.silences or failure.kind is Kind.ETCD_DEAD:
        out_s = _out_of_step_s(router, after)
        found["write_gap_s"] = etcd.write_gap(members, len(after.alive), out_s)
        elected_s = etcd.WORST_S + out_s
    if dark and isinstance(move, Stays):
        return found | {"blackout_s": lasting(move.why, move.settings), "healing_blackout_s": within(0.0, STARTED_S)}
    if isinstance(move, Migration) and elected_s > move.total.bounds.min + again_s:
        why = "the VIP is there before etcd has a leader, if the dead node led it"
        found["first_answer_s"] = within(0.0, elected_s - move.total.bounds.min, why)
    longest_s = waits.bounds.max + again_s
    why = "longer where etcd has to elect a leader" if elected_s > longest_s else TIED if again_s else ""
    bounds = Bounds(waits.bounds.min, max(longest_s, elected_s))
    found["blackout_s"] = Expected(bounds, spread(waits).shares_s if dark else None, why)
    found["healing_blackout_s"] = within(0.0, elected_s)  # a member that rejoins may cost another election
    return found


def _out_of_step_s(router: Router, after: Standing) -> float:
    """Return how long after etcd has a leader a living node's haproxy may still keep every backend out."""
    backends = router.profile.backends
    living = (
        [s for s in router.profile.servers.get(node, []) if backends.get(s.name) in after.alive] for node in after.alive
    )
    return max(map(eviction.out_of_step_s, living), default=0.0)


def _announced_again_s(router: Router, move: Migration | Stays) -> float:
    """Return how much longer clients may be dark where equals take the VIP at once."""
    if not isinstance(move, Migration) or len(move.heirs) < 2:
        return 0.0
    return float(max(router.instance(heir).garp.delay_s for heir in move.heirs))


def _longer(waits: Spread, again_s: float) -> Expected:
    found = spread(waits)
    if not again_s:
        return found
    return Expected(Bounds(waits.bounds.min, waits.bounds.max + again_s), found.shares_s, TIED)


def _client_kinds(router: Router, failure: Failure, move: Migration) -> dict[str, Expected]:
    """Return what a client sees of a move by the kind of its connection, and the worst of a trial's watches."""
    if not _darkens(router, failure, Standing(failure.node, ())):
        return {}
    return {
        "client_fresh_s": clients.fresh(move, failure.kind),
        "client_kept_s": clients.kept(move, failure.kind),
        "client_watch_s": clients.watch(move, failure.kind),
        "watch_stall_s": clients.stall(move, failure.kind),
    }


def _evictions(router: Router, failure: Failure, standing: Standing) -> dict[tuple[str, str], dict[str, Expected]]:
    """Return what every load balancer that runs does about the backend of the node that fails."""
    profile, kind = router.profile, failure.kind
    if not kind.takes_backend and kind is not Kind.ETCD_DEAD:
        return {}
    mine = {name for name, node in profile.backends.items() if node == failure.node}
    deaf = {one.node for one in standing.broken if one.kind in (Kind.PROXY_DEAD, Kind.PROXY_HUNG)}
    share = f"1 connection in {len(standing.alive)}"
    found: dict[tuple[str, str], dict[str, Expected]] = {}
    for node in (n for n in standing.after(failure, None).alive if n not in deaf):
        for server in (s for s in profile.servers.get(node, []) if s.name in mine):
            found[node, server.name] = _eviction(server, kind, share)
        for upstream in (u for u in profile.upstreams.get(node, []) if u.name in mine):
            if waits := astray.by_nginx(upstream, kind, share):
                found[node, upstream.name] = {"astray_s": waits}
    return found


def _eviction(server: Server, kind: Kind, share: str) -> dict[str, Expected]:
    words = eviction.of_server(server, "inter", "fall")
    waits = astray.by_haproxy(server, kind, share)
    sent = {"astray_s": waits} if waits else {}
    if not server.checked:
        return sent | {"eviction_s": never("it is not checked", eviction.of_server(server, "check"))}
    run_s = eviction.failing_s(server, kind)
    if run_s is None:
        what = "asks for no HTTP status" if server.layer7 else "looks only whether a connection comes about"
        return sent | {"eviction_s": never(f"its check passes all the same: it {what}", words)}
    if server.fastinter_s != server.inter_s:
        words += eviction.of_server(server, "fastinter")
    serves = Bounds(0.0, BOOT_S if kind.silences and server.layer7 else STARTED_S)
    back = eviction.readmitted(server, kind, serves)
    why = f"each failing check takes {run_s:g} s" if run_s else "a check fails at once"
    rising = eviction.of_server(server, "inter", "rise")
    return sent | {
        "first_failed_check_s": spread(eviction.first_failed(server, run_s), why, words[:1]),
        "eviction_s": spread(eviction.evicted(server, run_s, kind), why, words),
        "readmission_s": within(back.min, back.max, "from healing", rising),
    }


def _recovery(
    failure: Failure, measures: dict[str, Expected], evictions: dict[tuple[str, str], dict[str, Expected]]
) -> Expected:
    """Return healing → the last request fails: the VIP is back, the backends are in, etcd is whole."""
    ends = [BOOT_S if failure.kind.silences else STARTED_S]
    rows = [row.get("readmission_s") for row in evictions.values()]
    for one in (measures.get("failback_s"), *rows):
        if one is not None and one.bounds is not None:
            ends.append(one.bounds.max)
    return within(0.0, max(ends))
