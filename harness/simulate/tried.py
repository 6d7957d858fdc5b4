"""How a script went that was tried, in the state that a simulated chain is in."""

from __future__ import annotations

from harness.chain.numbers import Track
from harness.chain.table import Around
from harness.profile.tried import State, Tried
from harness.simulate.met import Met
from harness.simulate.record import Answer

_OWN = {Answer.REFUSES: State.DEAD, Answer.HANGS: State.HUNG, Answer.FAILS: State.ERRORS}
_FRONT = {Answer.REFUSES: State.PROXY_DEAD, Answer.HANGS: State.PROXY_HUNG}


def tried(world: Met, place: int, track: Track) -> Tried | None:
    """Return how a script of a node went; None where it was not tried as things are, or a proxy is not settled yet."""
    if track.tried is None or len(world.owners) != 1 or not _settled(world, place):
        return None
    masters = {str(p) for p, machine in enumerate(world.machines) if machine.master}
    state = _around(world, place).state(masters)
    found = track.tried.at(state, place in world.owners) if state else None
    return None if found is None or found.why else found


def _settled(world: Met, place: int) -> bool:
    """Say whether a node's proxy sends to nobody who does not serve."""
    up = world.machines[place].up if world.nodes[place].balancer else ()
    return all(world.answers[one] is Answer.SERVES for one in up)


def _around(world: Met, place: int) -> Around:
    masters = {p for p, machine in enumerate(world.machines) if machine.master}
    fronts = {p: world.front(p) for p, node in enumerate(world.nodes) if node.balancer}
    answers = {p: world.answers[p] for p in masters}
    own = (_FRONT.get(fronts.get(place, Answer.SERVES)), _OWN.get(answers.get(place, Answer.SERVES)))
    ails = [state for state in own if state]
    out = {p for p, answer in answers.items() if answer in (Answer.REFUSES, Answer.DROPS)}
    quorum = not all(answer.leaderless for answer in answers.values())
    other = len(ails) > 1
    other |= any(front is Answer.HANGS for p, front in fronts.items() if p != place)
    other |= any(answer in (Answer.HANGS, Answer.FAILS) for p, answer in answers.items() if p != place)
    other |= quorum and any(answer.leaderless for answer in answers.values())
    mute = {str(p) for p, front in fronts.items() if p != place and front is Answer.REFUSES}
    state = ails[0] if ails else State.WELL
    return Around(state, frozenset(map(str, out)), frozenset(mute), quorum, other)
