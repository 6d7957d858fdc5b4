"""Where a script did something else than its text tells."""

from __future__ import annotations

from harness.chain import table
from harness.chain.chain import Chain
from harness.chain.failure import Kind, Standing
from harness.chain.outcome import read, run
from harness.chain.rest import at_rest
from harness.chain.watch import Watch
from harness.profile.tried import State, Tried

_KINDS = {state: kind for kind, state in table.OWN.items()}


def differing(chain: Chain, node: str, watch: Watch) -> list[Tried]:
    """Return the trials in which a script did what its text does not tell; both may leave it open."""
    found = []
    row = table.row(chain.profile, node, watch.script) if watch.script else None
    for tried in row.trials if row else ():
        standing = brought_about(chain, node, tried)
        if standing is None or tried.why:
            continue
        run = read(chain, node, watch, standing)
        if (run.passes, run.stops) != (tried.passes, tried.stops):
            found.append(tried)
    return found


def told(chain: Chain, node: str, watch: Watch) -> str:
    """Return where what is known of a script comes from, and what is not known of it at rest; "" where it is none."""
    source = _source(chain, node, watch)
    if not source or run(chain, node, watch, at_rest(chain)).passes is not None:
        return source
    return f"{source}; whether it passes while all is well is not known, and it is taken to"


def _source(chain: Chain, node: str, watch: Watch) -> str:
    profile, name, script = chain.profile, watch.name, watch.script
    if script is None:
        return ""
    stored = profile.tried
    if stored and table.row(profile, node, script):
        states = dict.fromkeys(one.state.value for one in differing(chain, node, watch))
        otherwise = f"; its text does not tell what it did: {', '.join(states)}" if states else ", as its text tells"
        return f"{name} was tried on {stored.on}{otherwise}"
    if stored and (lacking := next((r.why for r in stored.rows if r.command == script.command and r.why), "")):
        return f"{name} could not be tried ({lacking}): what is said of it was read from its text"
    read = "what is said of it was read from its text; `harness profile check` tries it"
    if stored:
        return f"{name} has changed since it was tried: {read} anew"
    return f"{name} was not tried: {read}"


def brought_about(chain: Chain, node: str, tried: Tried) -> Standing | None:
    """Return how things stood in a trial; None where the chain has no word for that."""
    mates = [one for one in chain.nodes if one != node]
    others = [one for one in chain.masters if one != node]
    if not tried.owns and not mates:
        return None
    standing = Standing(node if tried.owns else mates[0], tuple(chain.machines))
    match tried.state:
        case State.WELL:
            broken = []
        case State.OTHER_PROXY_DEAD:
            broken = [(Kind.PROXY_DEAD, mates[0])]
        case State.OTHER_EVICTED:
            broken = [(Kind.APISERVER_DEAD, others[0])]
        case State.ALL_DEAD:
            broken = [(Kind.APISERVER_DEAD, one) for one in chain.masters]
        case State.NO_QUORUM:
            broken = [(Kind.ETCD_DEAD, one) for one in others[: len(chain.masters) // 2 + 1]]
        case _ if tried.state in _KINDS:
            broken = [(_KINDS[tried.state], node)]
        case _:
            return None
    for kind, one in broken:
        standing = standing.after(chain.fails(kind, one), standing.owner)
    return standing
