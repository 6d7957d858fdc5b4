"""The stub apiserver's life: it boots, listens, says that it is about to go, and goes."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import signal
import ssl
import sys
from asyncio import StreamReader, StreamWriter

from kube_apiserver import options, tls
from kube_apiserver.api import Api
from kube_apiserver.http1 import MAX_HEAD, Http1
from kube_apiserver.http2 import Http2

LEAVE_S = 2  # how long what is under way may take at the end; the real one waits up to a minute (ShutdownTimeout)


class Server:
    """Everybody who is connected."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.connections: dict[Http1 | Http2, StreamWriter] = {}

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Serve one connection until it closes."""
        version = Http2 if writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2" else Http1
        connection = version(self._api, reader, writer)
        self.connections[connection] = writer
        try:
            await connection.serve()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
            pass  # the client is gone, or the end has come
        finally:
            del self.connections[connection]
            writer.close()

    async def leave(self) -> None:
        """Let everybody go: who is idle at once, who waits for an answer once it is there, the rest after a while."""
        for connection in list(self.connections):
            connection.leave()
        for _ in range(LEAVE_S * 50):
            if not self.connections:
                return
            await asyncio.sleep(0.02)
        for writer in list(self.connections.values()):
            writer.close()


async def serve(said: argparse.Namespace) -> None:
    """Serve until SIGTERM; then be not ready at once, serve on for the delay, and end."""
    context, api = tls.context(said.tls_cert_file, said.tls_private_key_file), Api(said)
    server, stop = Server(api), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    # The real one sees for itself that its certificate's file has changed (DynamicCertKeyPairContent).
    anew = functools.partial(context.load_cert_chain, said.tls_cert_file, said.tls_private_key_file)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, anew)
    if said.boot_s and await _within(stop, said.boot_s):
        return
    listener = await asyncio.start_server(
        server.serve,
        said.bind_address.split(","),
        said.secure_port,
        ssl=context,
        ssl_handshake_timeout=tls.HELLO_S,
        limit=MAX_HEAD,
        backlog=512,
    )
    print(f"serving on {listener.sockets[0].getsockname()[1]} as {said.node_name}", flush=True)
    await stop.wait()
    api.health.stopping = True
    print(f"SIGTERM: not ready; serving for {said.shutdown_delay_duration} s more", flush=True)
    await asyncio.sleep(said.shutdown_delay_duration)
    listener.close()
    await server.leave()


async def _within(happens: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        return await asyncio.wait_for(happens.wait(), seconds)
    return False


def main() -> None:
    """Read the options and serve."""
    try:
        asyncio.run(serve(options.read()))
    except OSError as error:
        sys.exit(f"kube-apiserver: {error}")
