"""The track scripts: whether they run, what they see, and how soon: K07–K10, K12, K15, K17."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Set
from dataclasses import replace
from math import inf

from harness.chain.chain import Chain
from harness.chain.failure import Kind
from harness.chain.group import watched
from harness.chain.health import needs_etcd
from harness.chain.look import Asked, Look, Lookup, Tree, Verdict, looks
from harness.chain.outcome import unclear as open_question
from harness.chain.rest import owned
from harness.lint.rule import Account, Problem, Severity, rule
from harness.lint.setup import Conf, Setup, place_of
from harness.profile.keepalived import Block, Script
from harness.profile.machines import APISERVER_PORT
from harness.profile.where import Where
from harness.verdict import Symptom

MANUAL = "https://www.keepalived.org/manpage.html"
# Programs of the system; whether they are there only the node itself can tell.
SYSTEM = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/")
SLOW_S = 10.0


@rule("K07", "a check that keepalived will not run", MANUAL)
def not_run(setup: Setup) -> Iterator[Problem]:
    """keepalived drops a check that it cannot run, starts all the same, and tracks nothing.

    A name in `track_script` that no `vrrp_script` has, a program that is not there or not executable, a word that it
    does not know: each is a line in its log, and the VIP then stays on a node whose haproxy is dead.

    Confirmed: in a lab, for a name that is not known and a program that is not there: the VIP never moved.

    Remedy: the name or the path as it is; `chmod +x`; `script_user` in `global_defs`.
    """
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
            for problem in _program(setup, conf, script, place_of(block, "script")):
                blind = replace(unnoticed, processes=setup.notices(conf, script))
                yield replace(problem, accounts_for=blind if problem.severity is Severity.ERROR else None)
        globals_ = [child.words[0] for block in conf.root.all("global_defs") for child in block.children]
        if (
            conf.scripts
            and not {"script_user", "enable_script_security"} & set(globals_)
            and not any(any(b.all("user")) for b, _ in conf.scripts.values())
        ):
            told = "no script_user: scripts run as keepalived_script if the node has that user, else as root"
            yield Problem(next(iter(conf.scripts.values()))[0].place, Severity.WARNING, told)


def _program(setup: Setup, conf: Conf, script: Script, where: Where) -> Iterator[Problem]:
    words = script.command.split()
    if not words:
        yield Problem(where, Severity.ERROR, f"{script.name} has no script to run")
        return
    path = words[0]
    if not path.startswith("/"):
        told = f"{script.name} calls {path} without its path: by which PATH keepalived finds it no file here tells"
        yield Problem(where, Severity.WARNING, told)
    elif path in conf.programs:
        if not conf.programs[path].executable:
            told = f"{path} is not executable here, so keepalived will not track {script.name}; chmod +x"
            yield Problem(where, Severity.ERROR, told)
    elif setup.whole and not path.startswith(SYSTEM):
        told = f"{path} is not in this folder: where the node has none either, keepalived disables {script.name}"
        yield Problem(where, Severity.WARNING, told)


@rule("K08", "a check that sees only that a process exists", "https://github.com/acassen/keepalived/issues/1420")
def sees_names(setup: Setup) -> Iterator[Problem]:
    """A process that hangs, is stopped or does not listen has a name like any other.

    `killall -0`, `pidof` and `pgrep` see that it exists. A haproxy that accepts nothing keeps the VIP for ever.

    Confirmed: by hand: `pgrep` succeeds for a process that SIGSTOP has stopped.

    Remedy: ask the load balancer something over HTTP, as its own `monitor-uri`; or `track_process`, which is no wiser
    but instant.
    """
    ports = {port for proxy in setup.proxies for port in proxy.ports}
    for conf, block, script in _each(setup):
        tree = conf.reading(script)
        names = " and ".join(look.process for look in looks(tree) if isinstance(look, Lookup))
        if not names or not _satisfied(tree, ports, listens=True):
            continue
        told = f"{script.name} sees that {names} exists and that its port is open, not that it answers: one that hangs"
        if _satisfied(tree, ports, listens=False):
            told = f"{script.name} sees that {names} exists, not that it serves: one that hangs or does not listen"
        remedy = "ask it over HTTP, or use track_process, which is at least instant"
        yield Problem(place_of(block, "script"), Severity.WARNING, f"{told} keeps the VIP; {remedy}")


def _satisfied(tree: Tree[Look], ports: Set[int], listens: bool) -> bool | None:
    """Say whether a run passes where all is well but a load balancer: that answers nothing, and maybe does not listen.

    It serves on `ports`; on any, where none is known.
    """
    if isinstance(tree, Verdict):
        return tree.passes
    look = tree.look
    of_proxy = isinstance(look, Asked) and (look.port in ports or not ports)
    well = not of_proxy or (isinstance(look, Asked) and look.connects and listens)
    return _satisfied(tree.yes if well else tree.no, ports, listens)


@rule("K09", "a check of what all nodes share", "https://github.com/openshift/machine-config-operator/pull/3339")
def shared(setup: Setup) -> Iterator[Problem]:
    """What fails everywhere at once moves nothing; with weight 0 it takes the VIP from all.

    A request through the load balancer is answered by any apiserver: it passes while one of them lives, and without
    a quorum it fails on every node. Then each lowers its priority by the same; in FAULT nobody is left. What haproxy
    answers for itself (`monitor-uri`, a statistics page) is its own, and fails with it alone.

    Confirmed: by keepalived 2.2.7's source, vrrp_track.c; the prediction has it.

    Remedy: ask haproxy itself, or the node's own apiserver for /livez?exclude=etcd; /livez alone needs a quorum.
    """
    behind = {server.port for proxy in setup.proxies for server in proxy.servers} or {APISERVER_PORT}
    for conf, block, script in _each(setup):
        seen = list(looks(conf.reading(script)))
        asked = [look for look in seen if isinstance(look, Asked) and look.path]
        if through := [look for look in asked if setup.through(look)]:
            told = f"{script.name} asks through the load balancer: it passes while any backend answers"
            if len(through) < len(seen) or setup.unknown(conf, script):
                told = f"{script.name} asks through the load balancer, too: that part passes while any backend answers"
            outcome = ", and takes the VIP from every node when none does" if script.weight == 0 else ""
            yield Problem(place_of(block, "script"), Severity.WARNING, told + outcome)
        elif script.weight == 0 and (look := next((a for a in asked if a.port in behind and needs_etcd(a.path)), None)):
            told = f"{script.name} has weight 0 and asks {look.path}, which is red everywhere without a quorum"
            yield Problem(place_of(block, "weight"), Severity.WARNING, f"{told}: then no node has the VIP")


@rule("K10", "a check without a time limit of its own", "https://github.com/acassen/keepalived/issues/535")
def unlimited(setup: Setup) -> Iterator[Problem]:
    """A request that hangs is ended by keepalived's `timeout`, which is the interval unless it is written.

    That counts as a failure, so that nothing is lost but time. A limit in the script that is above keepalived's is
    never reached: whatever was to come after it in the script never comes.

    Confirmed: in a lab, a script that slept for 10 s was ended after its interval of 2, by SIGTERM.

    Remedy: `curl --max-time 1`, or `timeout 1 curl`, below `timeout`.
    """
    for conf, block, script in _each(setup):
        limits = [look.limit_s for look in looks(conf.reading(script)) if isinstance(look, Asked) and look.path]
        where, written = place_of(block, "timeout"), any(block.all("timeout"))
        if inf in limits and not written:
            told = f"{script.name} may hang for {script.interval_s:g} s: no limit of its own, and no `timeout`"
            yield Problem(where, Severity.WARNING, told)
        elif limits and script.timeout_s < min(limits) < inf:
            told = f"{script.name}'s own limit, {min(limits):g} s, is above keepalived's, {script.timeout_s:g} s"
            yield Problem(where, Severity.WARNING, told)


@rule("K12", "nothing is tracked", MANUAL)
def untracked(setup: Setup) -> Iterator[Problem]:
    """Without a check that is tracked only the node's own death moves the VIP.

    A `vrrp_script` that no instance tracks never runs. What an instance of the same sync group tracks with weight 0
    counts for all of the group.

    Confirmed: in a lab: haproxy was killed, and the VIP never moved.

    Remedy: `track_script` with a check of the load balancer, in the instance or its sync group.
    """
    for conf in setup.confs:
        known = {name: script for name, (_, script) in conf.scripts.items()}
        lost = {name for name, script in known.items() if script.removed}
        for block, instance in conf.instances:
            beside = [other for _, other in conf.instances if other is not instance]
            named = {child.words[0] for group in block.all("track_script") for child in group.children}
            if named & lost:
                continue  # K22 says so
            balances = not setup.proxies and any(conf.root.all("virtual_server"))  # whose death is keepalived's
            if not balances and not any(instance.tracked.kinds) and not watched([instance, *beside], known):
                told = f"{instance.name} tracks nothing: the VIP stays on a node whose haproxy is dead"
                yield Problem(block.place, Severity.ERROR, told, None, Account(Symptom.VIP_UNNOTICED, [conf.node]))
        used = {name for _, instance in conf.instances for name in instance.scripts}
        for block, script in conf.scripts.values():
            if script.name not in used | lost:
                told = f"no vrrp_instance tracks {script.name}: it never runs for anything"
                if used & conf.scripts.keys():  # what another sees moves the VIP all the same
                    yield Problem(block.place, Severity.WARNING, told)
                else:
                    blind = Account(Symptom.VIP_UNNOTICED, [conf.node], setup.notices(conf, script))
                    yield Problem(block.place, Severity.ERROR, told, None, blind)


@rule("K15", "a slow check", MANUAL)
def slow(setup: Setup) -> Iterator[Problem]:
    """A failure is noticed after up to `fall` times `interval`, and that is before anything moves.

    Confirmed: in a lab, `kubeadm`: with `interval 3` and `fall 10` the VIP moved 31.58 s after haproxy's death.

    Remedy: `interval 2` and `fall 2`: two failures in a row bear a single bad one.
    """
    for _, block, script in _each(setup):
        worst = script.fall * script.interval_s
        if worst > SLOW_S:
            told = (
                f"{script.name} takes up to {worst:g} s to fail: interval {script.interval_s:g} s × fall {script.fall}"
            )
            yield Problem(place_of(block, "fall"), Severity.INFO, told)


@rule("K17", "a check that is not understood", MANUAL)
def unclear(setup: Setup) -> Iterator[Problem]:
    """What a check sees decides whether the VIP moves; where that is not known nothing is claimed.

    A loop, a program in another language, a command that nobody here knows, a port that is in none of the files: a way
    through the script that meets one of these may end either way, and predictions that hang on it show both.

    Confirmed: the reason is named; with it nothing else is claimed.

    Remedy: files that are missing put beside the others; or a plainer check.
    """
    front = setup.profile.front if setup.profile else "haproxy"
    for conf in setup.confs:
        for block, script in conf.tracked:
            if (why := setup.unknown(conf, script)) and not setup.tried(script):
                left = "whether it fails when {} is dead is not known, and so not whether the VIP then moves"
                if setup.chain and conf.node in setup.chain.nodes and _says(setup.chain, conf.node, script):
                    left = "what it says when {} is dead is known, but not what in every other state"
                told = f"{script.name} is not understood ({why}): {left.format(front)}"
                yield Problem(place_of(block, "script"), Severity.WARNING, told)


def _says(chain: Chain, node: str, script: Script) -> bool:
    """Say whether it is known how a check ends on a node that has the VIP and whose proxy is dead."""
    standing = owned(chain, node).after(chain.fails(Kind.PROXY_DEAD, node), node)
    return any(one.name == script.name and not open_question(chain, node, one, standing) for one in chain.watches(node))


def _each(setup: Setup) -> Iterator[tuple[Conf, Block, Script]]:
    return ((conf, block, script) for conf in setup.confs for block, script in conf.tracked)
