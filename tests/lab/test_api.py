"""Engines that fail, each a few lines on a socket of its own: what the user is told of them."""

import http
import io
import shutil
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from docker.errors import APIError, ImageNotFound, NotFound
from urllib3.exceptions import ProtocolError

from harness.errors import EngineError
from harness.lab import api, embedded
from harness.lab.api import EMBEDDED, Client

VERSION = b'{"ApiVersion": "1.41"}'
Answer = Callable[[bytes], bytes | None]


class Engine:
    """Answers each request with what `answer` returns for its first line; None breaks the connection off."""

    def __init__(self, path: Path) -> None:
        self.url = f"unix://{path}"
        self.answer: Answer = lambda line: said(200, VERSION)
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(path))
        self._door.listen()
        self._serving = threading.Thread(target=self._serve)
        self._serving.start()

    def _serve(self) -> None:
        while True:
            caller, _ = self._door.accept()
            with caller:
                asked = caller.recv(65536)
                if asked == b"STOP":
                    return
                if asked and (answer := self.answer(asked.split(b"\r\n")[0])):
                    caller.sendall(answer)

    def stop(self) -> None:
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(self.url.removeprefix("unix://"))
            last.sendall(b"STOP")
            self._serving.join()
        self._door.close()


def said(status: int, body: bytes, length: int | None = None) -> bytes:
    head = f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}\r\nContent-Type: application/json\r\n"
    return f"{head}Connection: close\r\nContent-Length: {length or len(body)}\r\n\r\n".encode() + body


def once_met(answer: Answer) -> Answer:
    return lambda line: said(200, VERSION) if b"/version" in line else answer(line)


@pytest.fixture
def engine() -> Iterator[Engine]:
    with tempfile.TemporaryDirectory(prefix="fh-") as folder:  # a short path, as a socket's must be
        running = Engine(Path(folder) / "s")
        yield running
        running.stop()


@pytest.fixture
def client(engine) -> Iterator[Client]:
    client = Client(engine.url, "DOCKER_HOST")
    yield client
    client.close()


def test_one_that_breaks_off_went_away_and_is_named(engine, client):
    engine.answer = lambda line: None
    with pytest.raises(EngineError, match=rf"^the container engine went away \(DOCKER_HOST, {engine.url}\): it broke"):
        client.containers.list()


def test_what_is_cut_short_on_its_way_went_away_too(engine, client):
    engine.answer = once_met(lambda line: said(200, b"[", length=1000))
    with pytest.raises(EngineError, match=r"went away .*it broke the connection off"):
        client.containers.list()
    with pytest.raises(EngineError, match=r"went away"):
        b"".join(client.api.export("x"))
    with pytest.raises(EngineError, match=r"went away"):
        list(client.api.build(fileobj=io.BytesIO(), custom_context=True, decode=True))


def test_one_that_hangs_is_given_up(engine):
    patient = threading.Event()
    client = Client(engine.url, "context x", call_timeout_s=0.3)
    engine.answer = lambda line: patient.wait() and None
    with pytest.raises(EngineError, match=r"context x, .*no answer in time; see whether it hangs"):
        client.containers.list()
    patient.set()
    client.close()


def test_nobody_there():
    with pytest.raises(EngineError, match=r"does not answer \(DOCKER_HOST, unix:///nowhere\): nobody .*start Docker"):
        Client("unix:///nowhere", "DOCKER_HOST")
    with pytest.raises(EngineError, match=r"tcp://127.0.0.1:1\): nobody listens there"):
        Client("tcp://127.0.0.1:1", "DOCKER_HOST")


def test_something_else_that_listens_there(engine):
    engine.answer = lambda line: said(200, b"<html>")
    with pytest.raises(EngineError, match=r"what answers there is no container engine"):
        Client(engine.url, "DOCKER_HOST")
    engine.answer = lambda line: said(400, b"Client sent an HTTP request to an HTTPS server.")
    with pytest.raises(EngineError, match=r"refused: Client sent an HTTP request to an HTTPS server"):
        Client(engine.url, "DOCKER_HOST")


