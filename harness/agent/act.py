"""A deed done and stamped inside a node: `python3 -m harness.agent.act MODULE.DEED PARAMETERS ABOUT`, both JSON.

Prints the stamps and what was done; where the effect cannot be proven it says so on stderr and exits 1. A plugin's
module is put beside this package before, alone.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from dataclasses import replace
from typing import Any, Literal

from harness.agent.deeds.deed import Deed, Done, Unproven
from harness.agent.emit import Emitter, facts
from harness.agent.pressure import stalled_us
from harness.agent.turns import prioritise
from harness.events import FaultEdge


def main() -> None:
    """Do one deed and report it."""
    name, parameters, about = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
    emitter = Emitter(facts()["node"], f"act-{os.getpid()}-{time.monotonic_ns()}")
    prioritise(emitter, -20)  # a deed is as wide as its stamps are apart
    try:
        deed = named(name, parameters)
    except (ImportError, AttributeError, SyntaxError) as error:
        has = "Python {}.{}, harness.agent and harness.events".format(*sys.version_info)
        print(f"a machine has {has}, no more: {error}", file=sys.stderr)
        sys.exit(1)
    try:
        done = _stalled(deed)
    except (Unproven, OSError) as error:
        print(f"{name} {' '.join(map(str, parameters.values()))}: {error}", file=sys.stderr)
        sys.exit(1)
    report(emitter, done, about)
    print(json.dumps({"begin_ns": done.begin_ns, "end_ns": done.end_ns, "did": vars(done.did)}))


def named(name: str, parameters: dict[str, Any]) -> Deed:
    """Return a deed by its module and class, `harness.agent.deeds.process.Signal`, with its parameters."""
    module, _, deed = name.rpartition(".")
    made: Deed = getattr(importlib.import_module(module), deed)(**parameters)
    return made


def _stalled(deed: Deed) -> Done:
    """Do it, and add for how long somebody waited for a processor meanwhile."""
    before_us = stalled_us() or 0
    done = deed.do()
    waited_ms = ((stalled_us() or 0) - before_us) / 1e3
    stalled_ms = round(min(waited_ms, (done.end_ns - done.begin_ns) / 1e6), 3)
    return done._replace(did=replace(done.did, stalled_ms=stalled_ms))


def report(emitter: Emitter, done: Done, about: dict[str, Any]) -> None:
    """Write down both edges of a deed, or the one that `about` names, where others are another deed's."""
    only = about.pop("edge", None)
    edges: tuple[tuple[Literal["begin", "end"], int], ...] = (("begin", done.begin_ns), ("end", done.end_ns))
    for edge, stamp in edges:
        if only in (None, edge):
            emitter.emit(FaultEdge(**about, node=emitter.node, edge=edge, detail=done.did), stamp)


if __name__ == "__main__":
    main()
