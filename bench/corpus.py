"""Write docs/corpus.md anew: what lint and predict say of the public set-ups that tests/corpus holds."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from harness.chain.chain import Chain
from harness.chain.failure import Kind
from harness.chain.rest import at_rest, home
from harness.errors import ProfileError
from harness.lint.examine import Objection, examine
from harness.lint.reading import read
from harness.lint.rule import Severity, named
from harness.predict.predict import predict
from harness.predict.prediction import Prediction
from harness.profile.folder import load
from tests.corpus import writer

DOCUMENT = Path(__file__).parents[1] / "docs" / "corpus.md"
HEAD = """\
# What public set-ups do

@all@ set-ups of Kubernetes control planes with keepalived, as people have published them: roles, scripts, courses,
notes. They were found by searching an index of public repositories for words of such files, and by the names that
they usually have, not drawn at random: they say what is written about, not what runs. What is kept of each is its
settings, written out anew (`tests/corpus`); where a template leaves a value open a usual one was taken, and is named
below as *assumed*. `python -m bench.corpus` writes this page; a test holds it against the code.

## What happens to clients

By prediction (`harness predict`, keepalived 2.2.7 and haproxy 2.6, check scripts by their text), not by a lab. Of
@whole@ set-ups enough is known; in brackets, the @sure@ of them in which nothing was assumed. *Not until repaired*:
the VIP stays with, or goes to, a node that serves nobody, or a dead server goes on getting its share of the clients.
*Depends*: on a script or a program that nobody here has, or whose text is not understood. The haproxy and the node
are the VIP's owner's; the apiserver is its, too, or the first master's where load balancers are machines of their own.
Where a proxy and an apiserver want one port of one machine (H10, `one-port-twice`) both are taken to run.

| | haproxy dies | the node dies | the apiserver dies |
|---|---|---|---|
@outcomes@

## What lint finds

Set-ups, of all, with an error by the rule. Each was found true by hand, against `keepalived -t` and `haproxy -c` where
these tell (`tests/corpus/reviewed.toml`); H10 holds unless a sysctl that was not read lets haproxy bind an address that
a node does not have.
Of @open@ a block is never closed, which keepalived complains of, and reads on.

| rule | about | set-ups |
|---|---|---|
@rules@

## The set-ups

Empty columns at the end: too little of it is known to say what clients see.

| set-up | from | remarks | errors | haproxy dies | the node dies | the apiserver dies |
|---|---|---|---|---|---|---|
@setups@
"""
FAILURES = (Kind.PROXY_DEAD, Kind.NODE_CRASH, Kind.APISERVER_DEAD)
SERVED, NEVER, DEPENDS = "served again", "not until repaired", "depends"
NONE, REFUSED, UNREAD = "no load balancer", "haproxy does not start", "not read"
OUTCOMES = (SERVED, NEVER, DEPENDS, NONE, REFUSED, UNREAD)


def errors(home: Path) -> list[Objection]:
    """Return the errors in a set-up."""
    return [f for f in examine(read([home])) if f.severity is Severity.ERROR]


def outcomes(folder: Path, one: writer.Setup) -> tuple[str, ...]:
    """Return what becomes of each failure of the VIP's owner, or of a master where it is none."""
    try:
        _addressed(folder, one)
        chain = Chain(load(folder))
    except ProfileError as error:
        return (REFUSED if "refuses it" in str(error) else UNREAD,) * len(FAILURES)
    found = []
    for kind in FAILURES:
        node = chain.masters[0] if kind.of_master and home(chain) not in chain.masters else home(chain)
        if kind is Kind.PROXY_DEAD and not chain.profile.balanced:
            found.append(NONE)
        else:
            found.append(_outcome(predict(chain, chain.fails(kind, node), at_rest(chain))))
    return tuple(found)


def _outcome(found: Prediction) -> str:
    """Return whether clients are served again before anybody repairs what has failed."""
    dark = found.measures["blackout_s"]
    if dark.bounds is None:
        return DEPENDS if dark.depends and dark.otherwise != "never" else NEVER
    if dark.depends:
        return DEPENDS
    kept = found.failure.kind.of_master and any(row["eviction_s"].bounds is None for row in found.evictions.values())
    return NEVER if kept else SERVED


def _addressed(home: Path, one: writer.Setup) -> None:
    """Say what an operator would be asked for: which node has which address."""
    first, prefix = writer.FIRST[one.machines], "m" if one.machines == "stacked" else "lb"
    nodes = {f"{prefix}{n + 1}": first + n for n in range(len(one.nodes))}
    nodes |= {f"m{n + 1}": 11 + n for n in range(one.proxy.masters if one.proxy else 0)}
    lines = "".join(f'{name} = "{writer.NET}.{last}"\n' for name, last in nodes.items())
    (home / "profile.toml").write_text(f"[nodes]\n{lines}")


def document() -> str:
    """Return the page: counts first, then every set-up."""
    rules: Counter[str] = Counter()
    told: dict[str, tuple[str, ...]] = {}
    rows, whole = [], 0
    for one in writer.setups():
        with tempfile.TemporaryDirectory() as folder:
            home = writer.write(one, Path(folder))
            codes = sorted({f.code for f in errors(home)})
            rules.update(codes)
            if not one.partial:
                whole += 1
                told[one.name] = outcomes(home, one)
        outcome = " | ".join(told.get(one.name, ("", "", "")))
        notes = "; ".join(filter(None, [one.about, one.partial, one.assumed and f"assumed: {one.assumed}"]))
        rows.append(f"| {one.name} | {one.origin} | {notes} | {' '.join(codes)} | {outcome} |\n")
    counts = [Counter(row[n] for row in told.values()) for n in range(len(FAILURES))]
    assumed = {one.name for one in writer.setups() if one.assumed}
    sure = [Counter(row[n] for name, row in told.items() if name not in assumed) for n in range(len(FAILURES))]
    table = "".join(
        f"| {outcome} | {' | '.join(f'{c[outcome]} ({s[outcome]})' for c, s in zip(counts, sure, strict=True))} |\n"
        for outcome in OUTCOMES
        if any(count[outcome] for count in counts)
    )
    by_rule = "".join(f"| {code} | {named(code).title} | {n} |\n" for code, n in rules.most_common())
    figures = {"open": str(sum(not one.closed for one in writer.setups()))}
    figures |= {"all": str(len(rows)), "whole": str(whole), "sure": str(len(told.keys() - assumed))}
    parts = {"outcomes": table, "rules": by_rule, "setups": "".join(rows)}
    text = HEAD
    for name, part in (figures | parts).items():
        text = text.replace(f"@{name}@", part.rstrip("\n"))
    return text


if __name__ == "__main__":
    DOCUMENT.write_text(document())
