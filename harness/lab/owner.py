"""Which process a thing belongs to, told so that no later process of the same pid is taken for it."""

from __future__ import annotations

from pathlib import Path


def started(pid: int) -> str | None:
    """Return a process' start time in clock ticks since boot; None where it is dead, if not yet buried."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return None
    return None if told[0] in "ZX" else told[19]


def mark(pid: int) -> str:
    """Return `pid:start time`."""
    return f"{pid}:{started(pid)}"


def lives(marked: str) -> bool:
    """Say whether the process that `marked` names still runs."""
    pid, _, start = marked.strip().partition(":")
    return pid.isdigit() and started(int(pid)) == start
