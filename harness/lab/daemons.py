"""Which daemons of a machine have ended by themselves, and what a daemon said last."""

from __future__ import annotations

import re

from harness.lab.machine import Machine

SUPERVISED = ("keepalived", "haproxy", "nginx", "kube-apiserver", "etcd", "rsyslog")
# `sv status` of one that its supervisor was to keep up; one that is meant to be down lacks the last words.
_ENDED = re.compile(r"^(?:down|finish): /etc/sv/(?P<name>[^:]+): .*normally up", re.MULTILINE)
# The supervisor's stamp, keepalived's, and haproxy's grade.
_STAMP = re.compile(r"^\d{4}-\S+T\S+ |^\w{3} \w{3} +\d+ [\d:]+ \d{4}: |^\[\w+\]\s+\(\d+\) : ")
_TELLING = re.compile(r"alert|emerg|fatal|error|cannot|fail|fault|denied|refused|not found|no such", re.IGNORECASE)
_LINES = 2  # of what was said: the reason, and what came of it
_LENGTH = 200


def ended(machine: Machine) -> list[str]:
    """Return the daemons that have ended although they were to run."""
    said = machine.ask("sv", "status", *(f"/etc/sv/{name}" for name in SUPERVISED))
    return [found["name"] for found in _ENDED.finditer(said)]


def last_words(machine: Machine, daemon: str) -> str:
    """Return what a daemon said last, the telling lines before others; empty where it said nothing."""
    said = machine.ask("tail", "-n", "40", f"/var/log/harness/{daemon}/current")
    lines = [_plain(line) for line in said.splitlines()]
    lines = [line for line in dict.fromkeys(lines) if line and not line.startswith("tail: ")]
    telling = [line for line in lines if _TELLING.search(line)]
    return "; ".join(line[:_LENGTH] for line in (telling or lines)[-_LINES:])


def _plain(line: str) -> str:
    """Return a logged line without its stamps, the supervisor's and haproxy's own."""
    return _STAMP.sub("", _STAMP.sub("", line.strip())).strip()
