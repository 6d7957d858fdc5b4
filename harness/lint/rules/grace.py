"""How long a client believes in a dead connection, against how long its node counts as healthy: C01."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.lint.rule import Problem, Severity, rule
from harness.lint.setup import Setup
from harness.profile.where import Where

_GRACE = re.compile(r"--node-monitor-grace-period[=\s]+(?P<minutes>(\d+)m(?!s))?(?P<seconds>(\d+)s)?")
# client-go's own variables and their defaults: an idle HTTP/2 connection is pinged, and given up without an answer.
_WAITS_S = {"HTTP2_READ_IDLE_TIMEOUT_SECONDS": 30, "HTTP2_PING_TIMEOUT_SECONDS": 15}


@rule("C01", "a kubelet that is told too late", "https://github.com/kubernetes/kubernetes/issues/121793")
def given_up(setup: Setup) -> Iterator[Problem]:
    """A kubelet may believe in a dead connection for longer than its node counts as healthy.

    client-go pings an idle HTTP/2 connection after 30 s and waits 15 s for the answer: up to 45 s, in which no status
    is sent. With `--node-monitor-grace-period=40s`, which was the default for long, a failover that leaves a connection
    silent may make every node NotReady. The flags are read in a controller manager's manifest, the times in a kubelet's
    environment, where those are in the folder.

    Confirmed: by client-go's source, and by the issue that is linked.

    Remedy: `--node-monitor-grace-period=50s`; or HTTP2_READ_IDLE_TIMEOUT_SECONDS and HTTP2_PING_TIMEOUT_SECONDS lower.
    """
    waits_s = dict(_WAITS_S)
    for file in setup.programs:
        for name in waits_s:
            if found := re.search(rf"{name}[\"']?\s*[=:]\s*[\"']?(\d+)", file.text):
                waits_s[name] = int(found[1])
    longest_s = sum(waits_s.values())
    for file in setup.programs:
        for number, line in enumerate(file.text.splitlines(), 1):
            match = _GRACE.search(line)
            grace_s = int(match[2] or 0) * 60 + int(match[4] or 0) if match else 0
            if 0 < grace_s <= longest_s:
                told = (
                    f"a node counts as lost after {grace_s} s, and its kubelet may take {longest_s} s to see that its "
                    "connection is dead: a failover can make every node NotReady; node-monitor-grace-period 50s"
                )
                yield Problem(Where(file.source, number), Severity.WARNING, told)
