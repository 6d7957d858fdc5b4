"""A certificate that expires, by a server that reads it anew on SIGHUP, as the stub does."""

import subprocess
import sys

import pytest

from harness.agent.deeds import certificate, stop
from harness.agent.deeds.answer import PROCESS
from harness.agent.deeds.certificate import Expire, Renew
from harness.agent.deeds.deed import Unproven
from harness.lab.certificates import authority
from tests.agent.deeds.test_stop import supervised

SERVER = """
import signal, socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
anew = lambda *_: context.load_cert_chain(sys.argv[1], sys.argv[2])
anew()
if len(sys.argv) == 3:
    signal.signal(signal.SIGHUP, anew)
else:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
with socket.create_server(("127.0.0.1", 0)) as listener:
    print(listener.getsockname()[1], flush=True)
    while True:
        try:
            context.wrap_socket(listener.accept()[0], server_side=True).close()
        except OSError:
            pass
"""


@pytest.fixture
def files(tmp_path, monkeypatch):
    made = authority()
    served, key = made.issue("m3", ["127.0.0.1"])
    told = {"SERVED": served, "EXPIRED": made.expired(served), "AUTHORITY": made.pem, "KEY": key}
    for name, text in told.items():
        path = tmp_path / name.lower()
        path.write_text(text)
        if name != "KEY":
            monkeypatch.setattr(certificate, name, path)
    monkeypatch.setattr(certificate, "KEPT", tmp_path / "run" / "kept")
    monkeypatch.setattr(certificate, "PATIENCE_S", 0.5)
    monkeypatch.setattr(stop, "SERVICES", tmp_path)
    return tmp_path


def serving(files, monkeypatch, *more):
    words = [sys.executable, "-c", SERVER, str(files / "served"), str(files / "key"), *more]
    server = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    port = int(server.stdout.readline())
    monkeypatch.setattr(certificate, "apiserver_port", lambda: port)
    return server


def test_it_is_shown_expired_and_then_valid_again(files, monkeypatch):
    before = (files / "served").read_text()
    with serving(files, monkeypatch) as server, supervised(files, PROCESS, server.pid):
        begin, end, did = Expire().do()
        assert begin <= end and did.pids == [server.pid]
        assert certificate._expired() is True
        Renew().do()
        assert certificate._expired() is False
        server.kill()
    assert (files / "served").read_text() == before and not certificate.KEPT.exists()


def test_one_that_goes_on_with_the_old_one_is_said(files, monkeypatch):
    with serving(files, monkeypatch, "deaf") as server, supervised(files, PROCESS, server.pid):
        with pytest.raises(Unproven, match="the apiserver does not show a certificate that has expired"):
            Expire().do()
        server.kill()
