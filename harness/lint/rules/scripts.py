"""The track scripts: whether they run, what they see, and how soon: K07–K10, K12, K15, K17."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import replace
from math import inf

from harness.chain.group import tracked
from harness.chain.look import Asked, Lookup, looks, verdicts
from harness.lint.rule import Account, Problem, Severity, rule
from harness.lint.setup import Setup, place_of
from harness.profile.keepalived import Block, Script
from harness.profile.where import Where
from harness.verdict import Symptom

MANUAL = "https://www.keepalived.org/manpage.html"
# Programs of the system; whether they are there only the node itself can tell.
SYSTEM = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/")
SLOW_S = 10.0


@rule("K07", "a check that keepalived will not run", MANUAL)
def not_run(setup: Setup) -> Iterator[Problem]:
    """keepalived starts all the same, and tracks nothing."""
    for conf in setup.confs:
        unnoticed = Account(Symptom.VIP_UNNOTICED, [conf.node])
        for block, _ in conf.instances:
            for child in (c for group in block.all("track_script") for c in group.children):
                if child.words[0] not in conf.scripts:
                    near = difflib.get_close_matches(child.words[0], conf.scripts, 1)
                    hint = f"; did you mean {near[0]}?" if near else ""
                    told = f"track_script names {child.words[0]}, which no vrrp_script defines: keepalived ignores it"
                    yield Problem(child.place, Severity.ERROR, told + hint, None, unnoticed)
        for block, script in conf.scripts.values():
            for problem in _program(setup, script, place_of(block, "script")):
                blind = replace(unnoticed, processes=setup.notices(script))
                yield replace(problem, accounts_for=blind if problem.severity is Severity.ERROR else None)
        globals_ = [child.words[0] for block in conf.root.all("global_defs") for child in block.children]
        if (
            conf.scripts
            and not {"script_user", "enable_script_security"} & set(globals_)
            and not any(any(b.all("user")) for b, _ in conf.scripts.values())
        ):
            told = "no script_user: scripts run as keepalived_script if the node has that user, else as root"
            yield Problem(next(iter(conf.scripts.values()))[0].place, Severity.WARNING, told)


def _program(setup: Setup, script: Script, where: Where) -> Iterator[Problem]:
    words = script.command.split()
    if not words:
        yield Problem(where, Severity.ERROR, f"{script.name} has no script to run")
        return
    path = words[0]
    if not path.startswith("/"):
        told = f"{script.name} calls {path} without its path: keepalived looks in no PATH that you know"
        yield Problem(where, Severity.WARNING, told)
    elif path in setup.programs:
        if not setup.programs[path].mode & 0o100:
            told = f"{path} is not executable, so keepalived will not track {script.name}; chmod +x"
            yield Problem(where, Severity.ERROR, told)
    elif setup.whole and not path.startswith(SYSTEM):
        told = f"{path} is not in this folder: keepalived disables {script.name} where it finds no such file"
        yield Problem(where, Severity.ERROR, told)


@rule("K08", "a check that sees only that a process exists", "https://github.com/acassen/keepalived/issues/1420")
def sees_names(setup: Setup) -> Iterator[Problem]:
    """A hung, stopped or deaf process has a name like any other."""
    for block, script in _each(setup):
        seen = looks(setup.reading(script))
        if names := [look.process for look in seen if isinstance(look, Lookup)]:
            told = (
                f"{script.name} sees that {' and '.join(names)} exists, not that it serves: one that hangs or does "
                "not listen keeps the VIP; ask it over HTTP, or use track_process, which is at least instant"
            )
            yield Problem(place_of(block, "script"), Severity.WARNING, told)


@rule("K09", "a check of what all nodes share", "https://github.com/openshift/machine-config-operator/pull/3339")
def shared(setup: Setup) -> Iterator[Problem]:
    """What fails everywhere at once moves nothing; with weight 0 it takes the VIP from all."""
    fronts = {port for proxy in setup.proxies for port in proxy.ports}
    for block, script in _each(setup):
        asked = [look for look in looks(setup.reading(script)) if isinstance(look, Asked) and look.path]
        for look in asked[:1]:
            if look.port in fronts:
                told = f"{script.name} asks through the load balancer: it passes while any backend answers"
                outcome = ", and takes the VIP from every node when none does" if script.weight == 0 else ""
                yield Problem(place_of(block, "script"), Severity.WARNING, told + outcome)
            elif script.weight == 0 and look.path.startswith(("/readyz", "/healthz")):
                told = f"{script.name} has weight 0 and asks {look.path}, which is red everywhere without a quorum"
                where = place_of(block, "weight")
                yield Problem(where, Severity.WARNING, f"{told}: then no node has the VIP")


@rule("K10", "a check without a time limit of its own", "https://github.com/acassen/keepalived/issues/535")
def unlimited(setup: Setup) -> Iterator[Problem]:
    """A request that hangs is ended by keepalived's timeout, which is the interval unless set."""
    for block, script in _each(setup):
        limits = [look.limit_s for look in looks(setup.reading(script)) if isinstance(look, Asked) and look.path]
        where = place_of(block, "timeout")
        if inf in limits and not any(block.all("timeout")):
            told = f"{script.name} may hang for {script.interval_s:g} s: no limit of its own, and no `timeout`"
            yield Problem(where, Severity.WARNING, told)
        elif limits and script.timeout_s <= min(limits) < inf:
            told = f"{script.name}'s own limit, {min(limits):g} s, is not below keepalived's, {script.timeout_s:g} s"
            yield Problem(where, Severity.WARNING, told)


