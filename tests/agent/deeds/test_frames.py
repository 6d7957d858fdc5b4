"""The BPF that keeps announcements back, run on frames."""

import struct

import pytest

from harness.agent.deeds import frames
from harness.agent.deeds.deed import Unproven

OWN, OTHER = bytes([198, 18, 0, 100]), bytes([198, 18, 0, 1])


def arp(sender: bytes, asked: bytes, kind: int = 0x0806) -> bytes:
    about = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1)
    return bytes(12) + struct.pack("!H", kind) + about + bytes(6) + sender + bytes(6) + asked


def verdict(frame: bytes) -> int:
    """Run the program as the kernel would: Documentation/networking/filter.rst."""
    told = frames._ANNOUNCES.split('"')[1].split(",")
    count, program = int(told[0]), [tuple(map(int, line.split())) for line in told[1:]]
    assert len(program) == count
    at = accumulator = index = kept = 0
    while True:
        code, if_true, if_false, k = program[at]
        at += 1
        match code:
            case 0x28:
                (accumulator,) = struct.unpack_from("!H", frame, k)
            case 0x20:
                (accumulator,) = struct.unpack_from("!I", frame, k)
            case 0x02:
                kept = accumulator
            case 0x60:
                accumulator = kept
            case 0x07:
                index = accumulator
            case 0x15:
                at += if_true if accumulator == k else if_false
            case 0x1D:
                at += if_true if accumulator == index else if_false
            case 0x06:
                return k
            case _:
                pytest.fail(f"no instruction {code:#x}")


def test_who_announces_its_own_address_is_not_heard():
    assert verdict(arp(OWN, OWN)) == 2  # TC_ACT_SHOT


def test_who_asks_or_answers_is_and_so_is_all_that_is_no_arp():
    assert verdict(arp(OWN, OTHER)) == 0
    assert verdict(arp(OWN, OWN, 0x0800)) == 0


def test_a_kernel_that_keeps_nothing_back_is_said(monkeypatch):
    monkeypatch.setattr(frames, "batch", lambda program, lines: "Error: TC classifier not found.")
    with pytest.raises(Unproven, match="addresses are still announced: Error: TC classifier not found"):
        frames.mute()
