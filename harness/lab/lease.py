"""A lab lives as long as somebody holds it: an open stream into each container, at whose end its init ends too."""

from __future__ import annotations

import contextlib
from typing import Any

from docker.errors import APIError
from docker.models.containers import Container

from harness.errors import LabError

# The engine closes this command's input when its client is gone, whatever ended that client.
_UNTIL_LET_GO = ["sh", "-c", "cat >/dev/null; kill -HUP 1"]


class Lease:
    """Hold on a container; closing it, or this process' death, ends the container."""

    def __init__(self, container: Container) -> None:
        api = container.client.api
        try:
            made = api.exec_create(container.id, _UNTIL_LET_GO, stdin=True, stdout=False, stderr=False)
            self._stream: Any = api.exec_start(made["Id"], socket=True)
        except APIError as error:
            raise LabError(f"{container.name}: cannot be held: {error.explanation}") from error

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.close()
