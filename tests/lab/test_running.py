"""What a command prints is whole, however much of it comes in one go with the head of the engine's answer."""

import contextlib
import json
import re
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from harness.lab.running import Running, output

PRINTED = [b"first\n", b"second\n"]


class Engine:
    """An engine of one container: a command that waits for a word prints once it has it, any other at once."""

    def __init__(self, path: Path, status: int = 0) -> None:
        self.path, self.status = path, status
        self.commands: list[list[str]] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as asked:
            while head := asked.readline():
                length = 0
                while (line := asked.readline()).strip():
                    length = int(line.split()[1]) if re.match(rb"(?i)content-length:", line) else length
                body = json.loads(asked.read(length) or b"{}")
                if b"/start " in head:
                    connection.sendall(self._printing(connection, asked))
                    return
                if b"/exec " in head:
                    self.commands.append(body["Cmd"])
                told = json.dumps({"Id": "e1", "ExitCode": self.status}).encode()
                sent = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                connection.sendall(sent % (len(told), told))

    def _printing(self, connection: socket.socket, asked: object) -> bytes:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
        if "read" in self.commands[-1][2]:
            connection.sendall(head)
            head = b"" if asked.readline() == b"\n" else head  # type: ignore[attr-defined]
        return head + b"".join(struct.pack(">BxxxL", 1, len(data)) + data for data in PRINTED)


@pytest.fixture
def engine(tmp_path) -> Iterator[Engine]:
    made = Engine(tmp_path / "engine.sock", status=3)
    yield made
    made.close()


@pytest.fixture
def container(engine) -> Iterator[Container]:
    client = docker.DockerClient(base_url=f"unix://{engine.path}", version="1.41")
    yield Container({"Id": "c1", "Name": "/m1"}, client)
    client.close()


def test_nothing_that_comes_early_is_lost(engine, container):
    assert output(container, "echo", "first") == (3, b"".join(PRINTED))
    assert engine.commands[-1][3:] == ["sh", "echo", "first"]


def test_a_stream_is_read_as_it_comes(container):
    with contextlib.closing(Running(container, ["tail", "-F", "x"])) as running:
        assert list(running.chunks()) == PRINTED
        assert running.status == 3
