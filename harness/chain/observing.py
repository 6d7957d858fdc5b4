"""What a haproxy makes of its clients' errors (`observe`), as __health_adjust in check.c of 2.6.12 has it.

Each attempt that fails is one, retries among them; a client that is served, or a check that passes, begins the count
anew. At `error-limit` it does what `on-error` says: takes the server out; counts as a failed check; as one, and leaves
no more than one to go; or nothing. With a `fastinter` that is written down the next check then comes no later than
that, and one that is under way has failed by then; where none is, `on-error fastinter` does nothing at all.
tests/chain/test_observing.py has what haproxy did.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harness.profile.haproxy import Server


class OnError(StrEnum):
    """What is done at the limit."""

    FAIL_CHECK = "fail-check"
    FASTINTER = "fastinter"
    SUDDEN_DEATH = "sudden-death"
    MARK_DOWN = "mark-down"


@dataclass(frozen=True)
class Observing:
    """`limit` errors in a row do something; `hurries_s` is by when the next check comes then, None: when it is due.

    `statuses` says whether answers count too: 5xx are errors, and only an answer that is none begins the count anew.
    """

    limit: int
    on_error: OnError
    hurries_s: float | None = None
    statuses: bool = False

    def errors(self, fall: int) -> int | None:
        """Return how many errors in a row take a server out that was healthy, without a check; None where none do."""
        match self.on_error:
            case OnError.MARK_DOWN:
                return self.limit
            case OnError.SUDDEN_DEATH:
                return self.limit * min(2, fall)
            case OnError.FAIL_CHECK:
                return self.limit * fall
        return None


def of(server: Server) -> Observing | None:
    """Return how a server is observed; None where it is not."""
    if not server.observes:
        return None
    hurries_s = server.fastinter_s if "fastinter" in server.where else None
    return Observing(server.error_limit, OnError(server.on_error), hurries_s, server.observe == "layer7")
