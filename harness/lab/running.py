"""A command in a container with its stream kept open, and closed for good: docker-py leaves the socket behind."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

from docker.errors import APIError
from docker.models.containers import Container
from docker.utils.socket import frames_iter

from harness.errors import LabError


class Running:
    """A running command: its output as chunks, its input open as long as this is.

    One that has `stdin` prints nothing here unless it has `stdout` too.
    """

    def __init__(self, container: Container, command: list[str], stdin: bool = False, stdout: bool = False) -> None:
        api = container.client.api
        try:
            made = api.exec_create(container.id, command, stdin=stdin, stdout=stdout or not stdin, stderr=False)
            self._stream: Any = api.exec_start(made["Id"], socket=True)
        except APIError as error:
            raise LabError(f"{container.name}: cannot run {command[0]}: {error.explanation}") from error
        # The stream of a unix socket wraps the socket itself, which closing the stream leaves open.
        self._socket: Any = getattr(self._stream, "_sock", None)

    def chunks(self) -> Iterator[bytes]:
        """Yield what the command prints, until it ends."""
        for _, data in frames_iter(self._stream, tty=False):
            yield data

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
