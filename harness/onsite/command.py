"""A command of the operator's own that breaks something while it is watched: run once, and stamped where it starts."""

from __future__ import annotations

import shlex
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from harness.errors import UsageError
from harness.onsite import marks

LOG = "command.log"
ENDS_S = 2.0


def words_of(command: str) -> list[str]:
    """Return a command's words as a shell parts them, none where there is none; raise UsageError where it could not."""
    try:
        return shlex.split(command)
    except ValueError as error:
        raise UsageError(f"--run {command!r}: {str(error).lower()}") from error


@contextmanager
def run_after(seconds: float, words: Sequence[str], folder: Path) -> Iterator[None]:
    """Run a command so long after the block began, without a shell; end it with the block, if it still runs then.

    What it prints is in `command.log`. The mark is of the moment at which it started, and says how it ended.
    """
    over = threading.Event()
    runs = threading.Thread(target=_run, args=(seconds, words, folder, over), daemon=True)
    runs.start()
    try:
        yield
    finally:
        over.set()
        runs.join()


def _run(seconds: float, words: Sequence[str], folder: Path, over: threading.Event) -> None:
    if over.wait(seconds):
        return
    with (folder / LOG).open("wb") as log:
        started_ns = time.monotonic_ns()
        try:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        except OSError as error:
            marks.mark(folder, f"$ {shlex.join(words)}: {error.strerror}", started_ns)
            return
        while process.poll() is None and not over.wait(0.02):
            pass
        how = f"status {process.returncode}" if process.returncode is not None else "it had not ended"
        lasted_s = (time.monotonic_ns() - started_ns) / 1e9
        if process.returncode is None:
            process.terminate()
            try:
                process.wait(ENDS_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    marks.mark(folder, f"$ {shlex.join(words)} ({lasted_s:.2f} s, {how})", started_ns)
