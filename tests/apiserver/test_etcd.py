"""The stub's client of etcd's JSON gateway, which keeps its connections."""

import asyncio
import json
from asyncio import StreamReader, StreamWriter

import pytest
from kube_apiserver.etcd import Etcd, Unavailable

FOUND = json.dumps({"header": {"revision": "7"}}).encode()
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(FOUND), FOUND)
SAID = json.dumps({"error": "etcdserver: leader changed"}).encode()
REFUSED = (
    b"HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\nTrailer: Grpc-Trailer-Content-Type\r\n\r\n"
    b"%x\r\n%b\r\n0\r\nGrpc-Trailer-Content-Type: application/grpc\r\n\r\n" % (len(SAID), SAID)
)


async def asked(answers: list[bytes], times: int) -> tuple[list[int | str], int]:
    """Return what each of several reads came to, its revision or what was said, and how many connections that took."""
    connections, found = 0, list[int | str]()
    left = iter(answers)

    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        nonlocal connections
        connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split()[0]))
                writer.write(next(left))
        except (StopIteration, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        etcd = Etcd("127.0.0.1", server.sockets[0].getsockname()[1], 5)
        for _ in range(times):
            try:
                found.append((await etcd.get("/registry/health"))[1])
            except Unavailable as error:
                found.append(str(error))
        for _, writer in etcd._idle:
            writer.close()
            await writer.wait_closed()
    return found, connections


def test_an_error_with_trailers_is_read_to_its_end_and_its_connection_serves_on():
    found, connections = asyncio.run(asked([REFUSED, GOOD, GOOD], 3))
    assert found == ["etcdserver: leader changed", 7, 7]
    assert connections == 1


@pytest.mark.parametrize("answer", [b"\r\n\r\n", b"HTTP/1.1\r\n\r\n", b"HTTP/1.1 fine OK\r\n\r\n"])
def test_what_is_no_answer_is_none(answer):
    (said,), _ = asyncio.run(asked([answer], 1))
    assert isinstance(said, str)
