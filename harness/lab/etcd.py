"""What a master's member of etcd says of itself."""

from __future__ import annotations

import json

from harness.lab.machine import Machine

STATUS = ("etcdctl", "endpoint", "status", "--write-out", "json")


def leads(machine: Machine) -> bool:
    """Say whether a machine's member of etcd leads the others; one that does not answer leads nobody."""
    try:
        (told,) = json.loads(machine.ask(*STATUS))
        return bool(told["Status"]["header"]["member_id"] == told["Status"]["leader"])
    except (ValueError, KeyError, TypeError):
        return False
