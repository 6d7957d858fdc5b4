"""Whether the VIP moves when a check fails, and when it comes back: K01–K04, K11, K16."""

from __future__ import annotations

from collections.abc import Iterator

from harness.chain.priority import effective
from harness.lint.rule import Account, Problem, Severity, rule
from harness.lint.setup import Conf, Member, Setup, place_of
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
    tracked = ((s.weight, s.reverse, s.name != failing) for s in member.scripts)
    return effective(member.instance.priority, tracked) or 0


@rule("K01", "a failing check is outweighed by the distance of the priorities", WEIGHTS)
def too_light(setup: Setup) -> Iterator[Problem]:
    """|weight| must be greater than the priorities' distance, strictly: at a tie the master stays."""
    for group in setup.groups():
        for member in group:
            others = [m for m in group if m is not member]
            for script in (s for s in member.scripts if s.weight != 0 and not setup.stops(s)):
                left = bad(member, script.name)
                stays = [m for m in others if good(m) <= left]
                if stays and good(member) >= max(map(good, others)):
                    outbid = Account(Symptom.VIP_OUTBID, [member.conf.node], setup.notices(script))
                    yield from _outweighed(member, script, others, stays, outbid)


def _outweighed(
    member: Member, script: Script, others: list[Member], stays: list[Member], outbid: Account
) -> Iterator[Problem]:
    node, left, best = member.conf.node, bad(member, script.name), max(others, key=good)
    apart = member.instance.priority - min(m.instance.priority for m in others)
    # A positive weight is what the others must have more of; a negative one is what this node must lose.
    weight = apart + 1 if script.weight > 0 else -apart - 1
    everywhere = " on every node" if script.weight > 0 else ""
    if len(stays) == len(others):
        severity = Severity.ERROR
        told = (
            f"the VIP never leaves {node} when {script.name} fails: {node} still advertises {left}, and the best of "
            f"the others, {best.conf.node}, has {good(best)}; weight {weight}{everywhere}"
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
    """With nopreempt a lower advert still counts as a master's: only silence, or priority 0, moves the VIP."""
    for group in setup.groups():
        weighted = [s.name for m in group for s in m.scripts if s.weight != 0 and not setup.stops(s)]
        for member in group if weighted else ():
            if not member.instance.preempts and member.instance.state != "MASTER":
                told = (
                    f"{member.conf.node} will not take the VIP over when {weighted[0]} fails elsewhere: nopreempt "
                    "accepts the master's lowered priority; remove it, or give the script weight 0"
                )
                left = [m.conf.node for m in group if m is not member and not _replaced_by(m, group, weighted)]
                where = place_of(member.block, "nopreempt")
                severity = Severity.ERROR if left else Severity.WARNING
                yield Problem(where, severity, told, None, Account(Symptom.VIP_OUTBID, left) if left else None)


def _replaced_by(owner: Member, group: list[Member], weighted: list[str]) -> list[Member]:
    """Return who takes over from an owner whose checks fail."""
    left = min((bad(owner, name) for name in weighted), default=0)
    return [m for m in group if m is not owner and m.instance.preempts and good(m) > left]


@rule("K03", "the start state does not mean what it says", MANUAL)
def start_state(setup: Setup) -> Iterator[Problem]:
    """keepalived clears nopreempt and preempt_delay with state MASTER, and takes any other case for BACKUP."""
    for member in (m for group in setup.groups() for m in group):
        state, line = member.instance.state, place_of(member.block, "state")
        said = member.block.value("state", state)
        if said not in VALID_STATES and said.upper() in VALID_STATES:
            told = f"state {said} is taken for BACKUP: the value is case sensitive; state {said.upper()}"
            fix = _replaced(member.conf, line, said, said.upper())
            yield Problem(line, Severity.ERROR, told, fix)
        for word in ("nopreempt", "preempt_delay"):
            if state == "MASTER" and any(member.block.all(word)):
                told = f"{word} has no effect with state MASTER: keepalived clears it; state BACKUP on every node"
                yield Problem(place_of(member.block, word), Severity.WARNING, told)


@rule("K04", "preempt_delay delays failover too", MANUAL)
def delayed(setup: Setup) -> Iterator[Problem]:
    """A lowered priority is accepted until the delay has run."""
    for member in (m for group in setup.groups() for m in group):
        if any(member.block.all("preempt_delay")) and any(s.weight != 0 for s in member.scripts):
            seconds = member.block.value("preempt_delay", "?")
            told = f"a failed check elsewhere moves the VIP here {seconds} s later too, not only a return"
            yield Problem(place_of(member.block, "preempt_delay"), Severity.WARNING, told)


@rule(
    "K11",
    "a returning node takes the VIP before its check has passed",
    "https://github.com/lablabs/ansible-role-rke2/issues/60",
)
def early_return(setup: Setup) -> Iterator[Problem]:
    """Until its first result a weighted script changes nothing: the base priority alone decides."""
    for group in setup.groups():
        for member in group:
            lighter = [m for m in group if m is not member and good(m) < member.instance.priority]
            for script in member.scripts:
                block = member.conf.scripts[script.name][0]
                if script.weight != 0 and lighter and member.instance.preempts:
                    told = f"{member.conf.node} may take the VIP back before {script.name} has passed; weight 0 waits"
                    yield Problem(block.place, Severity.WARNING, told)


@rule("K16", "two backups take over almost at once", "https://datatracker.ietf.org/doc/html/rfc3768#section-6.1")
def too_close(setup: Setup) -> Iterator[Problem]:
    """A priority's difference of 1 is 3.9 ms of skew in VRRP version 2."""
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
