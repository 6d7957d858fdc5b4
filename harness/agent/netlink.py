"""Addresses coming and going on this node, as the kernel tells them over rtnetlink."""

from __future__ import annotations

import errno
import ipaddress
import socket
import struct
from collections.abc import Iterator

RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR = 20, 21, 22
RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR = 0x10, 0x100
NLM_F_REQUEST_DUMP = 0x301
IFA_ADDRESS, IFA_LOCAL = 1, 2
HEADER, _IFADDR, _ATTRIBUTE = struct.Struct("=IHHII"), struct.Struct("=BBBBI"), struct.Struct("=HH")


class Overrun(Exception):
    """The kernel dropped messages because they were not read in time."""


class Addresses:
    """A subscription to address changes; `fileno` is readable when some have come."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind((0, RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR))
        body = _IFADDR.pack(socket.AF_UNSPEC, 0, 0, 0, 0)
        self._socket.send(HEADER.pack(HEADER.size + len(body), RTM_GETADDR, NLM_F_REQUEST_DUMP, 1, 0) + body)

    def fileno(self) -> int:
        return self._socket.fileno()

    def read(self) -> Iterator[tuple[str, str, bool, bool]]:
        """Yield (address, interface, present, from the first dump); raise Overrun where the kernel lost some."""
        while True:
            try:
                data = self._socket.recv(1 << 16)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno == errno.ENOBUFS:
                    raise Overrun("rtnetlink: ENOBUFS") from error
                raise
            yield from parse(data, self._socket.getsockname()[0])


def parse(data: bytes, own: int) -> Iterator[tuple[str, str, bool, bool]]:
    """Yield (address, interface, present, initial) of a datagram; answers to port `own` are the first dump's."""
    offset = 0
    while offset + HEADER.size <= len(data):
        length, kind, _, _, asked_by = HEADER.unpack_from(data, offset)
        if length < HEADER.size:
            return
        if kind in (RTM_NEWADDR, RTM_DELADDR):
            body = offset + HEADER.size
            family, _, _, _, index = _IFADDR.unpack_from(data, body)
            address = _address(data[body + _IFADDR.size : offset + length], family)
            if address:
                yield address, _name(index), kind == RTM_NEWADDR, asked_by == own
        offset += (length + 3) & ~3


def attributes(data: bytes) -> dict[int, bytes]:
    """Return a message's attributes by their kind."""
    found: dict[int, bytes] = {}
    offset = 0
    while offset + _ATTRIBUTE.size <= len(data):
        length, kind = _ATTRIBUTE.unpack_from(data, offset)
        if length < _ATTRIBUTE.size:
            break
        found[kind] = data[offset + _ATTRIBUTE.size : offset + length]
        offset += (length + 3) & ~3
    return found


def _address(body: bytes, family: int) -> str | None:
    found = attributes(body)
    raw = found.get(IFA_LOCAL, found.get(IFA_ADDRESS))
    if raw is None or family not in (socket.AF_INET, socket.AF_INET6):
        return None
    return str(ipaddress.ip_address(raw))


def _name(index: int) -> str:
    try:
        return socket.if_indextoname(index)
    except OSError:
        return str(index)
