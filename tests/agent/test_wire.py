import ipaddress
import struct

from harness.agent.wire import parse
from harness.events import Advert, GratuitousArp

ETHERNET = bytes.fromhex("01005e000012 0242c6120a0b".replace(" ", ""))


def ipv4(protocol: int, body: bytes, source: str = "c6120a0b") -> bytes:
    head = struct.pack("!BBHHHBBH", 0x45, 0xC0, 20 + len(body), 0, 0, 255, protocol, 0)
    return ETHERNET + b"\x08\x00" + head + bytes.fromhex(source) + bytes.fromhex("e0000012") + body


def test_a_version_2_advert():
    body = bytes([0x21, 60, 112, 1, 1, 1, 0, 0]) + bytes([198, 18, 10, 100])
    data = parse(ipv4(112, body))
    assert isinstance(data, Advert)
    assert (data.source, data.vrid, data.priority) == ("198.18.10.11", 60, 112)
    assert (data.version, data.advert_int_s, data.addresses) == (2, 1.0, ["198.18.10.100"])


def test_a_version_3_advert_counts_centiseconds():
    body = bytes([0x31, 51, 101, 1]) + struct.pack("!HH", 25, 0) + bytes([198, 18, 10, 100])
    data = parse(ipv4(112, body))
    assert isinstance(data, Advert)
    assert data.advert_int_s == 0.25


def test_a_gratuitous_arp():
    mac, vip = bytes.fromhex("0242c6120a0c"), bytes([198, 18, 10, 100])
    body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac + vip + b"\xff" * 6 + vip
    data = parse(ETHERNET + b"\x08\x06" + body)
    assert isinstance(data, GratuitousArp)
    assert (data.gratuitous, data.ip, data.mac) == (True, "198.18.10.100", "02:42:c6:12:0a:0c")


def neighbour_advert(flags: int) -> bytes:
    vip = ipaddress.ip_address("fd00:10::100").packed
    body = struct.pack("!BBHB3x", 136, 0, 0, flags) + vip + b"\x02\x01" + bytes.fromhex("0242c6120a0c")
    head = struct.pack("!IHBB", 6 << 28, len(body), 58, 255) + vip + ipaddress.ip_address("ff02::1").packed
    return bytes.fromhex("333300000001 0242c6120a0c 86dd".replace(" ", "")) + head + body


def test_an_advertisement_that_nobody_asked_for_is_the_gratuitous_arp_of_ipv6():
    data = parse(neighbour_advert(0x20))
    assert isinstance(data, GratuitousArp)
    assert (data.gratuitous, data.ip, data.mac) == (True, "fd00:10::100", "02:42:c6:12:0a:0c")
    asked_for = parse(neighbour_advert(0x60))
    assert isinstance(asked_for, GratuitousArp)
    assert not asked_for.gratuitous


def test_a_frame_cut_short_is_none_of_ours():
    assert parse(ETHERNET + b"\x08\x06\x00\x01") is None
    assert parse(b"") is None
