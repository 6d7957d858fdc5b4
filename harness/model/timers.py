"""[best, worst] seconds of each link, from the settings in a profile.

Formulas: VRRP from RFC 3768 §6.1 and RFC 5798 §6.1 as keepalived 2.2.7 applies them (vrrp.h), haproxy's
health checks from its configuration manual §5.2 (inter, fastinter, fall, rise) and src/check.c.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.clock import Bounds
from harness.profile.folder import Profile
from harness.profile.haproxy import Server
from harness.profile.keepalived import Instance, Script

# Scheduling, fork and netlink on a busy two-core machine; measured delays are below 60 ms.
SLACK_S = 0.25
# Power on → etcd has rejoined and the daemons listen; etcd waits up to two of its elections.
BOOT_S = 8.0
# How long a lab's apiservers try to reach a quorum before they refuse; the lab tells them so.
APISERVER_TIMEOUT_S = 2.0
# What the clients of a trial give a request by default.
DEADLINE_S = 1.0


def clamped(priority: int) -> int:
    """Return a priority within what VRRP can carry for a non-owner."""
    return min(254, max(1, priority))


def skew_s(priority: int, instance: Instance) -> float:
    """Return the skew time of a backup with `priority`: in v2 not scaled by the advert interval, in v3 scaled."""
    return (256 - priority) / 256 * (instance.advert_int_s if instance.version == 3 else 1.0)


def master_down_s(priority: int, instance: Instance) -> float:
    """Return how long a backup with `priority` waits for an advert before it becomes MASTER."""
    return instance.down_timer_adverts * instance.advert_int_s + skew_s(priority, instance)


@dataclass(frozen=True)
class Timers:
    """The links' times for one profile; every field a pair of bounds in seconds but `first_election_s`."""

    profile: Profile

    @property
    def first_election_s(self) -> float:
        """Return how long nodes that start together wait: the least master-down time of all, by their base priorities.

        keepalived 2.2.7 starts as BACKUP whatever `state` says: measured 3.571 s with MASTER, priority 110.
        """
        return min(master_down_s(self._base(node), instance) for node, instance in self._each())

    @property
    def script_s(self) -> Bounds:
        """Return fault → the script's verdict, on the node whose scripts are slowest to notice."""
        times = [self._script(node, s) for node in self.profile.instances for s in self._scripts(node)]
        if not times:
            return Bounds(0.0, 0.0)
        return Bounds(min(t.min for t in times), max(t.max for t in times))

    @property
    def election_s(self) -> Bounds:
        """Return the owner's last accepted advert → a backup is MASTER: (MDI - advert_int, MDI]."""
        waits = [(master_down_s(self.best(n), i), i) for n, i in self._each()]
        return Bounds(min(w - i.advert_int_s for w, i in waits), max(w for w, _ in waits))

    @property
    def node_failover_s(self) -> Bounds:
        """Return the owner's silent death → the VIP on another node."""
        return Bounds(self.election_s.min, self.election_s.max + SLACK_S)

    @property
    def script_failover_s(self) -> Bounds:
        """Return the tracked process' death → the VIP on another node, if the weights let it move."""
        return Bounds(self.script_s.min + self.election_s.min, self.script_s.max + self.election_s.max + SLACK_S)

    @property
    def failback_s(self) -> Bounds:
        """Return a stronger node's daemons run again → it has its VIP back."""
        rise = max((s.rise * s.interval_s for n in self.profile.instances for s in self._scripts(n)), default=0.0)
        return Bounds(0.0, rise + self.election_s.max + SLACK_S)

    @property
    def eviction_refused_s(self) -> Bounds:
        """Return a backend refuses → haproxy has it DOWN, by every node's haproxy."""
        return self._down(0.0)

    @property
    def eviction_dropped_s(self) -> Bounds:
        """Return a backend falls silent → haproxy has it DOWN: each check waits out its connection."""
        return self._down(None)

    @property
    def readmission_s(self) -> Bounds:
        """Return a backend answers again → haproxy has it UP; a check under way may first have to time out."""
        checked = [s for group in self.profile.servers.values() for s in group if s.checked]
        best = min((s.rise - 1) * s.fastinter_s for s in checked)
        worst = max(s.downinter_s + self._connect_s(s) + (s.rise - 1) * s.fastinter_s for s in checked)
        return Bounds(best, worst + SLACK_S)

    @property
    def return_s(self) -> float:
        """Return power on → the node serves and holds what is its own: boot, daemons, checks, then failback."""
        return BOOT_S + max(self.failback_s.max, self.readmission_s.max)

    def blackout_s(self, migration: Bounds) -> float:
        """Return the longest a client may go unanswered around a migration: it, and one request's own deadline."""
        return migration.max + DEADLINE_S + SLACK_S

    @property
    def write_refusal_s(self) -> float:
        """Return how long a write may take to be refused where no quorum answers."""
        return APISERVER_TIMEOUT_S + SLACK_S

    def best(self, node: str) -> int:
        """Return a node's effective priority with all its scripts passing."""
        return clamped(self._base(node) + sum(max(s.weight, 0) for s in self._scripts(node)))

    @property
    def priorities(self) -> dict[str, int]:
        """Return each node's effective priority with all its scripts passing."""
        return {node: self.best(node) for node in self.profile.instances}

    def bad(self, node: str) -> int:
        """Return a node's effective priority with all its scripts failing."""
        return clamped(self._base(node) + sum(min(s.weight, 0) for s in self._scripts(node)))

    def moves(self, loser: str) -> bool:
        """Say whether the VIP leaves `loser` when its check fails: some other must then be strictly stronger."""
        if any(s.weight == 0 for s in self._scripts(loser)):
            return True
        return any(self.best(other) > self.bad(loser) for other in self.profile.instances if other != loser)

    def _down(self, lasting_s: float | None) -> Bounds:
        best, worst = [], []
        for server in (s for group in self.profile.servers.values() for s in group if s.checked):
            d = self._connect_s(server) if lasting_s is None else lasting_s
            rest = (server.fall - 1) * (server.fastinter_s + d)
            best.append(d + rest)
            worst.append(server.inter_s + d + rest)
        return Bounds(min(best), max(worst) + SLACK_S)

    @staticmethod
    def _connect_s(server: Server) -> float:
        # With `timeout check` set the connection has its own limit; else `inter` bounds the whole check.
        own_limit = server.timeout_check_s is not None
        return min(server.inter_s, server.timeout_connect_s) if own_limit else server.inter_s

    def _script(self, node: str, script: Script) -> Bounds:
        path = script.command.split()[0]
        text = script.command + "".join(f.text for f in self.profile.files[node] if f.path == path)
        # A look-up of a process is over at once; a request may hang until the script's own time limit.
        hang_s = min(script.timeout_s, script.interval_s) if "curl" in text else 0.0
        rest_s = (script.fall - 1) * script.interval_s
        return Bounds(rest_s, script.interval_s + rest_s + hang_s)

    def _each(self) -> list[tuple[str, Instance]]:
        return [(node, group[0]) for node, group in self.profile.instances.items()]

    def _base(self, node: str) -> int:
        return self.profile.instances[node][0].priority

    def _scripts(self, node: str) -> list[Script]:
        known = self.profile.scripts[node]
        return [known[name] for name in self.profile.instances[node][0].scripts if name in known]
