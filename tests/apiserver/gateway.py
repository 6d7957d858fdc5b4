"""As much of etcd's JSON gateway as the stub apiserver asks for, in a thread, and it can lose its quorum."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from asyncio import StreamReader, StreamWriter
from typing import Any

Json = dict[str, Any]


class Gateway:
    """Keys and revisions of one member; while `quorate` is false it takes requests and answers none."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.port = 0
        self._writers = set[StreamWriter]()
        self._revision, self._keys, self._log = 1, dict[str, Json](), list[Json]()
        self._open = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        self._open.wait()

    def quorate(self, has: bool) -> None:
        """Answer from now on, or do not."""
        self._loop.call_soon_threadsafe(self._quorate.set if has else self._quorate.clear)

    def drop(self) -> None:
        """End every connection that there is."""
        self._loop.call_soon_threadsafe(self._drop)

    def _drop(self) -> None:
        for writer in self._writers:
            writer.close()

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._quorate, self._over, self._changed = asyncio.Event(), asyncio.Event(), asyncio.Condition()
        self._quorate.set()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._open.set()
        await self._over.wait()
        server.close()

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split()[1].decode()
                length = int(head.lower().partition(b"content-length:")[2].split()[0])
                body = json.loads(await reader.readexactly(length))
                self.asked.append(path)
                await self._quorate.wait()
                if path == "/v3/watch":
                    await self._watch(body["create_request"], writer)
                answer = json.dumps(self._range(body) if path == "/v3/kv/range" else await self._swap(body)).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    def _range(self, asked: Json) -> Json:
        first, end = asked["key"], asked.get("range_end")
        found = [
            kv for key, kv in self._keys.items() if key == first or (end and _text(first) <= _text(key) < _text(end))
        ]
        return {"header": {"revision": str(self._revision)}, "kvs": found}

    async def _swap(self, asked: Json) -> Json:
        key, expected = asked["compare"][0]["key"], asked["compare"][0]["mod_revision"]
        old = self._keys.get(key)
        done = (old["mod_revision"] if old else "0") == expected
        if done:
            self._revision += 1
            now = str(self._revision)
            put = asked["success"][0].get("request_put")
            event: Json = {"prev_kv": old, "kv": {"key": key, "mod_revision": now}}
            if put:
                event["kv"] |= {"value": put["value"], "create_revision": old["create_revision"] if old else now}
                self._keys[key] = event["kv"]
            else:
                event["type"] = "DELETE"
                del self._keys[key]
            self._log.append(event)
            async with self._changed:
                self._changed.notify_all()
        return {"header": {"revision": str(self._revision)}, "succeeded": done}

    async def _watch(self, asked: Json, writer: StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        seen = int(asked["start_revision"]) - 1
        while not writer.is_closing():
            if news := [event for event in self._log if int(event["kv"]["mod_revision"]) > seen]:
                seen = self._revision
                line = json.dumps({"result": {"events": news}}).encode() + b"\n"
                writer.write(b"%x\r\n%b\r\n" % (len(line), line))
                await writer.drain()
            async with self._changed:
                await self._changed.wait()


def _text(key: str) -> bytes:
    return base64.b64decode(key)
