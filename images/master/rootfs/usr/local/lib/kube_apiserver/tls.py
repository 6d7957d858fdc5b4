"""TLS that tells a client why it is turned away, as Go's does: haproxy's checks can tell that from a closed port.

An event loop drops what OpenSSL has to say when a handshake fails, such as the alert for an SSLv3 hello. It sends that
where the handshake seems to want more; whoever is told then closes, or is closed by the loop's patience.
"""

from __future__ import annotations

import ssl

HELLO_S = 32  # how long a handshake may take (k8s.io/apiserver, ReadHeaderTimeout)
_WORDS = b"Client sent an HTTP request to an HTTPS server.\n"
_PLAIN = b"HTTP/1.0 400 Bad Request\r\nContent-Length: %d\r\n\r\n" % len(_WORDS) + _WORDS


class _Frank(ssl.SSLObject):
    outgoing: ssl.MemoryBIO
    told = False

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            if error.reason == "HTTP_REQUEST":
                self.outgoing.write(_PLAIN)
            if self.told or not self.outgoing.pending:
                raise
            self.told = True
            raise ssl.SSLWantReadError from error


class Context(ssl.SSLContext):
    """A server's context; raises OSError where the certificate or its key cannot be read."""

    sslobject_class = _Frank

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Return the connection's TLS, which knows where its words go."""
        made = super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)
        made.outgoing = outgoing  # type: ignore[attr-defined]
        return made


def context(certificate: str, key: str) -> Context:
    """Return a server's context from two PEM files; raise OSError where they cannot be read."""
    made = Context(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate, key)
    made.set_alpn_protocols(["h2", "http/1.1"])
    made.num_tickets = 0  # no client here resumes a session
    return made
