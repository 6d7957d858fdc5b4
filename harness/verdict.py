"""What a trial's measures and findings come to, and its file `verdict.json`."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import msgspec

from harness import disk
from harness.clock import Bounds, Measured
from harness.errors import HistoryError, UsageError
from harness.shapes import bounded, unbounded

SCHEMA = 1
NEVER: Literal["never"] = "never"
UNTIL_HEALED: Literal["until healed"] = "until healed"
End = Literal["never", "until healed"]


class Within(Bounds, frozen=True, omit_defaults=True):
    """[best, worst] seconds; `otherwise` what may be instead, where that depends on what nobody can tell."""

    otherwise: End | None = None


# What the profile's own timers imply of a measure: [best, worst], that it never comes about, or that it lasts until the
# fault is healed.
Interval = Within | End
Intervals = dict[str, Interval]  # by the measure's name


class Outcome(StrEnum):
    """Passed < inconclusive < failed: the worst finding wins."""

    PASSED = "passed"
    INCONCLUSIVE = "inconclusive"
    FAILED = "failed"


_RANK = [Outcome.PASSED, Outcome.INCONCLUSIVE, Outcome.FAILED]


class Symptom(StrEnum):
    """What did not happen, as far as a configuration alone may account for it.

    The VIP stayed with an owner that had lowered its priority, or with one whose keepalived noticed nothing; a dead
    backend was never taken out.
    """

    VIP_OUTBID = "vip-outbid"
    VIP_UNNOTICED = "vip-unnoticed"
    BACKEND_KEPT = "backend-kept"


class Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    """A symptom as a trial has shown it on a node, once `process` had failed, or a whole node where that is "".

    Of a backend that was kept, `node` is whose haproxy kept it, and `backend` its server's name there.
    """

    symptom: Symptom
    node: str
    process: str = ""
    backend: str = ""


class Reason(msgspec.Struct, frozen=True):
    """What lint says of a symptom: its rule, the place in the operator's files, and the line as it should be."""

    rule: str
    path: str
    line: int
    message: str
    fix: str | None = None


class Finding(msgspec.Struct):
    """One check's answer; `measured` and `budget` in the unit that `message` names.

    `certain` is what no busy machine can bring about; `doubted` is what this machine's own evidence puts in doubt, so
    that a quieter one may tell. `because` is what lint knows of what the finding `shows`.
    """

    check: str
    outcome: Outcome
    message: str
    measured: Measured = None
    budget: float | None = None
    certain: bool = False
    doubted: bool = False
    shows: Shown | None = None
    because: list[Reason] = []


class FaultMeasures(msgspec.Struct):
    """What one fault did, in seconds from its start; `at_s` and `healed_at_s` count from the trial's start.

    The links from `election_s` to `first_answer_s` each count from the end of the one before. `..._seen_s` is what the
    client's ARP probes saw of the same thing. `connect_blackout_s` is the longest time in which no TCP connection came
    about, `healing_blackout_s` the longest without an answer from healing on, by failback among others. `predicted` may
    also hold what no measure tells alone: `recovery_s`, `write_refusal_s`.
    """

    fault: str
    node: str
    at_s: float
    width_s: float
    healed_at_s: float | None = None
    new_owner: str | None = None
    vip_migration_s: Measured = None
    detection_s: Measured = None
    election_s: Measured = None
    assign_s: Measured = None
    announce_s: Measured = None
    neighbour_s: Measured = None
    first_answer_s: Measured = None
    blackout_s: Measured = None
    connect_blackout_s: Measured = None
    no_master_s: Measured = None
    no_master_seen_s: Measured = None
    dual_master_s: Measured = None
    dual_master_seen_s: Measured = None
    failback_s: Measured = None
    healing_blackout_s: Measured = None
    watch_stall_s: Measured = None
    predicted: Intervals = {}


class Eviction(msgspec.Struct):
    """How long one haproxy took to take a backend out after a fault (by its index) and to put it back.

    `first_failed_check_s` and `last_error_s`, of a client that it had sent there, count from the fault too.
    """

    haproxy: str
    backend: str
    fault: int
    first_failed_check_s: Measured = None
    eviction_s: Measured = None
    last_error_s: Measured = None
    readmission_s: Measured = None
    reason: str | None = None
    predicted: Intervals = {}


class Broken(StrEnum):
    """How a stream of news broke: ended at once, silent until its end or without one, ended and not to be renewed."""

    RESET = "reset"
    STALLED = "stalled"
    OUTAGE = "outage"
    UNOPENED = "unopened"


