"""A command in a container with its streams kept open, and closed for good: docker-py leaves the socket behind.

docker-py takes what a command prints from beneath the reader that has read the answer's head, and loses whatever came
in one go with that. So a command begins only once it is told to: by then the head has been read.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Sequence
from typing import Any

from docker.errors import APIError
from docker.models.containers import Container
from docker.utils.socket import frames_iter

from harness.errors import LabError

_TOLD = 'read -r _ && exec "$@"'


class Running:
    """A running command: its output as chunks, its input open as long as this is where it has `stdin`.

    One that has `stdin` prints nothing here unless it has `stdout` too; errors are printed only with `stderr`.
    """

    def __init__(
        self,
        container: Container,
        command: Sequence[str],
        stdin: bool = False,
        stdout: bool = False,
        stderr: bool = False,
    ) -> None:
        self._api = container.client.api
        words = ["sh", "-c", _TOLD if stdin else f"{_TOLD} </dev/null", "sh", *command]
        try:
            made = self._api.exec_create(container.id, words, stdin=True, stdout=stdout or not stdin, stderr=stderr)
            self._id = made["Id"]
            self._stream: Any = self._api.exec_start(self._id, socket=True)
        except APIError as error:
            raise LabError(f"{container.name}: cannot run {command[0]}: {error.explanation}") from error
        # The stream of a unix socket wraps the socket itself, which closing the stream leaves open.
        self._socket: Any = getattr(self._stream, "_sock", None)
        try:
            self.write(b"\n")
        except OSError as error:
            self.close()
            raise LabError(f"{container.name}: cannot run {command[0]}: {error}") from error

    def chunks(self) -> Iterator[bytes]:
        """Yield what the command prints, until it ends."""
        for _, data in frames_iter(self._stream, tty=False):
            yield data

    @property
    def status(self) -> int | None:
        """The status with which the command has ended; None where the engine does not know that it has."""
        code: int | None = self._api.exec_inspect(self._id)["ExitCode"]
        return code

    def write(self, data: bytes) -> None:
        """Hand bytes to the command; raise OSError where it has ended."""
        (self._socket or self._stream).sendall(data)

    def end(self) -> None:
        """Tell the command that nothing more comes in; raise OSError where it has ended."""
        (self._socket or self._stream).shutdown(socket.SHUT_WR)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.close()
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()


def output(container: Container, *command: str) -> tuple[int | None, bytes]:
    """Run a command to its end; return its status, and all that it printed, errors among it."""
    with contextlib.closing(Running(container, command, stderr=True)) as running:
        said = b"".join(running.chunks())
    return running.status, said
