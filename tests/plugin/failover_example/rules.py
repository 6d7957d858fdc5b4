"""A lint rule: here of a house, which has numbers of its own for its virtual routers."""

from __future__ import annotations

from collections.abc import Iterator

from harness.lint.rule import Problem, Severity, rule
from harness.lint.setup import Setup, place_of

OURS = range(60, 70)


@rule("EX1", "a virtual router's number", "https://network.example.org/virtual-routers")
def numbered(setup: Setup) -> Iterator[Problem]:
    for conf in setup.confs:
        for block, instance in conf.instances:
            if instance.vrid and instance.vrid not in OURS:  # 0 is none at all
                told = f"virtual_router_id {instance.vrid} is none of ours, {OURS[0]} to {OURS[-1]}"
                yield Problem(place_of(block, "virtual_router_id"), Severity.WARNING, told)