class Dark(msgspec.Struct):
    """For how long a client with one connection for all had no answer after a fault (by its index).

    `kind` is h2, whose requests share it, on-node, the same on a `node` of the chain, or watch, a stream of news.
    `served_by` is whose apiserver answered until then, `ended` what ended the connection or kept the next from coming
    about; None where it went on. Of a watch that broke, `broken` says how and `again_s` how long there was no news of
    it: until the next stream of its client stood.
    """

    kind: str
    client: int
    fault: int
    served_by: str | None = None
    dark_s: Measured = None
    ended: str | None = None
    broken: Broken | None = None
    again_s: Measured = None
    node: str | None = None
    predicted: Intervals = {}


class Guest(msgspec.Struct):
    """What became of a guest's connections at a fault (by its index), by the packets beside it.

    `dark_s` is the longest that it waited for an answer, `usual_s` the same before the fault, `ended` what became of
    that connection, `cause` the link that it is owed to. `stall_…` is the same of the longest silence of a stream of
    news, None where it had none. `dialled` counts the connections that it opened meanwhile, `unanswered` those that
    brought nothing.
    """

    seat: str
    fault: int
    dark_s: Bounds
    ended: str | None = None
    stall_s: Bounds | None = None
    stall_ended: str | None = None
    cause: str | None = None
    stall_cause: str | None = None
    usual_s: float = 0.0
    dialled: int = 0
    unanswered: int = 0
    name: str = ""


class StreamMeasures(msgspec.Struct):
    """One request stream over the whole trial; `latency_ms` counts from when a request was due."""

    sent: int
    ok: int
    failed: int
    error_rate: float
    errors: dict[str, int]
    latency_ms: dict[str, float | None]


class Agreement(msgspec.Struct):
    """Of the requests owed to a dead backend: how many haproxy logged by the trial's end, and as sent to such a one."""

    logged: int
    agreed: int


class Writes(msgspec.Struct):
    """The writer's account: `lost` were acknowledged and not found again at the end."""

    acknowledged: int
    lost: int | None
    rejected: int
    slowest_s: float | None = None


class Prober(msgspec.Struct):
    """How well the prober kept its own schedule."""

    lateness_ms_p99: float | None
    cap_hits: int


class Verdict(msgspec.Struct):
    """A trial, judged."""

    scenario: str
    profile: str
    trial: str
    outcome: Outcome
    findings: list[Finding]
    faults: list[FaultMeasures]
    evictions: list[Eviction]
    streams: dict[str, StreamMeasures]
    blame: dict[str, int]
    haproxy_log: Agreement | None
    writes: Writes | None
    prober: Prober | None
    versions: dict[str, str]
    duration_s: float
    slack_s: float | None = None  # what a figure could be late by
    clients: list[Dark] = []
    guests: list[Guest] = []
    schema: int = SCHEMA

    @property
    def doubted(self) -> bool:
        """Say whether only this machine keeps the trial from an answer: taking it again may bring one."""
        open_ = [f for f in self.findings if f.outcome is Outcome.INCONCLUSIVE]
        return self.outcome is Outcome.INCONCLUSIVE and bool(open_) and all(f.doubted for f in open_)

    def client(self, name: str, fault: int = 0) -> Guest:
        """Return what became of a guest, by its image's name or its seat; raise UsageError where none was seen."""
        found = [g for g in self.guests if name in (g.name, g.seat) and g.fault == fault]
        if not found:
            seen = ", ".join(sorted({g.name for g in self.guests})) or "none"
            raise UsageError(f"no guest {name!r} was seen to ask for the VIP; seen: {seen}")
        return max(found, key=lambda g: g.dark_s.max)


def worst(findings: list[Finding]) -> Outcome:
    """Return the worst outcome among `findings`; inconclusive where there are none."""
    if not findings:
        return Outcome.INCONCLUSIVE
    return max((f.outcome for f in findings), key=_RANK.index)


def encoded(judged: Verdict | Sequence[Verdict]) -> bytes:
    """Return as indented JSON; measures have four shapes there: 1.2, {"min", "max"}, {"at_least"} and null."""
    return msgspec.json.format(msgspec.json.encode(unbounded(msgspec.to_builtins(judged))), indent=2)


def write(path: Path, verdict: Verdict) -> None:
    """Write `verdict` as indented JSON."""
    disk.write(path, encoded(verdict) + b"\n")


def read(path: Path) -> Verdict:
    """Read a verdict; raise HistoryError where its schema is unknown or it is damaged."""
    try:
        data: Any = msgspec.json.decode(path.read_bytes())
        if data.get("schema") != SCHEMA:
            raise HistoryError(f"{path}: schema {data.get('schema')} is not {SCHEMA}; `harness analyze` makes it anew")
        return msgspec.convert(bounded(data), Verdict)
    except OSError as error:
        raise HistoryError(f"{disk.sentence(error, path)}; `harness analyze` makes it anew") from error
    except msgspec.MsgspecError as error:
        raise HistoryError(f"{path}: {error}") from error
