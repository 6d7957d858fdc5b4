"""keepalived's state changes, as it writes them into its notify FIFO."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

_LINE = re.compile(rb'INSTANCE "(?P<name>[^"]*)" (?P<state>[A-Z_]+) (?P<priority>\d+)')


class Fifo:
    """The FIFO at `path`, made where it is missing; opened for writing too, so that it never ends."""

    def __init__(self, path: str) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):  # keepalived makes it where it comes first
            os.mkfifo(path, 0o600)
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self._rest = b""

    def fileno(self) -> int:
        return self._fd

    def read(self) -> Iterator[tuple[str, str, int]]:
        """Yield (instance, state, priority) for each whole line that has come."""
        try:
            data = os.read(self._fd, 1 << 16)
        except BlockingIOError:
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if match := _LINE.match(line):
                yield match["name"].decode(), match["state"].decode(), int(match["priority"])
