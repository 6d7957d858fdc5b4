"""The stub apiserver: TLS, HTTP/1.1, routing, and a shutdown that says so before it goes."""

from __future__ import annotations

import argparse
import asyncio
import hmac
import re
import signal
import ssl
import sys
import urllib.parse
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping

from kube_apiserver import discovery, tls
from kube_apiserver.answers import Answer, Refusal, Stream, head
from kube_apiserver.configmaps import ConfigMaps
from kube_apiserver.etcd import Etcd, Unavailable
from kube_apiserver.health import Health

MAX_HEAD, MAX_BODY, IDLE_S = 32768, 1 << 20, 300
_OPEN_TO_ALL = re.compile(r"/(livez|readyz|healthz|version)(/|$)")
_MAPS = re.compile(r"/api/v1(?:/namespaces/(?P<namespace>[^/]+))?/configmaps(?:/(?P<name>[^/]+))?$")


class Server:
    """Answers requests; one instance serves every connection."""

    def __init__(self, options: argparse.Namespace) -> None:
        host, _, port = options.etcd_servers.rpartition("/")[2].partition(":")
        self.node, self.token = options.node_name, options.token
        self.etcd = Etcd(host, int(port), options.etcd_timeout)
        self.health, self.maps = Health(self.etcd), ConfigMaps(self.etcd)
        self.connections: set[StreamWriter] = set()
        self.busy = 0

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Serve one connection until it closes."""
        self.connections.add(writer)
        try:
            while await self._exchange(reader, writer):
                pass
        except (TimeoutError, OSError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            self.connections.discard(writer)
            writer.close()

    async def _exchange(self, reader: StreamReader, writer: StreamWriter) -> bool:
        try:
            raw = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), IDLE_S)
        except asyncio.LimitOverrunError:
            return await self._say(writer, Refusal(400, "the request's head is too large").answer(), False)
        self.busy += 1
        try:
            try:
                method, target, headers, keep = _parsed(raw)
                body = await _body(reader, headers)
                answer = await self._answer(method, target, headers, body)
            except Refusal as refusal:
                answer = refusal.answer()
                keep = refusal.status not in (400, 413) and keep
            return await self._say(writer, answer, keep and not self.health.stopping)
        finally:
            self.busy -= 1

    async def _say(self, writer: StreamWriter, answer: Answer | Stream, keep: bool) -> bool:
        if not isinstance(answer, Stream):
            writer.write(head(answer, self.node, keep) + answer.body)
            await writer.drain()
            return keep
        writer.write(head(answer, self.node, False))
        await writer.drain()
        async for line in answer.lines:
            writer.write(b"%x\r\n%s\r\n" % (len(line), line))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        return False

    async def _answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer | Stream:
        address = urllib.parse.urlsplit(target)
        query = dict(urllib.parse.parse_qsl(address.query, keep_blank_values=True))
        if _OPEN_TO_ALL.match(address.path):
            if address.path == "/version":
                return Answer(200, discovery.VERSION)
            return await self.health.answer(address.path, query)
        given = headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            raise Refusal(401, "Unauthorized")
        try:
            if found := _MAPS.match(address.path):
                return await self._configmap(method, found["namespace"], found["name"], query, body)
        except Unavailable as error:
            raise Refusal(504, f"etcd: {error}") from error
        answer = discovery.answer(address.path)
        if answer is None:
            raise Refusal(404, f"the server could not find {address.path}")
        if method != "GET":
            raise Refusal(405, f"{method} is not allowed on {address.path}")
        return answer

    async def _configmap(
        self, method: str, namespace: str | None, name: str | None, query: Mapping[str, str], body: bytes
    ) -> Answer | Stream:
        match method, name:
            case "GET", None:
                return await self.maps.list(namespace, query)
            case "GET", str():
                return await self.maps.get(namespace, name)
            case "POST", None if namespace:
                return await self.maps.create(namespace, body)
            case "PUT", str():
                return await self.maps.update(namespace, name, body)
            case "DELETE", str():
                return await self.maps.delete(namespace, name)
        raise Refusal(405, f"{method} is not allowed here")


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
    return await asyncio.wait_for(reader.readexactly(length), 10) if length else b""


async def serve(options: argparse.Namespace) -> None:
    """Serve until SIGTERM; then be not ready at once, serve on for the delay, and end."""
    context = tls.context(options.tls_cert_file, options.tls_private_key_file)
    server = Server(options)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    listener = await asyncio.start_server(
        server.serve,
        options.bind_address.split(","),
        options.secure_port,
        ssl=context,
        ssl_handshake_timeout=tls.HELLO_S,
        limit=MAX_HEAD,
        backlog=512,
    )
    port = listener.sockets[0].getsockname()[1]
    print(f"serving on {port} as {options.node_name}", flush=True)
    await stop.wait()
    print(f"SIGTERM: not ready; serving for {options.shutdown_delay_duration} s more", flush=True)
    server.health.stopping = True
    await asyncio.sleep(options.shutdown_delay_duration)
    listener.close()
    for _ in range(100):
        if not server.busy:
            break
        await asyncio.sleep(0.02)
    for writer in list(server.connections):
        writer.close()


def duration(text: str) -> float:
    """Return the seconds that a Go duration such as 5s, 1m30s or 250ms means."""
    if not re.fullmatch(r"(\d+(\.\d+)?(ms|s|m|h))+|0", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a duration such as 5s or 1m30s")
    unit_s = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
    return sum(float(n) * unit_s[unit] for n, unit in re.findall(r"([\d.]+)(ms|s|m|h)", text))


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(prog="kube-apiserver", description=__doc__)
    parser.add_argument("--secure-port", type=int, default=6443)
    parser.add_argument("--bind-address", default="0.0.0.0")
    parser.add_argument("--tls-cert-file", required=True)
    parser.add_argument("--tls-private-key-file", required=True)
    parser.add_argument("--etcd-servers", default="http://127.0.0.1:2379")
    parser.add_argument("--etcd-timeout", type=duration, default=2.0)
    parser.add_argument("--token-file", required=True)
    parser.add_argument("--node-name", default="node")
    parser.add_argument("--shutdown-delay-duration", type=duration, default=0.0)
    options = parser.parse_args()
    with open(options.token_file) as file:
        options.token = file.read().strip()
    try:
        asyncio.run(serve(options))
    except OSError as error:
        sys.exit(f"kube-apiserver: {error}")
