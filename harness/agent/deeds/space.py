"""Deeds done to the room that etcd has: its quota's alarm is raised, and taken back."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.agent.deeds.deed import PATIENCE_S, Done, Unproven
from harness.events import Did

PROCESS = "etcd"
MEMBER = "http://127.0.0.1:2379"
FULL = "database space exceeded"  # rpctypes.ErrNoSpace
_KEY = "aGFybmVzcy9zcGFjZQ=="  # harness/space


@dataclass(frozen=True)
class Exhaust:
    """Raise etcd's NOSPACE alarm, as a member does that is over its quota; proven by a write that is refused."""

    def do(self) -> Done:
        begin_ns = time.monotonic_ns()
        _alarm("ACTIVATE")
        end_ns = time.monotonic_ns()
        if FULL not in (said := _until(lambda said: FULL in said)):
            raise Unproven(f"etcd has the alarm, and answers a write {said or 'well'}")
        return Done(begin_ns, end_ns, Did(process=PROCESS))


@dataclass(frozen=True)
class Relieve:
    """Take the alarm back; proven by a write that is done, and undone."""

    def do(self) -> Done:
        begin_ns = time.monotonic_ns()
        _alarm("DEACTIVATE")
        end_ns = time.monotonic_ns()
        if said := _until(lambda said: not said):
            raise Unproven(f"etcd has no alarm any more, and answers a write {said}")
        _asked("kv/deleterange", {"key": _KEY})
        return Done(begin_ns, end_ns, Did(process=PROCESS))


def _alarm(action: str) -> None:
    member = _asked("maintenance/status", {})["header"]["member_id"]
    _asked("maintenance/alarm", {"action": action, "memberID": member, "alarm": "NOSPACE"})


def _until(wanted: Callable[[str], bool]) -> str:
    """Write until the answer is as wanted, and return the last: "" where it was done."""
    deadline = time.monotonic() + PATIENCE_S
    while not wanted(said := _written()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return said


def _written() -> str:
    try:
        _asked("kv/put", {"key": _KEY})
    except Unproven as refused:
        return str(refused)
    return ""


def _asked(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ask the node's own member; raise Unproven with its words where it refuses, or does not answer."""
    request = urllib.request.Request(f"{MEMBER}/v3/{path}", json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            told: dict[str, Any] = json.load(answer)
            return told
    except urllib.error.HTTPError as error:
        with error:
            raise Unproven(f"etcd refuses {path}: {error.read().decode(errors='replace')[:200]}") from error
    except OSError as error:
        raise Unproven(f"etcd does not answer {path}: {error}") from error
