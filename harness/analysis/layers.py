"""The layers of a request apart: whether TCP connected, whatever became of what was asked over it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec

from harness.events import Probe
from harness.history import Event, History


def connects(history: History) -> Iterator[Event[Probe]]:
    """Yield each fresh request as if it had only connected: answered when it was, failed when it was not."""
    for probe in history.of(Probe):
        if probe.data.reused:
            continue
        connected = probe.data.connected_ns
        if connected is None:
            yield probe
            continue
        alone = replace(probe.data, error=None, connected_ns=None, tls_ns=None, done_ns=connected)
        yield msgspec.structs.replace(probe, t_ns=connected, data=alone)
