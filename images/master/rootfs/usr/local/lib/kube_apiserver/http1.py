"""HTTP/1.1: one request after another on a connection, kept until either side has had enough."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping

from kube_apiserver.answers import REASONS, Answer, Refusal, Stream
from kube_apiserver.api import IDLE_S, MAX_BODY, Api

MAX_HEAD, BODY_S = 32768, 10


class Http1:
    """One connection; `waiting` says that nothing is under way on it."""

    def __init__(self, api: Api, reader: StreamReader, writer: StreamWriter) -> None:
        self._api, self._reader, self._writer = api, reader, writer
        self.waiting, self._leaving = True, False

    def leave(self) -> None:
        """End once what is under way has been answered."""
        self._leaving = True
        if self.waiting:
            self._writer.close()

    async def serve(self) -> None:
        """Serve until the connection ends; raise what a broken one raises."""
        while await self._exchange():
            pass

    async def _exchange(self) -> bool:
        try:
            raw = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), IDLE_S)
        except asyncio.LimitOverrunError:
            return await self._say(Refusal(400, "the request's head is too large").answer(), False)
        self.waiting, method, keep = False, "", False
        try:
            method, target, headers, keep = _parsed(raw)
            body = await _body(self._reader, headers)
        except Refusal as refusal:
            answer: Answer | Stream = refusal.answer()
            keep = False  # what follows cannot be told apart
        else:
            answer = await self._api.answer(method, target, headers, body)
        self.waiting = await self._say(answer, keep and not self._leaving, method != "HEAD")
        return self.waiting

    async def _say(self, answer: Answer | Stream, keep: bool, whole: bool = True) -> bool:
        writer = self._writer
        if not isinstance(answer, Stream):
            writer.write(_head(answer, self._api.node, keep) + (answer.body if whole else b""))
            await writer.drain()
            return keep
        writer.write(_head(answer, self._api.node, False))
        await writer.drain()
        async for line in answer.lines:
            writer.write(b"%x\r\n%s\r\n" % (len(line), line))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        return False


def _head(answer: Answer | Stream, node: str, keep: bool) -> bytes:
    lines = [
        f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Status')}",
        f"Content-Type: {answer.kind}",
        f"X-Harness-Node: {node}",
        "Cache-Control: no-cache, private",
        "Connection: keep-alive" if keep else "Connection: close",
    ]
    if isinstance(answer, Stream):
        lines.append("Transfer-Encoding: chunked")
    else:
        lines.append(f"Content-Length: {len(answer.body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _parsed(raw: bytes) -> tuple[str, str, dict[str, str], bool]:
    lines = raw.decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise Refusal(400, "not an HTTP/1 request")
    headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:] if line)}
    default = "close" if words[2] == "HTTP/1.0" else "keep-alive"
    return words[0], words[1], headers, headers.get("connection", default).lower() != "close"


async def _body(reader: StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding"):
        raise Refusal(400, "send the body with a Content-Length")
    try:
        length = int(headers.get("content-length", "0"))
    except ValueError as error:
        raise Refusal(400, "Content-Length is not a number") from error
    if not 0 <= length <= MAX_BODY:
        raise Refusal(413, f"a body may have {MAX_BODY} bytes")
    return await asyncio.wait_for(reader.readexactly(length), BODY_S) if length else b""
