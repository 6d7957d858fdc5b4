"""Whether the VIP moves when a check fails, and when it comes back: K01–K04, K11, K16, K30."""

from __future__ import annotations

from collections.abc import Iterator

from harness.chain.chain import master_down_s
from harness.chain.failure import Kind
from harness.chain.priority import effective
from harness.chain.rest import at_rest, home
from harness.chain.watch import watches
from harness.lint.rule import Account, Problem, Severity, rule
from harness.lint.setup import Conf, Member, Setup, place_of
from harness.predict.migration import Migration
from harness.predict.predict import predict
from harness.profile.keepalived import Script
from harness.profile.where import Where
from harness.verdict import Symptom

WEIGHTS = "https://github.com/acassen/keepalived/issues/2599"
MANUAL = "https://www.keepalived.org/manpage.html"
VALID_STATES = ("MASTER", "BACKUP")


def good(member: Member) -> int:
    """Return the effective priority with every tracked script passing."""
    return _effective(member, failing="")


def bad(member: Member, script: str) -> int:
    """Return the effective priority with one script failing and the others passing."""
    return _effective(member, script)


def _effective(member: Member, failing: str) -> int:
    """Return the priority, 0 in FAULT."""
    scripts = {name: script for name, (_, script) in member.conf.scripts.items()}
    tracked = ((w.weight, w.reverse, w.name != failing) for w in watches(member.instance, scripts))
    return effective(member.instance.priority, tracked) or 0


@rule("K01", "a failing check is outweighed by the distance of the priorities", WEIGHTS)
def too_light(setup: Setup) -> Iterator[Problem]:
    """A check's weight must be greater than the distance of the priorities: at a tie the master stays.

    A failing check with a negative weight lowers the node by that; one with a positive weight takes a bonus back. The
    others take the VIP only from whoever then advertises less than they do.

    Confirmed: in a lab, weights of -2 and 5 at a distance of 10: haproxy was killed, and the VIP never moved.

    Remedy: the weight that is named, on every node where it is positive.
    """
    for group in setup.groups():
        for member in group:
            others = [m for m in group if m is not member]
            for script in (s for s in member.scripts if s.weight and not s.reverse and not member.conf.stops(s)):
                left = bad(member, script.name)
                stays = [m for m in others if good(m) <= left]
                if stays and good(member) >= max(map(good, others)):
                    outbid = Account(Symptom.VIP_OUTBID, [member.conf.node], setup.notices(member.conf, script))
                    helped = len(member.scripts) > 1 and _moves(setup, member.conf.node)
                    yield from _outweighed(member, script, others, stays, None if helped else outbid)


def _moves(setup: Setup, node: str) -> bool:
    """Say whether the VIP leaves a node whose load balancer dies, or may, by all of its checks together."""
    chain = setup.chain
    if chain is None or node != home(chain) or not chain.profile.balanced:
        return False
    return isinstance(predict(chain, chain.fails(Kind.PROXY_DEAD, node), at_rest(chain)).move, Migration)


def _outweighed(
    member: Member, script: Script, others: list[Member], stays: list[Member], outbid: Account | None
) -> Iterator[Problem]:
    """Yield that a check alone is not enough; `outbid` is None where others fail with it, and together they are."""
    node, left, best = member.conf.node, bad(member, script.name), max(others, key=good)
    apart = member.instance.priority - min(m.instance.priority for m in others)
    # A positive weight is what the others must have more of; a negative one is what this node must lose.
    weight = apart + 1 if script.weight > 0 else -apart - 1
    everywhere = " on every node" if script.weight > 0 else ""
    if len(stays) == len(others):
        severity = Severity.ERROR if outbid else Severity.WARNING
        alone = "" if outbid else " alone"
        told = (
            f"the VIP never leaves {node} when {script.name}{alone} fails: {node} still advertises {left}, and the "
            f"best of the others, {best.conf.node}, has {good(best)}; weight {weight}{everywhere}"
        )
    else:
        severity = Severity.WARNING
        able = " and ".join(m.conf.node for m in others if m not in stays)
        told = (
            f"when {script.name} fails on {node} ({left} left) the VIP can go to {able} only, not to "
            f"{' and '.join(m.conf.node for m in stays)}; weight {weight}{everywhere}"
        )
    own = place_of(member.conf.scripts[script.name][0], "weight")
    for place in [member, *(others if everywhere else [])]:
        if script.name in place.conf.scripts:
            where = place_of(place.conf.scripts[script.name][0], "weight")
            if place is not member and where == own:
                continue  # one file for all nodes
            fix = _replaced(place.conf, where, f"weight {script.weight}", f"weight {weight}")
            here = told if place is member else f"weight {weight} here too, so that {node}'s failure is outweighed"
            yield Problem(where, severity, here, fix, outbid if severity is Severity.ERROR else None)


