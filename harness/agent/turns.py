"""When this process gets a processor: a high priority and short turns, or turns that the kernel promises."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import struct

from harness.agent.emit import Emitter
from harness.events import AgentPriority

SLICE_NS = 100_000  # the least that the kernel grants
_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
_NORMAL, _DEADLINE = 0, 6


def prioritise(emitter: Emitter, nice: int = -15) -> None:
    """Raise this process' priority and shorten its turns where that is allowed, and write down what it got.

    Who asks for short turns may interrupt a longer one (EEVDF, Linux 6.12 on).
    """
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, nice)
    got = os.getpriority(os.PRIO_PROCESS, 0)
    shortened = _set(_NORMAL, got, SLICE_NS, 0, 0)
    emitter.emit(AgentPriority(nice=got, slice_ns=SLICE_NS if shortened else None, promised_ns=None))


def promised(emitter: Emitter, share: float, period_ns: int) -> None:
    """Have the kernel promise a share of each period, before all else that runs; high priority where it does not.

    SCHED_DEADLINE, sched(7): it needs CAP_SYS_NICE, and no processor set of one's own. Who uses more waits for the
    next period.
    """
    runtime_ns = round(share * period_ns)
    if _set(_DEADLINE, 0, runtime_ns, period_ns, period_ns):
        emitter.emit(AgentPriority(nice=None, slice_ns=None, promised_ns=runtime_ns))
    else:
        prioritise(emitter, -20)


def hurried(pid: int) -> None:
    """Give every thread of another process the highest priority: a killed one needs turns to let go of what it has."""
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            os.setpriority(os.PRIO_PROCESS, int(thread), -20)


def _set(policy: int, nice: int, runtime_ns: int, deadline_ns: int, period_ns: int) -> bool:
    """Call sched_setattr(2); say whether the kernel agreed."""
    number = _SCHED_SETATTR.get(platform.machine())
    if number is None:
        return False
    wish = struct.pack("IIQiIQQQ", 48, policy, 0, nice, 0, runtime_ns, deadline_ns, period_ns)
    return bool(ctypes.CDLL(None).syscall(number, 0, wish, 0) == 0)
