"""What a script did where it was tried, in the state that the chain is in: asked before its text is.

A script's trial counts as long as nothing has changed that it depends on: its command, user and timeout, every file of
its node but keepalived.conf, and where the machines are. `VERSION` rises with what a lab's machines and states are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from harness.chain.failure import MUTE, Kind, Standing
from harness.chain.notify import LIMIT_S, Notify
from harness.chain.user import runs_as
from harness.profile.files import KEEPALIVED
from harness.profile.folder import Profile
from harness.profile.keepalived import Script
from harness.profile.tried import Row, State, Tried

VERSION = 1
OWN = {
    Kind.PROXY_DEAD: State.PROXY_DEAD,
    Kind.PROXY_HUNG: State.PROXY_HUNG,
    Kind.APISERVER_DEAD: State.DEAD,
    Kind.APISERVER_HUNG: State.HUNG,
    Kind.APISERVER_ERRORS: State.ERRORS,
}


def row(profile: Profile, node: str, script: Script) -> Row | None:
    """Return what is stored of a script of a node as it is now; None where it was not tried, or nothing came of it."""
    if profile.tried is None:
        return None
    found = profile.tried.row(key(profile, node, script.command, runs_as(profile, node, script), script.timeout_s))
    return None if found is None or found.why else found


def of_notify(profile: Profile, node: str, one: Notify) -> Row | None:
    """Return what is stored of a notify script as it is now."""
    found = profile.tried.row(key(profile, node, one.command, one.user, LIMIT_S)) if profile.tried else None
    return None if found is None or found.why else found


def key(profile: Profile, node: str, command: str, user: Collection[str], timeout_s: float) -> str:
    """Return a hash of all that a script's trial depends on."""
    facts = profile.facts
    files = tuple((f.path, f.mode, f.text) for f in profile.files[node] if f.path != KEEPALIVED)
    where = tuple((name, str(at), tuple(facts.roles[name])) for name, at in facts.nodes.items())
    own = (facts.interfaces.get(node, ""), tuple(facts.roles.get(node, ())))
    about = (str(facts.vip), facts.port, facts.apiserver_port, *own)
    return _hash((VERSION, command, tuple(user), timeout_s, files, where, about))


@lru_cache(1000)
def _hash(of: tuple[object, ...]) -> str:
    return hashlib.sha256(json.dumps(of).encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Around:
    """How the chain is as a node's script finds it.

    `own` is the state that the node's own daemons make, None where that was not tried; `out` are the masters whose
    apiserver is gone, `mute` the nodes whose proxy is; `other` says that something else is broken.
    """

    own: State | None
    out: frozenset[str] = frozenset()
    mute: frozenset[str] = frozenset()
    quorum: bool = True
    other: bool = False

    def state(self, masters: Collection[str], evicted: bool = True) -> State | None:
        """Return the state that this is; None where it is none of those that are tried."""
        if self.other or self.own is None:
            return None
        if not self.quorum:
            return State.NO_QUORUM if self.own is State.WELL and not self.out and not self.mute else None
        if self.out and self.out == set(masters):
            return State.ALL_DEAD if self.own in (State.WELL, State.DEAD) and not self.mute else None
        if self.own is not State.WELL:
            return None if self.mute or self.out - self.own_out else self.own
        if self.mute:
            return State.OTHER_PROXY_DEAD if not self.out else None
        if self.out:
            return State.OTHER_EVICTED if evicted else State.OTHER_DEAD
        return State.WELL

    @property
    def own_out(self) -> frozenset[str]:
        """Return the node itself where its apiserver is the one that is gone; else nobody."""
        return self.out if self.own is State.DEAD and len(self.out) == 1 else frozenset()


def tried(profile: Profile, node: str, script: Script, standing: Standing, evicted: bool = True) -> Tried | None:
    """Return how a script went as things stand; None where that was not tried."""
    found = row(profile, node, script) if profile.tried else None
    if found is None or standing.owner not in standing.alive:
        return None
    state = around(profile, node, standing).state(profile.facts.masters, evicted)
    one = found.at(state, standing.owner == node) if state else None
    return None if one is None or one.why else one


def around(profile: Profile, node: str, standing: Standing) -> Around:
    """Return how things stand as a node's script finds them."""
    own = [kind for kind in standing.ails(node) if kind not in MUTE]
    out, mute, other = set[str](), set[str](), len(own) > 1
    for one in profile.facts.nodes:
        for kind in standing.ails(one):
            if kind.silences or kind is Kind.APISERVER_DEAD:
                out |= {one} & set(profile.facts.masters)
            elif kind is Kind.PROXY_DEAD and one != node:
                mute.add(one)
            elif kind not in MUTE and kind is not Kind.ETCD_DEAD and one != node:
                other = True
    etcd = any(Kind.ETCD_DEAD in standing.ails(one) for one in profile.facts.nodes)
    quorum = standing.quorum(profile.facts.masters)
    state = OWN.get(own[0]) if own else State.WELL
    return Around(state, frozenset(out), frozenset(mute), quorum, other or (etcd and quorum))
