"""A TLS connection that never waits: what has come is taken in one system call, what is to go leaves in one."""

from __future__ import annotations

import errno
import socket
import ssl
import struct
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

# Python allocates this much for every read; from 64 KiB on glibc first joins up all that is free.
AT_ONCE = 1 << 14


@dataclass(frozen=True)
class Endpoint:
    """Where requests go, and how its certificate is checked."""

    host: str
    port: int
    context: ssl.SSLContext

    @property
    def authority(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def of(cls, facts: dict[str, Any]) -> Endpoint:
        """Return the endpoint that a client's facts name; without a `ca` nobody checks who answers."""
        address = urlsplit(facts["endpoint"])
        context = ssl.create_default_context(cafile=facts["ca"])
        if facts["ca"] is None:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if facts.get("certificate"):
            context.load_cert_chain(facts["certificate"], facts["key"])
        return cls(address.hostname or "", address.port or 443, context)


class Connection:
    """A socket with TLS kept beside it; an SSLSocket asks the kernel twice for every record of a handshake."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        family = socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port: int | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._secure: ssl.SSLObject | None = None
        self._unsent = b""

    def open(self) -> int:
        """Send the SYN; return when the system call was over. Raise OSError where nothing leaves."""
        code = self.socket.connect_ex((self._endpoint.host, self._endpoint.port))
        left_ns = time.monotonic_ns()
        if code not in (0, errno.EINPROGRESS):
            raise OSError(code, "connect")
        self.port = self.socket.getsockname()[1]
        return left_ns

    @property
    def opened(self) -> bool:
        try:
            self.socket.getpeername()
        except OSError:
            return False
        return True

    def check(self) -> None:
        """Raise the OSError that the connecting has met."""
        code = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, "connect")

    def shake(self) -> bool:
        """Go on with the handshake; say whether it is done. Its last words leave with what is sent next."""
        if self._secure is None:
            self._secure = self._endpoint.context.wrap_bio(
                self._incoming, self._outgoing, server_hostname=self._endpoint.host
            )
        elif not self._fill():
            return False
        try:
            self._secure.do_handshake()
        except ssl.SSLWantReadError:
            self.flush()
            return False
        return True

    def send(self, data: bytes) -> bool:
        """Send; say whether all of it has left. The rest leaves with `flush`."""
        assert self._secure is not None
        self._secure.write(data)
        return self.flush()

    def flush(self) -> bool:
        """Send what is still to go; say whether all has left."""
        self._unsent += self._outgoing.read()
        if self._unsent:
            try:
                self._unsent = self._unsent[self.socket.send(self._unsent) :]
            except BlockingIOError:
                return False
        return not self._unsent

    def receive(self) -> bytes | None:
        """Return what has come, b"" at the other's end, None where nothing has."""
        assert self._secure is not None
        if not self._fill():
            return None
        data = b""
        try:
            while piece := self._secure.read(AT_ONCE):
                data += piece
                if not self._incoming.pending:
                    break
        except ssl.SSLWantReadError:
            return data or None
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return data
        return data

    def _fill(self) -> bool:
        try:
            data = self.socket.recv(AT_ONCE)
        except BlockingIOError:
            return False
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()
        return True

    def resent(self) -> int:
        """Return how many segments the kernel has sent again: tcpi_total_retrans of linux/tcp.h."""
        if self.socket.fileno() < 0:
            return 0
        count: int = struct.unpack_from("I", self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), 100)[0]
        return count

    def close(self) -> None:
        self.socket.close()


def named(error: OSError) -> str:
    """Return the class of a socket's error."""
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "closed"
    if isinstance(error, ssl.SSLError):
        return "closed" if "EOF" in str(error) else "tls"
    match error.errno:
        case errno.ECONNREFUSED:
            return "refused"
        case errno.EHOSTUNREACH | errno.ENETUNREACH:
            return "unreachable"
        case errno.ETIMEDOUT:
            return "connect_timeout"
    return "reset"
