"""The kernel's neighbour table as it changes, over rtnetlink."""

from __future__ import annotations

import errno
import ipaddress
import socket
import struct
from collections.abc import Iterator

from harness.agent.netlink import HEADER, Overrun, attributes

RTM_NEWNEIGH, RTM_DELNEIGH = 28, 29
RTMGRP_NEIGH = 4
NDA_DST, NDA_LLADDR = 1, 2
_NDMSG = struct.Struct("=BBHiHBB")  # family, pads, ifindex, state, flags, type


class Neighbours:
    """A subscription to neighbour entries; `fileno` is readable when some have changed."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind((0, RTMGRP_NEIGH))

    def fileno(self) -> int:
        return self._socket.fileno()

    def read(self) -> Iterator[tuple[str, str | None, int]]:
        """Yield (address, MAC or None, NUD state) of each change; raise Overrun where the kernel lost some."""
        while True:
            try:
                data = self._socket.recv(1 << 16)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno == errno.ENOBUFS:
                    raise Overrun("rtnetlink: ENOBUFS") from error
                raise
            yield from parse(data)


def parse(data: bytes) -> Iterator[tuple[str, str | None, int]]:
    """Yield (address, MAC or None, NUD state) of a datagram; a deleted entry has state 0."""
    offset = 0
    while offset + HEADER.size <= len(data):
        length, kind, _, _, _ = HEADER.unpack_from(data, offset)
        if length < HEADER.size:
            return
        if kind in (RTM_NEWNEIGH, RTM_DELNEIGH):
            body = offset + HEADER.size
            state = _NDMSG.unpack_from(data, body)[4]
            found = attributes(data[body + _NDMSG.size : offset + length])
            if NDA_DST in found:
                mac = found[NDA_LLADDR].hex(":") if NDA_LLADDR in found else None
                yield str(ipaddress.ip_address(found[NDA_DST])), mac, state if kind == RTM_NEWNEIGH else 0
        offset += (length + 3) & ~3
