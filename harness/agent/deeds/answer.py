"""Deeds done to what an apiserver answers."""

from __future__ import annotations

import http.client
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.agent.deeds.deed import PATIENCE_S, Done, Unproven
from harness.events import Did

PROCESS = "kube-apiserver"
ENVIRONMENT = Path("/etc/harness/node.env")
FORCED = Path("/run/harness/apiserver-status")  # the stub answers with the status that is in it, and to whom


@dataclass(frozen=True)
class Answer:
    """Have the node's apiserver answer requests with a status, or as it should with 0; proven by asking it.

    `whom` is "all", or "anonymous": those that say nothing of who asks.
    """

    status: int
    whom: str = "all"

    def do(self) -> Done:
        FORCED.parent.mkdir(parents=True, exist_ok=True)
        written = FORCED.with_suffix(".new")
        written.write_text(f"{self.status} {self.whom}")
        begin_ns = time.monotonic_ns()
        written.replace(FORCED) if self.status else FORCED.unlink(missing_ok=True)
        end_ns = time.monotonic_ns()
        written.unlink(missing_ok=True)
        deadline = time.monotonic() + PATIENCE_S
        while not self._says(heard := self._asked()):
            if time.monotonic() > deadline:
                raise Unproven(f"the apiserver answers {heard}, not {self.status or 'as it should'}")
            time.sleep(0.05)
        return Done(begin_ns, end_ns, Did(process=PROCESS))

    def _says(self, status: int | None) -> bool:
        return status == self.status if self.status else status == http.client.OK

    def _asked(self) -> int | None:
        """Return the status of an answer that needs no etcd; None where there is none."""
        context = ssl._create_unverified_context()
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPSConnection("localhost", apiserver_port(), timeout=1, context=context)
            try:
                connection.request("GET", "/version")
                return connection.getresponse().status
            finally:
                connection.close()
        return None


def apiserver_port() -> int:
    """Return where the lab's apiservers listen, as its service is told."""
    told = dict(line.split("=", 1) for line in ENVIRONMENT.read_text().splitlines() if "=" in line)
    return int(told["SECURE_PORT"].strip("'"))