@rule("K02", "nopreempt keeps the next node from taking over after a failed check", WEIGHTS)
def nopreempt_with_weight(setup: Setup) -> Iterator[Problem]:
    """With `nopreempt` a lower advert still counts as a master's: only silence, or priority 0, moves the VIP.

    So a check with a weight, whose failure lowers a priority, moves nothing to a node with nopreempt. One with weight
    0 has its node in FAULT, which resigns with priority 0.

    Confirmed: in a lab: haproxy was killed, its node advertised less, and the VIP never moved.

    Remedy: leave nopreempt out, or give the check weight 0.
    """
    for group in setup.groups():
        weighted = [s.name for m in group for s in m.scripts if s.weight != 0 and not m.conf.stops(s)]
        for member in group if weighted else ():
            if not member.instance.preempts and member.instance.state != "MASTER":
                told = (
                    f"{member.conf.node} will not take the VIP over when {weighted[0]} fails elsewhere: nopreempt "
                    "accepts the master's lowered priority; remove it, or give the script weight 0"
                )
                alone = [m.conf.node for m in group if m is not member and not _replaced_by(m, group, weighted)]
                left = [node for node in alone if not _moves(setup, node)]
                where = place_of(member.block, "nopreempt")
                severity = Severity.ERROR if left else Severity.WARNING
                yield Problem(where, severity, told, None, Account(Symptom.VIP_OUTBID, left) if left else None)


def _replaced_by(owner: Member, group: list[Member], weighted: list[str]) -> list[Member]:
    """Return who takes over from an owner whose checks fail."""
    left = min((bad(owner, name) for name in weighted), default=0)
    return [m for m in group if m is not owner and m.instance.preempts and good(m) > left]


@rule("K03", "the start state does not mean what it says", MANUAL)
def start_state(setup: Setup) -> Iterator[Problem]:
    """`state` is case sensitive, and does not decide who is master: every keepalived starts as a backup.

    What it does not know it takes for BACKUP, with a complaint. With MASTER it clears nopreempt and preempt_delay.

    Confirmed: in a lab, for its words in the log on `state master`; by keepalived 2.2.7's source for the rest.

    Remedy: `state BACKUP` on every node, and priorities that say who is to have the VIP.
    """
    for member in (m for group in setup.groups() for m in group):
        state, line = member.instance.state, place_of(member.block, "state")
        said = member.block.value("state", state)
        if said not in VALID_STATES and said.upper() in VALID_STATES:
            told = f"state {said} is taken for BACKUP: the value is case sensitive; state {said.upper()}"
            fix = _replaced(member.conf, line, said, said.upper())
            same = said.upper() == "BACKUP"  # what is meant is what holds
            yield Problem(line, Severity.WARNING if same else Severity.ERROR, told, fix)
        for word in ("nopreempt", "preempt_delay"):
            if state == "MASTER" and any(member.block.all(word)):
                told = f"{word} has no effect with state MASTER: keepalived clears it; state BACKUP on every node"
                yield Problem(place_of(member.block, word), Severity.WARNING, told)


@rule("K04", "preempt_delay delays failover too", MANUAL)
def delayed(setup: Setup) -> Iterator[Problem]:
    """`preempt_delay` delays a failover too, not only a return: a lowered priority is accepted until it has run.

    It begins with the first advert that is lower than one's own. An owner that falls silent is not waited for longer.

    Confirmed: by keepalived 2.2.7's source, vrrp.c; the prediction has it.

    Remedy: leave it out; or a check with weight 0, whose node resigns.
    """
    for member in (m for group in setup.groups() for m in group):
        if any(member.block.all("preempt_delay")) and any(s.weight != 0 for s in member.scripts):
            seconds = member.block.value("preempt_delay", "?")
            told = f"a failed check elsewhere moves the VIP here {seconds} s later too, not only a return"
            yield Problem(place_of(member.block, "preempt_delay"), Severity.WARNING, told)


