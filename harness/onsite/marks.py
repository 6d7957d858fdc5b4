"""Moments that somebody marks while a cluster is watched, from another shell or by a key: stamped where it is done."""

from __future__ import annotations

import json
import time
from pathlib import Path

from platformdirs import user_cache_path

from harness import disk
from harness.errors import UsageError
from harness.events import Fact, Mark
from harness.history import Event
from harness.lab import owner
from harness.onsite.target import SELF

FILE = "marks.jsonl"


def _current() -> Path:
    return user_cache_path("failover-harness") / "watching"


def announce(folder: Path, pid: int) -> None:
    """Have `harness watch --mark` find the folder of the watching that has just begun."""
    disk.folder(_current().parent)
    disk.write(_current(), json.dumps({"folder": str(folder.resolve()), "owner": owner.mark(pid)}).encode())


def elsewhere(text: str) -> Path:
    """Mark a moment of the watching that runs, from another process; return its folder, or raise UsageError."""
    try:
        told = json.loads(_current().read_text())
        alive, folder = owner.lives(told["owner"]), Path(told["folder"])
    except (OSError, ValueError, KeyError):
        alive, folder = False, Path()
    if not alive:
        raise UsageError("nothing is being watched: `harness watch https://VIP:6443` in another shell comes first")
    mark(folder, text)
    return folder


def mark(folder: Path, text: str, t_ns: int | None = None) -> None:
    """Mark this moment, or one that has been."""
    line = json.dumps({"t_ns": time.monotonic_ns() if t_ns is None else t_ns, "text": text})
    with disk.told(folder / FILE), (folder / FILE).open("a") as file:
        file.write(line + "\n")


def marked(folder: Path) -> list[Event[Fact]]:
    """Return what was marked by now."""
    try:
        lines = (folder / FILE).read_text().splitlines()
    except FileNotFoundError:
        return []
    told = [json.loads(line) for line in lines]
    return [Event(one["t_ns"], SELF, "marks", number, Mark(text=one["text"])) for number, one in enumerate(told)]
