"""Calls of a container engine, each failure of which is one sentence: which engine, what it said, what to do."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from typing import Any

import docker
import requests
from docker.errors import APIError, DockerException, ImageNotFound, InvalidVersion, NotFound
from docker.utils.socket import SocketError
from urllib3.exceptions import HTTPError, ProtocolError
from urllib3.exceptions import TimeoutError as TimedOut

from harness.errors import EngineError
from harness.lab import embedded
from harness.lab.ping import knock

CALL_TIMEOUT_S = 120  # the longest single call: a commit of a large image layer on a slow disk
EMBEDDED = "embedded"
_BROKEN = (requests.RequestException, HTTPError, DockerException, SocketError, OSError, ValueError)
_START = "start Docker, or set DOCKER_HOST"
# The first kind of error that is found anywhere in the chain of causes tells what it was, and the remedy.
_REASONS: list[tuple[tuple[type[Exception], ...], str, str]] = [
    ((PermissionError,), "this user may not use it", "add the user to the group docker, or be root"),
    ((ConnectionRefusedError, FileNotFoundError), "nobody listens there", _START),
    ((socket.gaierror,), "its host has no address", "correct DOCKER_HOST or the context"),
    ((TimeoutError, requests.Timeout, TimedOut), "no answer in time", "see whether it hangs, or is overloaded"),
    ((ssl.SSLError,), "TLS failed", "correct its certificates, or DOCKER_HOST"),
    ((requests.JSONDecodeError,), "what answers there is no container engine", "correct DOCKER_HOST"),
    ((ConnectionError, ProtocolError, SocketError), "it broke the connection off", f"see its own log; {_START}"),
    ((InvalidVersion,), "it speaks too old a version of the API", "use Docker 20.10 or later"),
]


class Refused(EngineError, APIError):  # type: ignore[misc]
    """The engine answered, and refused; what catches docker's own error finds it in this one too."""

    def __str__(self) -> str:
        return f"the container engine refused: {self.explanation}"


class Unknown(Refused, NotFound):  # type: ignore[misc]
    """It knows no such thing."""


class UnknownImage(Unknown, ImageNotFound):  # type: ignore[misc]
    """It knows no such image."""


class Api(docker.APIClient):  # type: ignore[misc]
    """docker-py's client of the engine at `url`, found by way of `origin`; raises EngineError alone."""

    def __init__(self, url: str, origin: str, call_timeout_s: float = CALL_TIMEOUT_S) -> None:
        self.asked, self.origin, self._met = url, origin, False
        with self._told():
            knock(url)
            super().__init__(base_url=url, timeout=call_timeout_s, use_ssh_client=True)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        with self._told():
            response: requests.Response = super().send(request, **options)
        self._met = True
        return response

    def _stream_helper(self, response: requests.Response, decode: bool = False) -> Iterator[Any]:
        with self._told():
            yield from super()._stream_helper(response, decode)

    def _stream_raw_result(
        self, response: requests.Response, chunk_size: int = 1, decode: bool = True
    ) -> Iterator[Any]:
        with self._told():
            yield from super()._stream_raw_result(response, chunk_size, decode)

    def _read_from_socket(self, *given: Any, **options: Any) -> Any:
        with self._told():
            return super()._read_from_socket(*given, **options)

    def _raise_for_status(self, response: requests.Response) -> None:
        try:
            super()._raise_for_status(response)
        except APIError as error:
            kinds = {ImageNotFound: UnknownImage, NotFound: Unknown}
            said = self.space(error.explanation or str(error))
            raise kinds.get(type(error), Refused)(said, error.response, said) from error

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except EngineError:
            raise
        except _BROKEN as error:
            if isinstance(error.__cause__, EngineError):  # docker-py wraps what happens while it asks for the version
                raise error.__cause__ from None
            raise EngineError(self._sentence(error)) from error

    def _sentence(self, error: Exception) -> str:
        what, remedy = _reason(error)
        if self.asked.startswith("ssh://"):
            remedy = f"`ssh {self.asked.removeprefix('ssh://')} docker version` may show why"
        became = "went away" if self._met else "does not answer"
        told = f"the container engine {became} ({self.origin}, {self.asked}): {what}"
        if self.origin == EMBEDDED:
            return f"{told}; {embedded.last_words()}. `harness engine start` starts it anew"
        return f"{told}; {remedy}"

    def space(self, said: str) -> str:
        """Add to what an engine says of a full disk whose it is."""
        own = self.origin == EMBEDDED
        # What the engine runs may die of a full disk without a word about it.
        if "no space left on device" not in said.lower() and not (own and embedded.full()):
            return said
        folder = str(embedded.folder() / "data")
        if not own:
            folder = "its data folder"
            with contextlib.suppress(EngineError):
                folder = self.info()["DockerRootDir"]
        return f"{said} (the disk of the engine is full: free some for {folder}; {self.origin}, {self.asked})"


class Client(docker.DockerClient):  # type: ignore[misc]
    """docker-py's own client, above an Api."""

    def __init__(self, url: str, origin: str, call_timeout_s: float = CALL_TIMEOUT_S) -> None:
        self.api = Api(url, origin, call_timeout_s)


def _reason(error: BaseException) -> tuple[str, str]:
    chain = list(_causes(error))
    for kinds, what, remedy in _REASONS:
        if any(isinstance(cause, kinds) for cause in chain):
            return what, remedy
    last = chain[-1]
    said = last.strerror if isinstance(last, OSError) and last.strerror else str(last) or type(last).__name__
    return said[:300], "correct DOCKER_HOST or the context"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it came of; requests and urllib3 keep that among their arguments."""
    yield error
    for cause in (error.__cause__, getattr(error, "reason", None), *error.args):
        if isinstance(cause, BaseException):
            yield from _causes(cause)
