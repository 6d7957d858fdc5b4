"""What a check makes of what it sees: K27, K28, K29."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from harness.chain.chain import Chain
from harness.chain.failure import Kind
from harness.chain.look import Asked, looks, verdicts
from harness.chain.rest import at_rest, home
from harness.lint.rule import Account, Problem, Severity, rule
from harness.lint.setup import Conf, Member, Setup, place_of
from harness.predict.lost import Lost, lost
from harness.predict.race import of_others, races
from harness.profile.keepalived import Script
from harness.verdict import Symptom

MANUAL = "https://www.keepalived.org/manpage.html"


@rule("K27", "a check that always says the same", "https://github.com/acassen/keepalived/issues/1420")
def constant(setup: Setup) -> Iterator[Problem]:
    """A check that can never fail moves nothing; one that can never pass has its node always lowered, or in FAULT.

    A script without `#!`, or with a carriage return behind it, is not executed, which keepalived 2.2.7 takes for
    success. One that ends with a command that always succeeds, or looks at nothing, says nothing either, nor does
    `pgrep haproxy` in check_haproxy.sh, which finds that. Always red with weight 0 means FAULT: where that is so
    on every node, none ever has the VIP.

    Confirmed: in labs, a script without `#!`, one with a carriage return there, and one that finds itself: haproxy was
    killed, and the VIP never moved; a script that always fails with weight 0: nobody had the VIP.

    Remedy: the check's exit status must follow from what it asks: `#!/bin/sh`, and `curl -sf` as its last command.
    """
    for group in setup.groups():
        for member in group:
            said = {script.name: _always(member.conf, script) for script in member.scripts}
            for script in member.scripts:
                if (passes := said[script.name]) is not None:
                    # What another check sees moves the VIP all the same.
                    alone = None not in said.values()
                    account = Account(Symptom.VIP_UNNOTICED, [member.conf.node]) if alone else None
                    where = place_of(member.conf.scripts[script.name][0], "script")
                    told = _outcome(script, passes, member, group) + _why(member.conf, script)
                    yield Problem(where, Severity.ERROR, told, None, account)


def _always(conf: Conf, script: Script) -> bool | None:
    """Return the one verdict that every run of a script comes to; None where there are several, or one unknown."""
    found = list(verdicts(conf.reading(script)))
    if any(verdict.stops for verdict in found):
        return None
    ends = {verdict.passes for verdict in found}
    return ends.pop() if len(ends) == 1 else None


def _outcome(script: Script, passes: bool, member: Member, group: list[Member]) -> str:
    node, ever = member.conf.node, "always passes" if passes else "always fails"
    if script.weight == 0 and passes is script.reverse:
        everywhere = all(script.name in {s.name for s in other.scripts if s.weight == 0} for other in group)
        outcome = "no node ever has the VIP" if everywhere and len(group) > 1 else f"{node} never has the VIP"
        return f"{script.name} {ever}, and its weight is 0: {outcome}"
    return f"{script.name} {ever}, whether haproxy lives or not: the VIP never moves for it"


def _why(conf: Conf, script: Script) -> str:
    why = dict.fromkeys(verdict.why for verdict in verdicts(conf.reading(script)) if verdict.why)
    return f" ({'; '.join(why)})" if why else ""


@rule("K28", "a check that takes an error for an answer", "https://github.com/kubernetes/kubeadm/issues/2939")
def mindless(setup: Setup) -> Iterator[Problem]:
    """`curl` without `--fail` succeeds with any answer: 403, 500 and 503 pass as 200 does.

    So it sees a process that is gone or hangs, and none that says it cannot serve: an apiserver without etcd, one that
    is starting, a load balancer without backends in mode http.

    Confirmed: by curl's manual, `--fail`; to who says nothing of itself an apiserver answers 403 on `/`, always.

    Remedy: `curl -sf`, and a path that means something: /livez?exclude=etcd of the node's own apiserver, or haproxy's
    monitor-uri.
    """
    for conf in setup.confs:
        for block, script in conf.scripts.values():
            asked = [look for look in looks(conf.reading(script)) if isinstance(look, Asked) and look.path]
            # One whose status a script compares is there twice: whether it is answered, and with what.
            minded = [replace(look, minds=False) for look in asked if look.minds]
            if heedless := [look for look in asked if look.minds is False and look not in minded]:
                shut = next(
                    (f", of /livez: {look.path} is answered 403" for look in heedless if look.open is False), ""
                )
                told = f"{script.name} asks without --fail: 403, 500 and 503 pass as 200 does; curl -sf{shut}"
                yield Problem(place_of(block, "script"), Severity.WARNING, told)


@rule("K29", "a check that races with an eviction", "https://github.com/openshift/machine-config-operator/pull/3158")
def racing(setup: Setup) -> Iterator[Problem]:
    """Until haproxy has a dead backend out, a check that goes through haproxy may be given to it, and fail.

    `fall` such runs in a row, and the VIP leaves an owner that is well, because another node has died. The same while
    etcd elects, for a check that needs a leader. How often is the prediction's figure, from 4,000 races that it plays.

    Confirmed: in a lab, `fall 2`: a bystander's crash moved the VIP in one trial of one, and in one of three; `fall 3`
    is practically never, by the prediction.

    Remedy: a greater `fall`, a faster eviction, `option redispatch`, or a check that asks haproxy alone.
    """
    chain = setup.chain
    if chain is None:
        return
    owner, found = home(chain), dict[str, Lost]()
    for kind in (Kind.NODE_CRASH, Kind.APISERVER_DEAD, Kind.ETCD_DEAD):
        for node in (n for n in chain.masters if n != owner):
            for name, one in _lost(chain, kind, node):
                if name not in found or (one.chance or 0.0) > (found[name].chance or 0.0):
                    found[name] = one
    for name, one in found.items():
        script = chain.profile.scripts[owner][name]
        told = f"the VIP may leave {owner} though it is well: {one.told}; a greater fall, or a faster eviction"
        yield Problem(script.at("fall"), Severity.WARNING, told)


def _lost(chain: Chain, kind: Kind, node: str) -> Iterator[tuple[str, Lost]]:
    """Yield each race that the owner's checks may lose often enough to matter once something fails on a node."""
    failure, standing = chain.fails(kind, node), at_rest(chain)
    for race in races(chain, failure, standing, home(chain)):
        won = lost(chain, race, failure, standing, of_others(chain, failure, standing))
        if won and not won.seldom:
            yield race.script.name, won
