"""Deeds done and stamped inside a node, next to the system call: `python3 -m harness.agent.act DEED ...`.

Prints the `fault` event it wrote last; where the effect cannot be proven it says so on stderr and exits 1.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import select
import signal
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any

from harness.agent.emit import Emitter, facts
from harness.agent.processes import pids_of
from harness.agent.turns import hurried, prioritise

PATIENCE_S = 5.0
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1


class Unproven(Exception):
    """The deed was done, but its effect did not show."""


def kill(name: str, number: signal.Signals) -> tuple[int, int, dict[str, Any]]:
    """Signal every process named `name`; return the stamps before the first signal and after the last effect."""
    pids = pids_of(name)
    if not pids:
        raise Unproven(f"no process named {name}")
    handles = {pid: os.pidfd_open(pid) for pid in pids}
    for pid in pids if number is signal.SIGKILL else ():
        hurried(pid)
    begin = time.monotonic_ns()
    for handle in handles.values():
        signal.pidfd_send_signal(handle, number)
    if number in (signal.SIGKILL, signal.SIGTERM):
        _await_exits(handles)
    elif number is signal.SIGSTOP:
        _await_state(pids, stopped=True)
    elif number is signal.SIGCONT:
        _await_state(pids, stopped=False)
    return begin, time.monotonic_ns(), {"process": name, "pids": pids, "signal": number.name}


def _await_exits(handles: dict[int, int]) -> None:
    poller = select.poll()
    left = {handle: pid for pid, handle in handles.items()}
    for handle in left:
        poller.register(handle, select.POLLIN)
    deadline = time.monotonic() + PATIENCE_S
    while left:
        for handle, _ in poller.poll(max(0, (deadline - time.monotonic()) * 1000)):
            poller.unregister(handle)
            del left[handle]
        if time.monotonic() > deadline and left:
            raise Unproven(f"still alive after {PATIENCE_S:.0f} s: {sorted(left.values())}")


def _await_state(pids: list[int], stopped: bool) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while any((_state(pid) == "T") is not stopped for pid in pids):
        if time.monotonic() > deadline:
            raise Unproven(f"not {'stopped' if stopped else 'running'} after {PATIENCE_S:.0f} s: {pids}")
        time.sleep(0.0005)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def set_link(interface: str, up: bool) -> tuple[int, int, dict[str, Any]]:
    """Take an interface down or up; when this returns, a downed one sends nothing any more."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        flags = _flags(sock, interface)
        wanted = flags | IFF_UP if up else flags & ~IFF_UP
        begin = time.monotonic_ns()
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sh14x", interface.encode(), wanted))
        end = time.monotonic_ns()
        if bool(_flags(sock, interface) & IFF_UP) is not up:
            raise Unproven(f"{interface} is still {'down' if up else 'up'}")
    return begin, end, {"interface": interface, "up": up}


def _flags(sock: socket.socket, interface: str) -> int:
    answer = fcntl.ioctl(sock, SIOCGIFFLAGS, struct.pack("16sh14x", interface.encode(), 0))
    flags: int = struct.unpack("16sh14x", answer)[1]
    return flags & 0xFFFF if flags >= 0 else flags + 0x10000


def await_process(name: str) -> tuple[int, int, dict[str, Any]]:
    """Wait until a process named `name` runs."""
    begin = time.monotonic_ns()
    deadline = time.monotonic() + PATIENCE_S
    while not pids_of(name):
        if time.monotonic() > deadline:
            raise Unproven(f"no process named {name} after {PATIENCE_S:.0f} s")
        time.sleep(0.001)
    return begin, time.monotonic_ns(), {"process": name, "pids": pids_of(name)}


def main() -> None:
    """Do one deed and report it."""
    words = _words(sys.argv[1:])
    emitter = Emitter(facts()["node"], f"act-{os.getpid()}-{time.monotonic_ns()}")
    action = "inject" if words.deed in ("kill", "cut-off") else "heal"
    prioritise(emitter, -20)  # a deed is as wide as its stamps are apart
    stalled_ms = _stalled_ms()
    try:
        begin, end, detail = _do(words)
    except (Unproven, OSError) as error:
        print(f"{words.deed} {words.what}: {error}", file=sys.stderr)
        sys.exit(1)
    detail["stalled_ms"] = min(_stalled_ms() - stalled_ms, round((end - begin) / 1e6, 3))
    about = {"fault": words.fault, "node": emitter.node, "action": action, "index": words.index}
    edges = [words.edge] if words.edge else ["begin", "end"]
    for edge, stamp in (("begin", begin), ("end", end)):
        if edge in edges:
            emitter.emit("fault", stamp, **about, edge=edge, detail=detail)
    print(json.dumps({**about, "begin_ns": begin, "end_ns": end, "detail": detail}))


def _do(words: argparse.Namespace) -> tuple[int, int, dict[str, Any]]:
    match words.deed:
        case "kill":
            return kill(words.what, signal.Signals[f"SIG{words.signal}"])
        case "cut-off":
            return set_link(words.what, up=False)
        case "await":
            return await_process(words.what)
    now = time.monotonic_ns()
    return now, now, {}


def _stalled_ms() -> float:
    """Return for how long, since the machine started, somebody waited for a processor; 0 where no kernel tells."""
    try:
        return int(Path("/proc/pressure/cpu").read_text().split("total=")[1].split()[0]) / 1e3
    except (OSError, IndexError):
        return 0.0


def _words(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="act", description=__doc__)
    parser.add_argument("deed", choices=["kill", "cut-off", "await", "note"])
    parser.add_argument("what", nargs="?", default="", help="a process' name, or an interface")
    parser.add_argument("--signal", default="KILL", choices=["KILL", "TERM", "STOP", "CONT"])
    parser.add_argument("--index", type=int, required=True)
    parser.add_argument("--fault", required=True)
    parser.add_argument("--edge", choices=["begin", "end"])
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
