"""Every error the harness raises on purpose: one sentence, the remedy in it, and the exit code it ends with."""

import signal

INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # by which the user, or the system, wants a stop


class HarnessError(Exception):
    """The harness itself could not do its work."""

    exit_code = 4


class Interrupted(BaseException):
    """The user wants to stop; like KeyboardInterrupt no `except Exception` may swallow it."""


class UsageError(HarnessError):
    """What the user asked for cannot be done as asked."""

    exit_code = 2


class ProfileError(UsageError):
    """A configuration under test is broken; the message names file and line."""


class EngineError(HarnessError):
    """No container engine answers, or it refused a call."""


class DiskError(HarnessError):
    """A file or folder cannot be written."""


class ImageError(HarnessError):
    """An image could not be made."""


class LabError(HarnessError):
    """A lab could not be built, or did not reach what it needs for a trial."""


class UnsteadyError(LabError):
    """A lab did not become steady; `certain` says of something that no slow machine brings about."""

    def __init__(self, cause: str, certain: bool = False) -> None:
        super().__init__(cause)
        self.cause, self.certain = cause, certain


class FaultError(HarnessError):
    """A fault did not take effect, or its healing did not."""


class HistoryError(HarnessError):
    """A stored history cannot be read."""
