"""What keepalived would hear of a tracked process from the kernel, written into the file that it tracks in its place.

The kernel's process connector answers in the first network namespace alone, so no keepalived in a container hears it.
What counts, and after which delay, is as in track_process.c of keepalived 2.2.7.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NS = 1_000_000_000


class Tracked:
    """One vrrp_track_process, as the lab tells of it: `when_lost` and `when_stands` are files that then hold 1, else 0.

    `due_ns` is when its state counts that does not count yet.
    """

    def __init__(self, about: Mapping[str, Any]) -> None:
        self._words: list[str] = about["words"]
        self._whole_command, self._match = bool(about["whole_command"]), str(about["match"])
        self._least, self._most = int(about["least"]), about["most"]
        self._delays_ns = {False: round(about["lost_s"] * NS), True: round(about["found_s"] * NS)}
        self._files = {True: about["when_stands"], False: about["when_lost"]}
        self._known: dict[int, bool] = {}
        self._stands: bool | None = None
        self._told: bool | None = None
        self.due_ns: int | None = None

    def count(self, living: Mapping[int, str], now_ns: int) -> None:
        """Take note of the processes that live now, by pid and name, and write what has come to count."""
        self._known = {pid: self._known.get(pid) or self._counts(pid, name) for pid, name in living.items()}
        number = sum(self._known.values())
        stands = number >= self._least and (self._most is None or number <= self._most)
        if stands is not self._stands:
            at_once = self._stands is None
            self._stands = stands
            self.due_ns = now_ns if at_once else now_ns + self._delays_ns[stands]
        if self.due_ns is not None and now_ns >= self.due_ns:
            self.due_ns = None
            if self._told is not stands:
                self._tell(stands)

    def _counts(self, pid: int, name: str) -> bool:
        if not self._whole_command:
            return name == self._words[0]
        try:
            first, *rest = Path(f"/proc/{pid}/cmdline").read_bytes().removesuffix(b"\0").split(b"\0")
        except OSError:  # it has ended
            return False
        named, *wanted = (word.encode() for word in self._words)
        if first != named:
            return False
        match self._match:
            case "exact":
                return rest == wanted
            case "partial":
                return rest[: len(wanted)] == wanted
            case "initial":
                return b"\0".join(rest).startswith(b"\0".join(wanted))
        return True

    def _tell(self, stands: bool) -> None:
        """Write the files anew; keepalived reads each as it is closed."""
        self._told = stands
        for when, path in self._files.items():
            if path:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
                os.write(handle, b"1\n" if stands is when else b"0\n")
                os.close(handle)
