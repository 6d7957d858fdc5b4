"""A client of the local etcd member's JSON gateway: range, put, delete by transaction, and watch."""

from __future__ import annotations

import asyncio
import base64
import json
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator

from kube_apiserver.answers import Json

POOL = 16
FULL = "database space exceeded"  # rpctypes.ErrNoSpace


class Unavailable(Exception):
    """etcd did not answer in time, or answered that it cannot."""


class Full(Unavailable):
    """etcd answered that it takes no write, as its quota is used up."""


def encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def decode(text: str | None) -> str:
    return base64.b64decode(text or "").decode()


def range_end(prefix: str) -> str:
    """Return the key just behind every key that starts with `prefix`."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


class Etcd:
    """Keeps connections to one member open; every call is bounded by `patience` seconds."""

    def __init__(self, host: str, port: int, patience: float) -> None:
        self.host, self.port, self.patience = host, port, patience
        self._idle: list[tuple[StreamReader, StreamWriter]] = []

    async def call(self, path: str, body: Json, patience: float | None = None) -> Json:
        """POST and return the answer; raise Unavailable on an error, a bad answer or no answer in time."""
        try:
            return await asyncio.wait_for(self._call(path, body), patience or self.patience)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, ValueError) as error:
            raise Unavailable(str(error) or "timed out") from error

    async def _call(self, path: str, body: Json) -> Json:
        while True:
            reused = bool(self._idle)
            reader, writer = self._idle.pop() if reused else await asyncio.open_connection(self.host, self.port)
            try:
                await _send(writer, path, body)
                status, raw, keep = await _receive(reader)
            except (OSError, asyncio.IncompleteReadError):
                writer.close()
                if reused:
                    continue  # the member closed an idle connection; nothing was done with the request
                raise
            except BaseException:
                writer.close()
                raise
            if keep and len(self._idle) < POOL:
                self._idle.append((reader, writer))
            else:
                writer.close()
            answer: Json = json.loads(raw)
            if status != 200:
                said = answer.get("message") or answer.get("error") or f"etcd answers {status}"
                raise Full(said) if FULL in said else Unavailable(said)
            return answer

    async def get(
        self, key: str, prefix: bool = False, patience: float | None = None
    ) -> tuple[list[dict[str, str]], int]:
        """Return (key-values, revision), linearizable."""
        body = {"key": encode(key)}
        if prefix:
            body["range_end"] = encode(range_end(key))
        answer = await self.call("/v3/kv/range", body, patience)
        return answer.get("kvs", []), int(answer["header"]["revision"])

    async def swap(self, key: str, value: str | None, expected: int) -> tuple[bool, int]:
        """Put (or delete, for None) if the key's mod_revision is `expected`; return (done, revision)."""
        name = encode(key)
        compare = [{"key": name, "target": "MOD", "result": "EQUAL", "mod_revision": str(expected)}]
        action: Json
        if value is None:
            action = {"request_delete_range": {"key": name}}
        else:
            action = {"request_put": {"key": name, "value": encode(value)}}
        answer = await self.call("/v3/kv/txn", {"compare": compare, "success": [action]})
        return answer.get("succeeded", False), int(answer["header"]["revision"])

    async def watch(self, prefix: str, revision: int) -> AsyncIterator[tuple[list[Json], int]]:
        """Yield lists of events behind `revision`; raise Unavailable where the stream cannot start."""
        try:
            reader, writer = await asyncio.wait_for(asyncio.open_connection(self.host, self.port), self.patience)
        except (TimeoutError, OSError) as error:
            raise Unavailable(str(error)) from error
        try:
            request = {
                "key": encode(prefix),
                "range_end": encode(range_end(prefix)),
                "start_revision": str(revision + 1),
                "prev_kv": True,
            }
            await _send(writer, "/v3/watch", {"create_request": request})
            await reader.readuntil(b"\r\n\r\n")
            rest = b""
            while size := int((await reader.readline()).split(b";")[0] or b"0", 16):
                rest += await reader.readexactly(size)
                await reader.readexactly(2)
                *lines, rest = rest.split(b"\n")
                for line in lines:
                    result = json.loads(line).get("result", {})
                    yield result.get("events", []), int(result.get("compact_revision", 0))
        except (OSError, asyncio.IncompleteReadError, ValueError):
            return
        finally:
            writer.close()


async def _send(writer: StreamWriter, path: str, body: Json) -> None:
    data = json.dumps(body).encode()
    writer.write(b"POST %s HTTP/1.1\r\nHost: etcd\r\nContent-Length: %d\r\n\r\n" % (path.encode(), len(data)) + data)
    await writer.drain()


async def _receive(reader: StreamReader) -> tuple[int, bytes, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    _, status, *_ = head[0].split(" ")  # ValueError where this is no answer
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = b""
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        while (await reader.readline()).strip():
            pass  # trailers, which the gateway adds to errors (grpc-gateway, runtime.DefaultHTTPError)
    else:
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    return int(status), body, headers.get("connection", "").lower() != "close"