@rule("K12", "nothing is tracked", MANUAL)
def untracked(setup: Setup) -> Iterator[Problem]:
    """Without a tracked check only the node's own death moves the VIP."""
    for conf in setup.confs:
        lost = {name for name, (_, script) in conf.scripts.items() if script.removed}
        for block, instance in conf.instances:
            beside = [other for _, other in conf.instances if other is not instance]
            named = {child.words[0] for group in block.all("track_script") for child in group.children}
            if named & lost:
                continue  # K22 says so
            if not any(instance.tracked.kinds) and not tracked([instance, *beside]):
                told = f"{instance.name} tracks nothing: the VIP stays on a node whose haproxy is dead"
                yield Problem(block.place, Severity.ERROR, told, None, Account(Symptom.VIP_UNNOTICED, [conf.node]))
        used = {name for _, instance in conf.instances for name in instance.scripts}
        for block, script in conf.scripts.values():
            if script.name not in used | lost:
                told = f"no vrrp_instance tracks {script.name}: it never runs for anything"
                blind = Account(Symptom.VIP_UNNOTICED, [conf.node], setup.notices(script))
                yield Problem(block.place, Severity.ERROR, told, None, blind)


@rule("K15", "a slow check", MANUAL)
def slow(setup: Setup) -> Iterator[Problem]:
    """Detection takes up to interval + (fall - 1) × interval."""
    for block, script in _each(setup):
        worst = script.fall * script.interval_s
        if worst > SLOW_S:
            told = (
                f"{script.name} takes up to {worst:g} s to fail: interval {script.interval_s:g} s × fall {script.fall}"
            )
            yield Problem(place_of(block, "fall"), Severity.INFO, told)


@rule("K17", "a check that is not understood", MANUAL)
def unclear(setup: Setup) -> Iterator[Problem]:
    """What it sees decides whether the VIP moves; where that is not known, nothing is claimed."""
    for block, script in _each(setup):
        unknown = [verdict.why for verdict in verdicts(setup.reading(script)) if verdict.passes is None]
        if unknown:
            told = (
                f"{script.name} is not understood ({'; '.join(dict.fromkeys(unknown))}): whether it fails when haproxy "
                "is dead is not known, and so not whether the VIP then moves"
            )
            yield Problem(place_of(block, "script"), Severity.WARNING, told)


def _each(setup: Setup) -> Iterator[tuple[Block, Script]]:
    return (known for conf in setup.confs for known in conf.scripts.values())
