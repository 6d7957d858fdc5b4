"""Where the command starts: from its first line on, an interrupt ends in one sentence."""

from __future__ import annotations

import signal
import sys

from harness.errors import HarnessError, Interrupted


def _interrupted(number: int, frame: object) -> None:
    raise Interrupted


def main() -> None:
    """Run the command line; every error the harness raises becomes one message and its exit code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupted)
    try:
        from harness.cli import app  # imported late: it takes long enough to be interrupted

        app()
    except OSError as error:  # no disk, no permission, an engine that went away: docker's errors are OSErrors too
        print(f"harness: {error}", file=sys.stderr)
        sys.exit(4)
    except HarnessError as error:
        print(f"harness: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except Interrupted:
        print("harness: interrupted; what was recorded is kept, the lab is removed", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
