"""Deeds done to the certificate that an apiserver shows."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.agent.deeds.answer import PROCESS, apiserver_port
from harness.agent.deeds.deed import PATIENCE_S, Done, Unproven
from harness.agent.deeds.stop import main
from harness.events import Did

SERVED, EXPIRED = Path("/etc/harness/apiserver.crt"), Path("/etc/harness/apiserver-expired.crt")
KEPT, AUTHORITY = Path("/run/harness/apiserver.crt"), Path("/etc/harness/ca.crt")
TOO_OLD = 10  # X509_V_ERR_CERT_HAS_EXPIRED, verify(1)


@dataclass(frozen=True)
class Expire:
    """Have the node's apiserver show a certificate whose time is up, proven by a handshake; connections stay."""

    def do(self) -> Done:
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        KEPT.write_bytes(SERVED.read_bytes())
        SERVED.write_bytes(EXPIRED.read_bytes())
        return _shown(expired=True)


@dataclass(frozen=True)
class Renew:
    """Have it show its own again."""

    def do(self) -> Done:
        SERVED.write_bytes(KEPT.read_bytes())
        KEPT.unlink()
        return _shown(expired=False)


def _shown(expired: bool) -> Done:
    if not (pid := main(PROCESS)):
        raise Unproven(f"the supervisor runs no {PROCESS}")
    begin_ns = time.monotonic_ns()
    os.kill(pid, signal.SIGHUP)
    end_ns = time.monotonic_ns()
    deadline = time.monotonic() + PATIENCE_S
    while _expired() is not expired:
        if time.monotonic() > deadline:
            raise Unproven(f"the apiserver does not show a certificate that {'has expired' if expired else 'is valid'}")
        time.sleep(0.02)
    return Done(begin_ns, end_ns, Did(process=PROCESS, pids=[pid], signal="SIGHUP"))


def _expired() -> bool | None:
    """Say whether a client that trusts the authority finds its time up; None where it found out nothing."""
    context = ssl.create_default_context(cafile=str(AUTHORITY))
    with suppress(OSError):
        try:
            with socket.create_connection(("localhost", apiserver_port()), timeout=1) as raw:
                context.wrap_socket(raw, server_hostname="localhost").close()
            return False
        except ssl.SSLCertVerificationError as error:
            return True if error.verify_code == TOO_OLD else None
    return None
