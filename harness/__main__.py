"""Where the command starts: from its first line on, an interrupt ends in one sentence."""

from __future__ import annotations

import os
import signal
import sys

from harness.errors import INTERRUPTS, HarnessError, Interrupted

INTERRUPTED = "harness: interrupted; what was recorded is kept, the lab is removed"


def _leave(number: int, frame: object) -> None:
    """End here and now: an exception may be lost in the middle of an import, and there is nothing to clean up yet."""
    os.write(2, f"{INTERRUPTED}\n".encode())
    os._exit(130)


def _interrupted(number: int, frame: object) -> None:
    raise Interrupted


def main() -> None:
    """Run the command line; every error the harness raises becomes one message and its exit code."""
    for number in INTERRUPTS:
        signal.signal(number, _leave)
    from harness.cli import app  # imported late: it takes long enough to be interrupted

    try:
        for number in INTERRUPTS:  # within: an interrupt may come before the next line
            signal.signal(number, _interrupted)
        app()
    except (OSError, HarnessError) as error:
        from harness import disk
        from harness.cli.base import complain

        complain(str(error) if isinstance(error, HarnessError) else disk.sentence(error))
        sys.exit(error.exit_code if isinstance(error, HarnessError) else 4)
    except Interrupted:
        print(INTERRUPTED, file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
