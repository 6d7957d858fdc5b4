"""haproxy's own account of its connections: the lines of `option tcplog`, as events."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from harness.clock import NS
from harness.events import HaproxySession
from harness.history import Event

# client:port [accept date] frontend backend/server Tw/Tc/Tt bytes state ... (haproxy's configuration manual, §8.2.2)
_LINE = re.compile(
    r" (?:\S+):(?P<port>\d+) \[(?P<accepted>[^\]]+)\] \S+ (?P<backend>[^/\s]+)/(?P<server>\S+) "
    r"(?P<waited>-?\d+)/(?P<connect>-?\d+)/\+?(?P<total>\d+) \+?\d+ (?P<state>\S\S) "
)
_DATE = "%d/%b/%Y:%H:%M:%S.%f"
NORMAL = "--"


def sessions(node: str, text: str, offset_ns: int) -> Iterator[Event[HaproxySession]]:
    """Yield the sessions that did not end as they should; `offset_ns` is CLOCK_REALTIME - CLOCK_MONOTONIC.

    `state` is haproxy's termination state; stamps are good to a millisecond, as the log is.
    """
    number = 0
    for line in text.splitlines():
        found = _LINE.search(line)
        if found is None or found["state"] == NORMAL:
            continue
        accepted = datetime.datetime.strptime(found["accepted"], _DATE).replace(tzinfo=datetime.UTC)
        accepted_ns = round(accepted.timestamp() * 1000) * 1_000_000 - offset_ns
        session = HaproxySession(
            port=int(found["port"]),
            accepted_ns=accepted_ns,
            backend=found["backend"],
            server=found["server"],
            connect_ms=int(found["connect"]),
            state=found["state"],
        )
        ended_ns = accepted_ns + int(found["total"]) * (NS // 1000)
        yield Event(ended_ns, node, "haproxy-log", number, session)
        number += 1
