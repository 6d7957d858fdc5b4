"""Who is turned away at the door is told why."""

import socket

import pytest

CIPHERS = b"".join(number.to_bytes(2, "big") for number in range(1, 0x3B))
OFFER = b"\x03\x00" + b"r" * 32 + b"\x00" + len(CIPHERS).to_bytes(2, "big") + CIPHERS + b"\x01\x00"
HELLO = b"\x01" + len(OFFER).to_bytes(3, "big") + OFFER
SSLV3 = b"\x16\x03\x00" + len(HELLO).to_bytes(2, "big") + HELLO  # as haproxy's ssl-hello-chk sends it


def told(port: int, words: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
        plain.sendall(words)
        return plain.recv(4096)


def test_an_sslv3_hello_is_answered_with_an_alert(stub):
    said = told(stub.port, SSLV3)
    assert said[0] == 21  # an alert's record
    assert said[5] == 2  # a fatal one


def test_a_plain_request_is_told_that_this_is_https(stub):
    assert told(stub.port, b"GET /readyz HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 400 Bad Request\r\n")


@pytest.mark.parametrize("words", [b"\x00" * 40, b"SSH-2.0-OpenSSH_9.2\r\n"])
def test_what_is_neither_ends(stub, words):
    assert told(stub.port, words) == b"" or told(stub.port, words)[0] == 21


def test_a_handshake_goes_on_as_ever(stub):
    assert stub.get("/readyz").status == 200
