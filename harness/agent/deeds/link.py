"""Deeds done to a node's network interface."""

from __future__ import annotations

import fcntl
import socket
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from harness.agent.deeds.deed import Done, Unproven
from harness.agent.emit import facts
from harness.events import Did

KEPT = Path("/run/harness/link")  # what an interface had, a line each for ip(8)
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1


@dataclass(frozen=True)
class CutOff:
    """Take an interface down; when this is done it sends nothing any more."""

    interface: str

    def do(self) -> Done:
        begin, end = _turned(self.interface, up=False)
        return Done(begin, end, Did(interface=self.interface, up=False))


@dataclass(frozen=True)
class Unplug:
    """Take an interface down, and keep what the kernel forgets with it: IPv6 addresses, and routes that were added."""

    interface: str

    def do(self) -> Done:
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        KEPT.write_text("\n".join(_forgotten(self.interface)))
        return CutOff(self.interface).do()


@dataclass(frozen=True)
class Plug:
    """Take an interface up, and give back what was kept."""

    interface: str

    def do(self) -> Done:
        begin, _ = _turned(self.interface, up=True)
        had = KEPT.read_text().splitlines()
        for line in (one for one in had if one not in _forgotten(self.interface)):
            subprocess.run(["ip", *line.split()], capture_output=True)
        end = time.monotonic_ns()
        if missing := set(had) - set(_forgotten(self.interface)):
            raise Unproven(f"{self.interface} is up without {missing}")
        KEPT.unlink()
        return Done(begin, end, Did(interface=self.interface, up=True))


def _turned(interface: str, up: bool) -> tuple[int, int]:
    """Turn an interface up or down; return stamps before and after, or raise Unproven where it is not."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        flags = _flags(sock, interface)
        wanted = flags | IFF_UP if up else flags & ~IFF_UP
        begin = time.monotonic_ns()
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sh14x", interface.encode(), wanted))
        end = time.monotonic_ns()
        if bool(_flags(sock, interface) & IFF_UP) is not up:
            raise Unproven(f"{interface} is still {'down' if up else 'up'}")
    return begin, end


def _forgotten(interface: str) -> list[str]:
    """Return as words for ip(8) what is lost with an interface that goes down; a VIP is keepalived's to bring back."""
    vips, found = facts()["vips"], []
    for line in _ip("-6", "-o", "addr", "show", "dev", interface, "scope", "global"):
        address = line.split()[3]
        if address.partition("/")[0] not in vips:
            found.append(f"-6 addr add {address} dev {interface} nodad")
    for family in ("-4", "-6"):
        routes = (one for one in _ip(family, "route", "show", "dev", interface) if "proto k" not in one)
        found += [f"{family} route add {route.strip()} dev {interface}" for route in routes]
    return found


def _ip(*words: str) -> list[str]:
    return subprocess.run(["ip", *words], capture_output=True, text=True).stdout.splitlines()


def _flags(sock: socket.socket, interface: str) -> int:
    answer = fcntl.ioctl(sock, SIOCGIFFLAGS, struct.pack("16sh14x", interface.encode(), 0))
    flags: int = struct.unpack("16sh14x", answer)[1]
    return flags & 0xFFFF if flags >= 0 else flags + 0x10000
