"""Which packets tell of a guest's connections."""

import ipaddress
import struct

import pytest

from harness.agent.seat import parse
from harness.events import Segment

GUEST, VIP, PORT = "10.0.0.253", "10.0.0.100", 8443
FIN, SYN, RST, PUSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10


def tcp(source: str, target: str, ports: tuple[int, int], flags: int, payload: bytes = b"", options: int = 0) -> bytes:
    header = struct.pack("!HHIIBBHHH", *ports, 1, 1, (5 + options) << 4, flags, 1000, 0, 0) + b"\0" * 4 * options
    body, ends = header + payload, [ipaddress.ip_address(one).packed for one in (source, target)]
    if ":" in source:
        return b"\0" * 12 + b"\x86\xdd" + struct.pack("!IHBB", 6 << 28, len(body), 6, 64) + b"".join(ends) + body
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 64, 6, 0) + b"".join(ends)
    return b"\0" * 12 + b"\x08\x00" + head + body


def seen(*frame, **options) -> Segment | None:
    return parse(tcp(*frame, **options), {VIP, "fd00::100"}, PORT)


def test_what_opens_ends_or_carries_something_is_told_with_its_way():
    there, back = (GUEST, VIP, (40000, PORT)), (VIP, GUEST, (PORT, 40000))
    assert seen(*there, SYN, options=5) == Segment(port=40000, outgoing=True, size=0, syn=True)
    assert seen(*back, SYN | ACK) == Segment(port=40000, outgoing=False, size=0, syn=True)
    assert seen(*there, PUSH | ACK, b"x" * 200, options=3) == Segment(port=40000, outgoing=True, size=200)
    assert seen(*back, FIN | ACK) == Segment(port=40000, outgoing=False, size=0, fin=True)
    assert seen(*back, RST) == Segment(port=40000, outgoing=False, size=0, rst=True)


@pytest.mark.parametrize("payload", [b"", b"\0"])
def test_a_bare_ack_and_a_keepalives_probe_ask_for_nothing(payload):
    assert seen(GUEST, VIP, (40000, PORT), ACK, payload) is None


def test_over_ipv6_too():
    assert seen("fd00::fd", "fd00::100", (40000, PORT), ACK, b"x" * 60) == Segment(port=40000, outgoing=True, size=60)


def test_another_port_another_address_and_half_a_frame_tell_nothing():
    assert seen(GUEST, VIP, (40000, 22), SYN) is None
    assert seen(GUEST, "10.0.0.11", (40000, PORT), SYN) is None
    frame = tcp(GUEST, VIP, (40000, PORT), SYN)
    assert all(parse(frame[:length], {VIP}, PORT) is None for length in range(len(frame) - 6))
