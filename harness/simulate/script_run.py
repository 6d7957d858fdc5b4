"""What a node's check script finds when it runs."""

from __future__ import annotations

from functools import cached_property

from harness.chain.health import PROBE_S
from harness.chain.look import Lookup, Question
from harness.chain.numbers import Track
from harness.chain.sight import HasVip, Probe, Refused, Request, Sight, Way, understood
from harness.simulate.met import Met
from harness.simulate.passage import passage
from harness.simulate.record import Answer
from harness.simulate.script import Ended
from harness.simulate.surroundings import Surroundings
from harness.simulate.tried import tried
from harness.simulate.turns import ordered

Seen = tuple[bool | None, float]  # what a look sees, and how long it takes


class Probing:
    """Runs scripts against the world as it is at their start, and as if it stayed so while they run."""

    def __init__(self, around: Surroundings, world: Met) -> None:
        self.around, self.world = around, world

    @cached_property
    def _suspicious(self) -> bool:
        """Say whether runs that nobody can tell the end of fail in this trial where a daemon of their node does."""
        return self.around.random() < 0.5

    def run(self, place: int, track: Track) -> Ended:
        """Return a script's result and how long it takes: as it was tried, where that is not what its text tells."""
        found = tried(self.world, place, track)
        if found is None or found.passes is None or found.meddles:
            return self._read(place, track)
        if understood(track.sight):
            ended = self._read(place, track)
            if (ended.passed, ended.stops) == (found.passes, found.stops):
                return ended
        return Ended(found.passes, self.around.drawn(found.took_s), found.stops)

    def _read(self, place: int, track: Track) -> Ended:
        """Return what a script's text comes to; at its timeout keepalived ends it, which is a failure."""
        ended = self._end(place, track.sight, track.timeout_s)
        return ended if ended.took_s < track.timeout_s else Ended(False, track.timeout_s)

    def _end(self, place: int, seen: Sight, timeout_s: float) -> Ended:
        took_s = 0.0
        while isinstance(seen, Question):
            passed, look_s = self._seen(place, seen.look)
            if passed is None:
                return self._unknown(place, timeout_s)
            took_s += look_s
            seen = seen.yes if passed else seen.no
        if seen.passes is None and not seen.stops:
            return self._unknown(place, timeout_s)
        took_s += sum(self._seen(place, look)[1] for look in seen.again)
        return Ended(bool(seen.passes), took_s + seen.slept_s, seen.stops)

    def _unknown(self, place: int, timeout_s: float) -> Ended:
        if self._suspicious and not self.world.machines[place].sound:
            return Ended(False, self.around.random() * timeout_s)
        return Ended(True, self.around.drawn(self.around.assumed.lookup_s))

    def _seen(self, place: int, look: Probe) -> Seen:
        match look:
            case Lookup(process=process):
                return self.world.machines[place].runs(process), self.around.drawn(self.around.assumed.lookup_s)
            case Refused():
                return False, self.around.drawn(self.around.assumed.lookup_s)
            case HasVip():
                return place in self.world.owners, self.around.drawn(self.around.assumed.lookup_s)
            case Request():
                passed, took_s = self._ask(place, look)
                return passed, 0.0 if look.printed else took_s
        return None, 0.0

    def _ask(self, place: int, request: Request) -> Seen:
        world = self.world
        goal = world.reached if request.on_owner else place
        if goal is None or (request.on_owner and not world.nodes[goal].accepts):
            return False, request.limit_s
        front = world.answers[goal] if request.way is Way.APISERVER else world.front(goal)
        if front is Answer.REFUSES:
            return False, self.around.drawn(self.around.assumed.request_s)
        if front is Answer.DROPS or (front is Answer.HANGS and not request.connects):
            return False, request.limit_s
        usual_s = self.around.drawn(self.around.assumed.request_s)
        balancer = world.nodes[goal].balancer
        if request.connects or (request.way is Way.PROXY and not request.needs):
            return True, usual_s
        if request.way is Way.PROXY:
            enough = len(set(world.machines[goal].up)) >= request.needs > 0
            unknown = request.needs < 0 or request.minds is None
            return (True if enough else None if unknown else not request.minds), usual_s
        if balancer is None or request.way is Way.APISERVER:
            return self._heard(goal, request, usual_s)
        up = world.machines[goal].up
        if not up:
            return False, usual_s
        start = int(self.around.random() * len(up))
        order = ordered(up, start, balancer.retries.most)
        asked = list[int]()

        def answer(node: int, _: float) -> Answer:
            asked.append(node)
            return world.answers[node]

        met, waited_s = passage(balancer, up, order, answer, request.limit_s)
        if met is None:
            return False, min(usual_s + waited_s, request.limit_s)
        passed, took_s = self._heard(asked[-1], request, usual_s)
        return passed, took_s + waited_s

    def _heard(self, place: int, request: Request, usual_s: float) -> Seen:
        answer = self.world.answers[place]
        if answer is Answer.HANGS:
            return False, request.limit_s
        if answer is not Answer.FAILS and not (request.asks_ready and answer.leaderless):
            return True, usual_s
        if not answer.untold:
            return (None if request.minds is None else not request.minds), usual_s
        if self.around.random() >= self.around.assumed.held:
            return True, usual_s
        waits_s, patience_s = self.world.led_in_s(place), min(PROBE_S, request.limit_s)
        if waits_s < patience_s:
            return True, usual_s + waits_s
        passed = patience_s < request.limit_s and request.minds is False
        return (None if request.minds is None else passed), usual_s + patience_s
