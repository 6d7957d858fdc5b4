"""A timerfd on CLOCK_MONOTONIC, readable at an absolute instant."""

from __future__ import annotations

import ctypes
import os
import sys

_libc = ctypes.CDLL(None, use_errno=True)
CLOCK_MONOTONIC, TFD_NONBLOCK, TFD_TIMER_ABSTIME = 1, os.O_NONBLOCK, 1


class _TimeSpec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _TimerSpec(ctypes.Structure):
    _fields_ = (("interval", _TimeSpec), ("value", _TimeSpec))


class Timer:
    """Set it, and `fileno` becomes readable then; tens of microseconds late, where epoll's own timeout has 1 ms."""

    def __init__(self) -> None:
        self._fd: int = _libc.timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")

    def fileno(self) -> int:
        return self._fd

    def set(self, at_ns: int, every_ns: int = 0) -> None:
        """Arm the timer for an instant on CLOCK_MONOTONIC, and again each `every_ns`; one in the past fires at once."""
        every, at = (_TimeSpec(*divmod(ns, 1_000_000_000)) for ns in (every_ns, max(1, at_ns)))
        spec = _TimerSpec(every, at)
        if _libc.timerfd_settime(self._fd, TFD_TIMER_ABSTIME, ctypes.byref(spec), None) < 0:
            raise OSError(ctypes.get_errno(), "timerfd_settime")

    def clear(self) -> int:
        """Take note that it fired, and return how often since the last time."""
        try:
            return int.from_bytes(os.read(self._fd, 8), sys.byteorder)
        except BlockingIOError:
            return 0
