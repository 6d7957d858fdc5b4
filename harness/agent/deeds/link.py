"""Deeds done to a node's network interface."""

from __future__ import annotations

import fcntl
import socket
import struct
import time
from dataclasses import dataclass

from harness.agent.deeds.deed import Done, Unproven
from harness.events import Did

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1


@dataclass(frozen=True)
class CutOff:
    """Take an interface down; when this is done it sends nothing any more."""

    interface: str

    def do(self) -> Done:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            wanted = _flags(sock, self.interface) & ~IFF_UP
            begin = time.monotonic_ns()
            fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sh14x", self.interface.encode(), wanted))
            end = time.monotonic_ns()
            if _flags(sock, self.interface) & IFF_UP:
                raise Unproven(f"{self.interface} is still up")
        return Done(begin, end, Did(interface=self.interface, up=False))


def _flags(sock: socket.socket, interface: str) -> int:
    answer = fcntl.ioctl(sock, SIOCGIFFLAGS, struct.pack("16sh14x", interface.encode(), 0))
    flags: int = struct.unpack("16sh14x", answer)[1]
    return flags & 0xFFFF if flags >= 0 else flags + 0x10000
