"""Which process a thing belongs to, told so that no later process of the same pid is taken for it."""

from __future__ import annotations

from pathlib import Path


def started(pid: int) -> str | None:
    """Return a process' start time in clock ticks since boot; None where there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        return None


def mark(pid: int) -> str:
    """Return `pid:start time`."""
    return f"{pid}:{started(pid)}"


def lives(marked: str) -> bool:
    """Say whether the process that `marked` names still runs."""
    pid, _, start = marked.strip().partition(":")
    return pid.isdigit() and started(int(pid)) == start
