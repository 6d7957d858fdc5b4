import ipaddress
import struct

from harness.agent.question import Question

MAC = bytes.fromhex("0242c6120a0a")


def test_an_arp_question_teaches_nobody_anything():
    asked = Question(MAC, "198.18.0.100")
    assert asked.frame[:14] == b"\xff" * 6 + MAC + b"\x08\x06"
    assert asked.frame[28:32] == bytes(4) and asked.frame[38:42] == bytes([198, 18, 0, 100])
    # An answer goes to the MAC that the question names: sent to one's own, it would change one's own neighbours.
    assert asked.frame[22:28] != MAC and asked.frame[22] & 3 == 2


def test_an_arp_answer_for_another_address_is_none():
    asked = Question(MAC, "198.18.0.100")
    answer = MAC + b"\x02" * 6 + b"\x08\x06" + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 2) + b"\x02" * 6
    assert asked.answered(answer + bytes([198, 18, 0, 100]) + bytes(10)) == "02:02:02:02:02:02"
    assert asked.answered(answer + bytes([198, 18, 0, 101]) + bytes(10)) is None


def test_a_neighbour_solicitation_goes_to_the_addresss_group_with_a_true_checksum():
    frame = Question(MAC, "fd00:10::12:3456").frame
    assert frame[:14] == bytes.fromhex("3333ff123456") + MAC + b"\x86\xdd"
    source, group, body = frame[22:38], frame[38:54], frame[54:]
    assert str(ipaddress.ip_address(group)) == "ff02::1:ff12:3456"
    assert ipaddress.ip_address(source).is_link_local
    whole = source + group + struct.pack("!II", len(body), 58) + body
    total = sum(word for (word,) in struct.iter_unpack("!H", whole))
    assert (total & 0xFFFF) + (total >> 16) == 0xFFFF
    assert body[8:24] == ipaddress.ip_address("fd00:10::12:3456").packed


def test_a_neighbour_advertisement_tells_the_senders_mac():
    asked = Question(MAC, "fd00:10::100")
    head = MAC + b"\x02" * 6 + b"\x86\xdd" + bytes(40) + bytes([136, 0, 0, 0, 0x60, 0, 0, 0])
    assert asked.answered(head + ipaddress.ip_address("fd00:10::100").packed) == "02:02:02:02:02:02"
    assert asked.answered(head + ipaddress.ip_address("fd00:10::101").packed) is None
