"""Write docs/corpus.md: what is predicted of published control planes, and what lint finds in them."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from harness.chain.chain import Chain
from harness.chain.failure import Kind
from harness.lint.examine import examine
from harness.lint.reading import of_profile
from harness.lint.rule import Severity, named
from harness.predict.migration import Migration
from harness.predict.predict import predict
from harness.predict.prediction import Prediction
from harness.predict.walk import at_rest
from harness.profile.folder import Profile
from tests.corpus.setup import Setup, setups, written

DOCUMENT = Path(__file__).parents[1] / "docs" / "corpus.md"
ENDS = ("moves", "goes to and fro", "depends", "never moves", "moves, and nobody answers")
HEAD = """\
# What published set-ups would do

{count} control planes that people have published (notes, scripts, roles, guides), written anew from their settings
(`tests/corpus/`), and what is predicted of each: without a lab, from the files, as `harness predict` does. Where a
publication says nothing of haproxy, it is taken to be haproxy's plainest (`check`, a minute's timeouts). *Depends* is
where a script was not understood. `python -m bench.corpus` writes this page.

| what dies on the VIP's owner | {ends} |
|---|{lines}|
| haproxy; without one, the apiserver | {front} |
| the whole node | {node} |

Of {count} {wrong} have an error by lint's rules. By rule, how many have it:

| rule | what it is about | set-ups |
|---|---|---|
"""


def told(found: Prediction) -> str:
    """Return what becomes of the VIP, in a word or two."""
    dark = found.measures["blackout_s"]
    if found.depends:
        return "depends"
    if not isinstance(found.move, Migration):
        return "never moves"
    if dark.bounds is None:
        return "moves, and nobody answers"
    return "goes to and fro" if dark.open else "moves"


def outcomes(profile: Profile) -> tuple[str, str]:
    """Return what is predicted of its owner's proxy's death, and of the owner's own."""
    chain = Chain(profile)
    front = Kind.PROXY_DEAD if profile.balanced else Kind.APISERVER_DEAD
    both = (predict(chain, chain.fails(kind, chain.home), at_rest(chain)) for kind in (front, Kind.NODE_CRASH))
    one, other = (told(found) for found in both)
    return one, other


def errors(profile: Profile) -> set[str]:
    """Return the rules by which lint has an error."""
    return {one.code for one in examine(of_profile(profile)) if one.severity is Severity.ERROR}


def document() -> str:
    """Return docs/corpus.md."""
    with tempfile.TemporaryDirectory() as folder:
        found: list[tuple[Setup, tuple[str, str], set[str]]] = []
        for setup in setups():
            profile = written(setup, Path(folder))
            found.append((setup, outcomes(profile), errors(profile)))
    count = len(found)
    fronts, nodes = (Counter(ends[place] for _, ends, _ in found) for place in (0, 1))
    by_rule = Counter(code for _, _, codes in found for code in codes)
    text = HEAD.format(
        count=count,
        ends=" | ".join(ENDS),
        lines="|".join("---" for _ in ENDS),
        front=" | ".join(str(fronts[end]) for end in ENDS),
        node=" | ".join(str(nodes[end]) for end in ENDS),
        wrong=sum(bool(codes) for _, _, codes in found),
    )
    rows = [f"| {code} | {named(code).title} | {many} |" for code, many in sorted(by_rule.items())]
    each = [
        f"| {setup.name} | {ends[0]} | {ends[1]} | {', '.join(sorted(codes)) or '–'} |" for setup, ends, codes in found
    ]
    heads = ["", "| set-up | haproxy dies | the node dies | errors |", "|---|---|---|---|"]
    return text + "\n".join([*rows, *heads, *each, ""])


if __name__ == "__main__":
    DOCUMENT.write_text(document())
