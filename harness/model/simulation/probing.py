"""What a node's check script finds when it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.chain import Track
from harness.model.probes import Lookup, Request, Way
from harness.model.simulation.passage import passage
from harness.model.simulation.record import Answer

if TYPE_CHECKING:
    from harness.model.simulation.world import World


class Probing:
    """Runs scripts against the world as it is at their start, and as if it stayed so while they run."""

    def __init__(self, world: World) -> None:
        self.world = world

    def run(self, place: int, track: Track) -> tuple[bool, float]:
        """Return a script's result and how long it takes; at its timeout keepalived ends it, which is a failure."""
        ok, took_s = True, 0.0
        for probe in track.probes:
            passed, probe_s = self._look(place, probe) if isinstance(probe, Lookup) else self._ask(place, probe)
            took_s += probe_s
            if not passed:
                ok = False
                break
        return (ok, took_s) if took_s < track.timeout_s else (False, track.timeout_s)

    def _look(self, place: int, lookup: Lookup) -> tuple[bool, float]:
        exists = self.world.machines[place].runs(lookup.process)
        return exists, self.world.drawn(self.world.assumed.lookup_s)

    def _ask(self, place: int, request: Request) -> tuple[bool, float]:
        world = self.world
        goal: int | None = place
        if request.way is Way.VIP:
            goal = world.reached
        if goal is None:
            return False, request.limit_s
        front = world.answers[goal] if request.way is Way.APISERVER else world.front(goal)
        if front is Answer.REFUSES:
            return False, world.drawn(world.assumed.request_s)
        if front is Answer.DROPS or (front is Answer.HANGS and not request.connects):
            return False, request.limit_s
        usual_s = world.drawn(world.assumed.request_s)
        balancer = world.nodes[goal].balancer
        if request.connects:
            return True, usual_s
        if balancer is None or request.way is Way.APISERVER:
            return self._heard(world.answers[goal], request, usual_s)
        up = world.machines[goal].up
        if not up:
            return False, usual_s
        start = int(world.random() * len(up))
        met, waited_s = passage(balancer, up, start, lambda node, _: world.answers[node], request.limit_s)
        if met is None:
            return False, request.limit_s
        ok, took_s = self._heard(met, request, usual_s)
        return ok, took_s + waited_s

    def _heard(self, answer: Answer, request: Request, usual_s: float) -> tuple[bool, float]:
        if answer is Answer.HANGS:
            return False, request.limit_s
        wrong = request.asks_ready and answer in (Answer.ERRS, Answer.WAITS)
        waited_s = self.world.assumed.etcd_patience_s if wrong and answer is Answer.WAITS else 0.0
        return not (wrong and request.minds), usual_s + waited_s
