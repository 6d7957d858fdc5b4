"""What scripts did where they were tried, and what nobody need try: K20."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.chain import table
from harness.chain.chain import Chain
from harness.chain.look import Verdict, looks
from harness.chain.notify import notified
from harness.chain.script import operators
from harness.chain.sight import Refused, of_script
from harness.lint.rule import Account, Problem, Severity, rule
from harness.lint.setup import Setup, place_of
from harness.profile.keepalived import Block, Script
from harness.profile.keepalived.words import split_escaped
from harness.profile.tried import Row, State, Tried
from harness.profile.where import Where
from harness.verdict import Symptom

LINK = "https://github.com/acassen/keepalived/issues/1420"


@rule("K20", "a script that does not do what it looks like", LINK)
def tried(setup: Setup) -> Iterator[Problem]:
    """What a script does decides whether the VIP moves, not what its author meant.

    A check that passes whether what it is for lives or not, that fails where all is well, or that does both by turns
    keeps the VIP where it is, or lets nobody have it; one that starts what is dead hides what it is to tell.

    Confirmed: by running the script, as keepalived runs it, on a lab's machine, in every state of the chain; that is
    what `harness profile check` does. Without it only what is certain is said, each by trial: keepalived runs no
    shell, who may not signal a process is told that there is none, and an apiserver answers 403 to who says nothing of
    itself and asks for more than all may read, as `/` or /livez/ping, or by `curl -I`.

    Remedy: run the script by hand as keepalived does (its user, `env -i`, no shell) with haproxy stopped, look at `$?`,
    and have it fail then, and only then.
    """
    yield from _unshelled(setup)
    if setup.profile is None:
        return
    chain = Chain(setup.profile)
    for node in chain.nodes:
        known = {script.name: (place_of(block, "script"), script) for block, script in _scripts(setup, node)}
        tracked = [(known[s.name][0], s) for s in chain.scripts(node) if s.name in known]
        for where, script in tracked:
            yield from _unsignalled(chain, node, where, script)
            if row := table.row(setup.profile, node, script):
                yield from _wrong(node, where, script, row)
            elif why := _hopeless(setup, chain, node, script):
                yield Problem(where, Severity.ERROR, f"{script.name} fails whatever happens: {why}")
        yield from _blind(chain, node, tracked)
        yield from _notified(setup, node)


def _scripts(setup: Setup, node: str) -> Iterator[tuple[Block, Script]]:
    return (known for conf in setup.confs if conf.node == node for known in conf.scripts.values())


def _unshelled(setup: Setup) -> Iterator[Problem]:
    for conf in setup.confs:
        for block, script in conf.scripts.values():
            words = split_escaped(script.command) or []
            if given := list(dict.fromkeys(operators(words))):
                told = (
                    f"keepalived runs no shell: {words[0]} gets {' and '.join(f'`{one}`' for one in given)} as an "
                    "argument; put the line into a script with #!/bin/sh, or behind /bin/sh -c"
                )
                yield Problem(place_of(block, "script"), Severity.ERROR, told)


def _hopeless(setup: Setup, chain: Chain, node: str, script: Script) -> str:
    """Return why a script fails whatever happens, if that is by whom it asks, and not by its own words alone."""
    seen = of_script(chain.profile, node, script)
    own = [conf.reading(script) for conf in setup.confs if conf.node == node]
    if not isinstance(seen, Verdict) or seen.passes is not False or any(isinstance(one, Verdict) for one in own):
        return ""
    return seen.why


def _unsignalled(chain: Chain, node: str, where: Where, script: Script) -> Iterator[Problem]:
    for one in (look for look in looks(of_script(chain.profile, node, script)) if isinstance(look, Refused)):
        told = (
            f"{script.name} runs as {one.user}, who may not signal {one.process}: it fails whatever happens; look with "
            "pgrep or pidof, or ask over HTTP"
        )
        yield Problem(where, Severity.ERROR, told, None, Account(Symptom.VIP_UNNOTICED, [node], [one.process]))


def _wrong(node: str, where: Where, script: Script, row: Row) -> Iterator[Problem]:
    """Yield what a script did where all is well."""
    well = [one for one in row.trials if one.state is State.WELL and not one.why]
    alike = len({one.passes for one in well}) == 1
    for one in well[:1] if alike else well:
        where_not = "" if alike else f" and the node {'has' if one.owns else 'has not'} the VIP"
        if one.passes is None:
            told = f"{script.name} {one.how} although all is well{where_not} (tried){_said(one)}"
            yield Problem(where, Severity.ERROR, told)
        elif not one.passes:
            told = f"{script.name} fails although all is well{where_not} (tried: {one.how}{_said(one)})"
            yield Problem(where, Severity.ERROR, told, None, Account(Symptom.VIP_UNNOTICED, [node]))
    for one in row.trials:
        if one.state is State.PROXY_DEAD and one.started and not one.stopped:
            told = f"{script.name} starts {' and '.join(one.started)} itself where it is dead (tried)"
            yield Problem(where, Severity.WARNING, f"{told}: it hides what it is to tell")
            return


def _blind(chain: Chain, node: str, tracked: Sequence[tuple[Where, Script]]) -> Iterator[Problem]:
    """Say that none of a node's scripts minds that what answers on the VIP is dead."""
    front, state = chain.profile.front, State.PROXY_DEAD if chain.profile.balanced else State.DEAD
    rows = [table.row(chain.profile, node, script) for _, script in tracked]
    if not all(row and _passes(row.at(State.WELL, True)) and _passes(row.at(state, True)) for row in rows):
        return
    for (where, script), row in zip(tracked, rows, strict=True):
        dead = row.at(state, True) if row else None
        how = dead.how if dead else ""
        told = f"{script.name} passes whether {front} lives or not (tried: {how} with {front} dead)"
        yield Problem(where, Severity.ERROR, told, None, Account(Symptom.VIP_UNNOTICED, [node], [front]))


def _passes(one: Tried | None) -> bool:
    return one is not None and not one.why and one.passes is True and not one.stops and not one.meddles


def _notified(setup: Setup, node: str) -> Iterator[Problem]:
    """Yield what notify scripts did to the daemons."""
    assert setup.profile is not None
    for one in notified(setup.profile, node):
        row = table.of_notify(setup.profile, node, one)
        stopped = sorted({name for trial in (row.trials if row else ()) for name in trial.stopped})
        if stopped:
            told = f"as {one.state} it stops or restarts {' and '.join(stopped)} (tried)"
            yield Problem(one.where, Severity.WARNING, f"{told}: what checks look at changes with the VIP's owner")


def _said(one: Tried) -> str:
    return f"; it says: {one.said.splitlines()[-1][:120]}" if one.said else ""
