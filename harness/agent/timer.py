"""A timerfd on CLOCK_MONOTONIC, readable at an absolute instant."""

from __future__ import annotations

import ctypes
import os

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

    def set(self, at_ns: int) -> None:
        """Arm the timer for an instant on CLOCK_MONOTONIC; one in the past fires at once."""
        spec = _TimerSpec(_TimeSpec(0, 0), _TimeSpec(*divmod(max(1, at_ns), 1_000_000_000)))
        if _libc.timerfd_settime(self._fd, TFD_TIMER_ABSTIME, ctypes.byref(spec), None) < 0:
            raise OSError(ctypes.get_errno(), "timerfd_settime")

    def clear(self) -> None:
        """Take note that it fired."""
        try:
            os.read(self._fd, 8)
        except BlockingIOError:
            return
