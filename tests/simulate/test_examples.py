"""Recorded campaigns beside the simulation of the same scenario on the same files."""

from pathlib import Path

import pytest

from harness import assets, catalogue, store
from harness.analysis.measure import measure
from harness.clock import greatest, least, unended
from harness.profile.record import restored
from harness.simulate.measures import NEVER, Key
from harness.simulate.simulate import played

TRIALS = list(store.trials(assets.ROOT / "examples"))


def lies_in(measured, ordered):
    """Say whether a measure's bounds meet the range of a simulated one, or it never came there either."""
    if unended(measured):
        return ordered[-1] == NEVER
    return least(measured) <= ordered[-1] and ordered[0] <= greatest(measured)


@pytest.mark.parametrize("folder", TRIALS, ids=lambda folder: folder.parent.name)
def test_what_was_measured_lies_within_what_is_simulated(folder: Path):
    spec, history = store.load_trial(folder)
    measured = measure(history, spec.backends)
    found = played(catalogue.find(spec.scenario.name), restored(spec.profile), 500, seed=1)
    assert len(measured.faults) == len(found.faults)
    compared = 0
    for index, fault in enumerate(measured.faults):
        assert fault.node in found.struck[index]
        assert fault.new_owner is None or fault.new_owner in found.moved[index]
        for name in ("vip_migration_s", "detection_s", "blackout_s", "no_master_s"):
            if getattr(fault, name) is not None:
                ordered = sorted(found.values[Key(index, name)])
                assert lies_in(getattr(fault, name), ordered), (index, name, ordered[0], ordered[-1])
                compared += 1
    for row in measured.evictions:
        ordered = sorted(found.values[Key(row.fault, "eviction_s", row.haproxy, row.backend)])
        assert lies_in(row.eviction_s, ordered), (row.haproxy, row.backend, ordered[0], ordered[-1])
        compared += 1
    assert compared >= 3


def test_there_are_examples():
    assert {folder.parent.name for folder in TRIALS} == {"kill-haproxy", "kill-two-masters"}
