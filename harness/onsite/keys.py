"""The key that marks a moment: stamped as it is pressed, in a terminal."""

from __future__ import annotations

import os
import select
import sys
import termios
import threading
import tty
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from harness.onsite import marks

KEY, TEXT = b"m", "the key"


@contextmanager
def marking(folder: Path) -> Iterator[bool]:
    """Have `m` mark a moment for as long as the block lasts; say whether there is a terminal to press it in."""
    if not sys.stdin.isatty():
        yield False
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    ends, end = os.pipe()
    with ExitStack() as stack:
        stack.callback(os.close, ends)
        stack.callback(termios.tcsetattr, terminal, termios.TCSADRAIN, before)
        tty.setcbreak(terminal, termios.TCSADRAIN)
        listens = threading.Thread(target=_listen, args=(terminal, ends, folder), daemon=True)
        listens.start()
        stack.callback(listens.join)
        stack.callback(os.close, end)
        yield True


def _listen(terminal: int, ends: int, folder: Path) -> None:
    while True:
        ready, _, _ = select.select([terminal, ends], [], [])
        if ends in ready:
            return
        if KEY in os.read(terminal, 64):
            marks.mark(folder, TEXT)
