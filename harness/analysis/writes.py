"""What became of the writes, and whether what was acknowledged was still there at the end."""

from __future__ import annotations

from harness.clock import NS
from harness.events import Readback, Write
from harness.history import History
from harness.verdict import Writes


def writes(history: History) -> Writes | None:
    """Return the writer's account; None where nothing was written, `lost` None where it was not read back."""
    tried = list(history.of(Write))
    if not tried:
        return None
    acknowledged = sum(1 for e in tried if e.data.acknowledged)
    readback = next(history.of(Readback), None)
    lost = readback.data.lost if readback else None
    refused = [(e.data.done_ns - e.data.due_ns) / NS for e in tried if not e.data.acknowledged]
    return Writes(
        acknowledged=acknowledged,
        lost=None if lost is None else len(lost),
        rejected=len(refused),
        slowest_s=round(max(refused), 6) if refused else None,
    )
