"""For how long somebody on this machine had something to do and no processor to do it on."""

from __future__ import annotations

from pathlib import Path


def stalled_us() -> int | None:
    """Return the microseconds since the kernel started (its `some` of PSI); None where no kernel tells."""
    try:
        return int(Path("/proc/pressure/cpu").read_text().split("total=")[1].split()[0])
    except (OSError, IndexError, ValueError):
        return None
