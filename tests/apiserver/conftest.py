"""The stub apiserver as a process of its own on the loopback, before a gateway to etcd that a test can silence."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPResponse, HTTPSConnection
from pathlib import Path

import pytest

from harness.lab import certificates
from tests.apiserver.gateway import Gateway

LIBRARY = Path(__file__).parents[2] / "images/master/rootfs/usr/local/lib"
TOKEN = "sesame"


@dataclass
class Stub:
    """A running stub: where it listens, and what its clients trust."""

    process: subprocess.Popen[str]
    port: int
    context: ssl.SSLContext

    def connection(self) -> HTTPSConnection:
        """Return an HTTP/1.1 connection, not yet open."""
        return HTTPSConnection("127.0.0.1", self.port, context=self.context, timeout=10)

    def get(self, path: str, token: str = TOKEN) -> HTTPResponse:
        """Return the answer to one request on a connection of its own; its body is read already."""
        connection = self.connection()
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        answer.text = answer.read().decode()  # type: ignore[attr-defined]
        connection.close()
        return answer

    def terminate(self) -> None:
        """Send SIGTERM, and wait until the stub has taken note."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.stdout
        assert self.process.stdout.readline().startswith("SIGTERM")


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    yield made
    made.close()


@pytest.fixture
def start(gateway: Gateway, tmp_path: Path) -> Iterator[Callable[..., Stub]]:
    """Return a function that starts a stub with more words on its command line."""
    authority = certificates.authority()
    certificate, key = authority.issue("m1", ["127.0.0.1"])
    files = {"--tls-cert-file": certificate, "--tls-private-key-file": key, "--token-file": TOKEN}
    words = [sys.executable, "-c", "from kube_apiserver.server import main; main()", "--secure-port", "0"]
    words += ["--bind-address", "127.0.0.1", "--node-name", "m1", "--etcd-servers", f"http://127.0.0.1:{gateway.port}"]
    for option, text in files.items():
        (tmp_path / option).write_text(text)
        words += [option, str(tmp_path / option)]
    context = ssl.create_default_context(cadata=authority.pem)
    started = []

    def run(*more: str) -> Stub:
        path = os.pathsep.join([str(LIBRARY), *filter(None, sys.path)])
        env = os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        process = subprocess.Popen([*words, *more], stdout=subprocess.PIPE, text=True, env=env)
        started.append(process)
        assert process.stdout
        said = process.stdout.readline().split()
        return Stub(process, int(said[2]), context)

    yield run
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


@pytest.fixture
def stub(start: Callable[..., Stub]) -> Stub:
    return start()