def test_one_far_too_old(engine):
    engine.answer = lambda line: said(200, b'{"ApiVersion": "1.12"}')
    with pytest.raises(EngineError, match=r"too old a version of the API"):
        Client(engine.url, "DOCKER_HOST")


def test_an_address_that_is_none():
    with pytest.raises(EngineError, match=r"\(DOCKER_HOST, foo://bar\): .*correct DOCKER_HOST"):
        Client("foo://bar", "DOCKER_HOST")


def test_ssh_that_fails_tells_how_to_find_out_why():
    sentence = _unmade("ssh://me@there")._sentence(requests.ConnectionError(ProtocolError("Connection aborted.")))
    assert sentence.endswith("it broke the connection off; `ssh me@there docker version` may show why")


def _unmade(url: str, origin: str = "DOCKER_HOST") -> api.Api:
    made = api.Api.__new__(api.Api)
    made.asked, made.origin, made._met = url, origin, False
    return made


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ProtocolError("Connection aborted.", PermissionError(13, "x")), "may not use it; add the user to the group"),
        (ProtocolError("Connection aborted.", ConnectionRefusedError(111, "x")), "nobody listens there; start Docker"),
        (socket.gaierror(-2, "x"), "its host has no address"),
        (ssl.SSLError(1, "x"), "TLS failed"),
        (OSError(113, "No route to host"), "No route to host; correct DOCKER_HOST"),
    ],
)
def test_the_cause_is_found_however_deep(error, told):
    sentence = _unmade("tcp://x")._sentence(requests.ConnectionError(error))
    assert told in sentence
    assert "Errno" not in sentence


def test_the_embedded_one_gives_its_last_words_and_its_log(monkeypatch, tmp_path):
    monkeypatch.setattr(embedded, "folder", lambda: tmp_path)
    assert f"it left no log at {tmp_path}/log" in embedded.last_words()
    log = 'time="2030" level=info msg="API listen"\ntime="2030" level=error msg="it \\"hurts\\""\n'
    (tmp_path / "log").write_text(log)
    sentence = _unmade("unix:///x", EMBEDDED)._sentence(requests.ConnectionError("gone"))
    assert f'its last words: it "hurts" (its log: {tmp_path}/log). `harness engine start` starts it anew' in sentence
    (tmp_path / "log").write_text(log + "failed to start daemon: no luck\n")
    assert "its last words: failed to start daemon: no luck" in embedded.last_words()
    assert "its last words: none" in embedded.last_words(since=10_000)


def test_a_refusal_is_dockers_own_error_and_ours(engine, client):
    cases = {
        (404, b'{"message": "No such image: x"}'): ImageNotFound,
        (404, b'{"message": "No such container: x"}'): NotFound,
        (409, b'{"message": "is paused"}'): APIError,
    }
    for (status, body), kind in cases.items():
        engine.answer = lambda line, status=status, body=body: said(status, body)
        with pytest.raises(kind) as told:
            client.api.inspect_container("x")
        assert isinstance(told.value, EngineError)
        assert str(told.value).startswith("the container engine refused: ")
        assert isinstance(told.value, NotFound) == (status == 404)
        assert isinstance(told.value, ImageNotFound) == (kind is ImageNotFound)


def test_a_full_disk_of_the_engine_is_named_with_its_folder(engine, client, monkeypatch, tmp_path):
    full = said(500, b'{"message": "write /x: no space left on device"}')
    engine.answer = lambda line: said(200, b'{"DockerRootDir": "/srv/docker"}') if b"/info" in line else full
    with pytest.raises(
        APIError, match=r"no space left on device \(the disk of the engine is full: .*/srv/docker"
    ) as told:
        client.containers.create("x")
    assert "/srv/docker" in told.value.explanation
    monkeypatch.setattr(embedded, "folder", lambda: tmp_path)
    assert f"free some for {tmp_path}/data" in _unmade("unix:///x", EMBEDDED).space("No space left on device")
    assert _unmade("unix:///x").space("anything else") == "anything else"
    assert _unmade("unix:///x", EMBEDDED).space("anything else") == "anything else"
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=4096))
    assert "the disk of the engine is full" in _unmade("unix:///x", EMBEDDED).space("runc did not terminate")
