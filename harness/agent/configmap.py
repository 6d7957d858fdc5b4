"""A ConfigMap, put and listed as an API client does; as a program, the one that the prober reads."""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import time
from pathlib import Path

from harness.agent.connection import Endpoint
from harness.agent.emit import FACTS

COLLECTION = "/api/v1/namespaces/default/configmaps"
TARGET = "probe-target"
PATIENCE_S = 30.0


def configmap(name: str) -> bytes:
    """Return a ConfigMap of that name as the API takes it."""
    return json.dumps(
        {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": name}, "data": {"n": name}}
    ).encode()


def call(endpoint: Endpoint, token: str, method: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Ask once, on a connection of its own; return status and body, raise OSError or HTTPException."""
    connection = http.client.HTTPSConnection(endpoint.host, endpoint.port, timeout=5, context=endpoint.context)
    try:
        connection.request(method, COLLECTION, body, {"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def put_target(endpoint: Endpoint, token: str, patience_s: float = PATIENCE_S) -> bool:
    """Put what the prober reads, and say whether it is there: one that was there before will do."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        try:
            if call(endpoint, token, "POST", configmap(TARGET))[0] in (201, 409):
                return True
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.1)
    return False


def main() -> None:
    """Put the target; exit with 1 where it cannot be put."""
    parser = argparse.ArgumentParser(prog="configmap", description=__doc__)
    parser.add_argument("--facts", type=Path, default=FACTS)
    facts = json.loads(parser.parse_args().facts.read_text())
    sys.exit(0 if put_target(Endpoint.of(facts), facts["token"]) else 1)


if __name__ == "__main__":
    main()
