"""What is known before anything is watched: who answers, how long its certificate holds, what may be seen from here."""

from __future__ import annotations

import datetime
import email.utils
import fcntl
import ipaddress
import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography import x509

from harness.agent.connection import Endpoint
from harness.agent.emit import facts as told
from harness.errors import UsageError
from harness.onsite.target import Target

PATIENCE_S = 5.0
SOON = datetime.timedelta(days=30)
# Leases are renewed every two seconds by each controller manager and scheduler; then what anybody may have.
NEWS = ("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases", "/api/v1/namespaces/default/configmaps")
SKEW_S = 2.0  # a Date header tells whole seconds


@dataclass(frozen=True)
class Seen:
    """One thing that was looked at; `well` is False where it is worth a second look."""

    what: str
    found: str
    well: bool = True


def examine(target: Target, facts: Path) -> Iterator[Seen]:
    """Yield what the address answers; raise UsageError where nobody does, or its certificate is not to be trusted.

    Three requests, one after another, all to the address that is named.
    """
    context = _context(facts)
    headers = {"authorization": f"Bearer {target.token}"} if target.token else {}
    with httpx.Client(base_url=target.endpoint, verify=context, headers=headers, timeout=PATIENCE_S) as client:
        try:
            version, ready = client.get("/version"), client.get("/readyz?verbose")
            certificate = ssl.get_server_certificate((target.host, target.port), timeout=PATIENCE_S)
        except (httpx.HTTPError, OSError) as error:
            raise UsageError(f"{target.endpoint}: {error or type(error).__name__}; do clients ask there?") from error
    yield Seen("version", _version(version), version.is_success)
    yield Seen("readyz", _ready(ready), ready.is_success)
    yield from _certificate(target, x509.load_pem_x509_certificate(certificate.encode()))
    if (stamp := version.headers.get("date")) is not None:
        yield _clock(stamp)
    if not target.authority:
        yield Seen("authority", "none given: nobody checks who answers; --kubeconfig tells it", False)


def news_of(target: Target, facts: Path) -> str:
    """Return the path of what changes often, of what may be listed; "" where nothing may: then nothing is followed."""
    headers = {"authorization": f"Bearer {target.token}"} if target.token else {}
    with httpx.Client(base_url=target.endpoint, verify=_context(facts), headers=headers, timeout=PATIENCE_S) as client:
        for path in NEWS:
            try:
                if client.get(path, params={"limit": 1}).is_success:
                    return path
            except (httpx.HTTPError, OSError):
                return ""
    return ""


def interface_to(target: Target) -> str | None:
    """Return the interface that leads to the target on a link of this machine's own; None where none does."""
    family = socket.AF_INET6 if ":" in target.host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_DGRAM)) as asks:
        try:
            asks.connect((target.host, 9))  # nothing is sent
        except OSError:
            return None
        own = asks.getsockname()[0]
    if ipaddress.ip_address(own).is_loopback:
        return None
    return next((name for name in _interfaces() if own in _addresses(name, family)), None)


def may_listen() -> bool:
    """Say whether this process may read and send raw frames: root, or CAP_NET_RAW."""
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    except (PermissionError, AttributeError):
        return False
    return True


def _context(facts: Path) -> ssl.SSLContext:
    return Endpoint.of(told(facts)).context


def _version(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["gitVersion"])
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status_code}"


def _ready(answer: httpx.Response) -> str:
    failed = [line for line in answer.text.splitlines() if line.startswith("[-]")]
    return f"status {answer.status_code}{''.join(f', {line}' for line in failed)}"


def _certificate(target: Target, found: x509.Certificate) -> Iterator[Seen]:
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        listed = ipaddress.ip_address(target.host) in names.get_values_for_type(x509.IPAddress)
    except x509.ExtensionNotFound:
        listed = False
    said = f"{'names' if listed else 'does not name'} {target.host}"
    left = found.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    yield Seen("certificate", f"{said}, ends in {left.days} days", listed and left > SOON)


def _clock(stamp: str) -> Seen:
    apart_s = (datetime.datetime.now(datetime.UTC) - email.utils.parsedate_to_datetime(stamp)).total_seconds()
    return Seen("clock", f"{apart_s:+.0f} s from the server's", abs(apart_s) < SKEW_S)


def _interfaces() -> list[str]:
    return [name for _, name in socket.if_nameindex()]


def _addresses(name: str, family: int) -> set[str]:
    """Return an interface's own addresses."""
    if family == socket.AF_INET6:
        rows = [line.split() for line in Path("/proc/net/if_inet6").read_text().splitlines()]
        return {str(ipaddress.IPv6Address(bytes.fromhex(row[0]))) for row in rows if row[5] == name}
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as asks:
        try:
            said = fcntl.ioctl(asks.fileno(), 0x8915, struct.pack("256s", name.encode()[:15]))  # SIOCGIFADDR
        except OSError:
            return set()
    return {socket.inet_ntoa(said[20:24])}
