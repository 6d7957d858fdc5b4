"""What clients do to the haproxy that they reach: how many errors a second they make of each of its servers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from math import inf

from harness.chain.numbers import Balancer
from harness.simulate.passage import passage
from harness.simulate.record import Answer, View
from harness.simulate.turns import turns


def met_per_s(balancer: Balancer, view: View, per_s: float) -> Mapping[tuple[int, Answer], float]:
    """Return how many attempts a second meet a node and its answer, where so many connections come."""
    found: dict[tuple[int, Answer], float] = defaultdict(float)
    for turn in turns(balancer, view.up, view.answers) if view.up else ():

        def answer(node: int, _: float, share: float = turn.share) -> Answer:
            found[node, view.answers[node]] += per_s * share
            return view.answers[node]

        passage(balancer, view.up, turn.order, answer, inf)
    return found