@rule(
    "K11",
    "a returning node takes the VIP before its check has ended",
    "https://github.com/lablabs/ansible-role-rke2/issues/60",
)
def early_return(setup: Setup) -> Iterator[Problem]:
    """Until its first result a weighted check changes nothing: a node's base priority alone decides.

    Checks run at once when keepalived starts, and the first result counts; only then does the master-down time begin to
    matter. A node takes the VIP unasked only where that first run may last longer than it waits for an advert.

    Confirmed: by keepalived 2.2.7's source: vrrp_init_script in vrrp_scheduler.c has each script run at once with one
    success to go, process_script_update_priority in vrrp_track.c takes a first failure's weight off.

    Remedy: a limit for the check (`timeout`, `curl --max-time 1`) below the master-down time; or weight 0, which waits.
    """
    for group in setup.groups():
        for member in group:
            lighter = [m for m in group if m is not member and good(m) < member.instance.priority]
            down_s = master_down_s(member.instance.priority, member.instance)
            for script in member.scripts:
                block, lasts_s = member.conf.scripts[script.name][0], member.conf.lasts_s(script)
                if script.weight != 0 and lighter and member.instance.preempts and lasts_s > down_s:
                    told = (
                        f"{member.conf.node} may take the VIP back before {script.name} has ended, which may take "
                        f"{lasts_s:g} s, and waits {down_s:.3g} s; a shorter limit, or weight 0, which waits"
                    )
                    yield Problem(block.place, Severity.WARNING, told)


@rule("K30", "a node that fails too, and keeps the VIP from one that does not", WEIGHTS)
def outbids_the_last(setup: Setup) -> Iterator[Problem]:
    """Once two nodes fail, one of them may still advertise more than the last that is well.

    The weights are enough for the first failover. Then the second node fails as well, and its lowered priority, or that
    of the first, is not below the third's: the VIP stays with, or goes back to, a node that has nothing to serve with.

    Confirmed: by the chain that predictions are made of; priorities as in K01's lab.

    Remedy: the weight that is named, on that node: more than its distance from the lowest priority.
    """
    for group in setup.groups():
        best = max(group, key=good, default=None)
        for member in (m for m in group if m is not best):
            for script in (s for s in member.scripts if s.weight < 0 and not member.conf.stops(s)):
                left = bad(member, script.name)
                well = [m for m in group if m is not member and m is not best and left >= good(m)]
                if best and well and script.name in {s.name for s in best.scripts} and bad(best, script.name) < left:
                    weight = good(member) - min(map(good, well)) + 1
                    told = (
                        f"when {script.name} fails on {best.conf.node} and on {member.conf.node}, {member.conf.node} "
                        f"still has {left}, and {well[0].conf.node}, which is well, {good(well[0])}; weight -{weight}"
                    )
                    where = place_of(member.conf.scripts[script.name][0], "weight")
                    yield Problem(where, Severity.WARNING, told)


@rule("K16", "two backups take over almost at once", "https://datatracker.ietf.org/doc/html/rfc3768#section-6.1")
def too_close(setup: Setup) -> Iterator[Problem]:
    """Backups with equal priorities take the VIP at once, and the one that gives way may have announced it last.

    A difference of 1 is 3.9 ms of skew in VRRP version 2, less than a busy machine is late. Clients then send to the
    node that has let the VIP go, until the other announces itself again, five seconds on.

    Confirmed: in a lab, `kubeadm`: both were MASTER 3.213 s after the owner's death, and the client sent to the wrong
    one for another second.

    Remedy: priorities at least 2 apart, better 5.
    """
    for group in setup.groups():
        ordered = sorted(group, key=good, reverse=True)
        if len(ordered) > 1 and good(ordered[0]) == good(ordered[1]):
            yield _close(ordered[0], ordered[1], "the same priority: the higher address wins, after both were master")
        elif len(ordered) > 2 and good(ordered[1]) - good(ordered[2]) < 2:
            yield _close(ordered[1], ordered[2], "priorities at most 1 apart, 3.9 ms of skew: both may become master")


def _close(one: Member, other: Member, told: str) -> Problem:
    where = place_of(other.block, "priority")
    return Problem(where, Severity.WARNING, f"{one.conf.node} and {other.conf.node} have {told}")


def _replaced(conf: Conf, where: Where, before: str, after: str) -> str | None:
    """Return a line with one thing in it changed; None where it is not there."""
    old = conf.texts[where.path].splitlines()[where.line - 1]
    return old.replace(before, after) if before in old else None
