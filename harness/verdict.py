"""What a trial's measures and findings come to, and its file `verdict.json`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import msgspec

from harness.clock import AtLeast, Bounds, measured_from
from harness.errors import HistoryError

SCHEMA = 1
Seconds = float | dict[str, float] | None  # JSON shapes: 1.2, {"min","max"}, {"at_least"}, null
NEVER: Literal["never"] = "never"
UNTIL_HEALED: Literal["until healed"] = "until healed"
# What the profile's own timers imply of a measure: [best, worst] as {"min","max"}, that it never comes about, or that
# it lasts until the fault is healed.
Interval = dict[str, float] | Literal["never", "until healed"]
Predicted = dict[str, Interval]  # by the measure's name


class Outcome(StrEnum):
    """Passed < inconclusive < failed: the worst finding wins."""

    PASSED = "passed"
    INCONCLUSIVE = "inconclusive"
    FAILED = "failed"


_RANK = [Outcome.PASSED, Outcome.INCONCLUSIVE, Outcome.FAILED]


class Finding(msgspec.Struct):
    """One check's answer; `measured` and `budget` in the unit that `message` names."""

    check: str
    outcome: Outcome
    message: str
    measured: Seconds = None
    budget: float | None = None


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
    vip_migration_s: Seconds = None
    detection_s: Seconds = None
    election_s: Seconds = None
    assign_s: Seconds = None
    announce_s: Seconds = None
    neighbour_s: Seconds = None
    first_answer_s: Seconds = None
    blackout_s: Seconds = None
    connect_blackout_s: Seconds = None
    no_master_s: Seconds = None
    no_master_seen_s: Seconds = None
    dual_master_s: Seconds = None
    dual_master_seen_s: Seconds = None
    failback_s: Seconds = None
    healing_blackout_s: Seconds = None
    watch_stall_s: Seconds = None
    predicted: Predicted = {}


class Eviction(msgspec.Struct):
    """How long one haproxy took to take a backend out after a fault (by its index) and to put it back.

    `first_failed_check_s` and `last_error_s`, of a client that it had sent there, count from the fault too.
    """

    haproxy: str
    backend: str
    fault: int
    first_failed_check_s: Seconds = None
    eviction_s: Seconds = None
    last_error_s: Seconds = None
    readmission_s: Seconds = None
    reason: str | None = None
    predicted: Predicted = {}


class Stream(msgspec.Struct):
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
    streams: dict[str, Stream]
    blame: dict[str, int]
    haproxy_log: Agreement | None
    writes: Writes | None
    prober: Prober | None
    versions: dict[str, str]
    duration_s: float
    slack_s: float | None = None  # what a figure could be late by
    schema: int = SCHEMA


def worst(findings: list[Finding]) -> Outcome:
    """Return the worst outcome among `findings`; inconclusive where there are none."""
    if not findings:
        return Outcome.INCONCLUSIVE
    return max((f.outcome for f in findings), key=_RANK.index)


def plain(measured: float | Bounds | AtLeast | None) -> Seconds:
    """Return a measure in its JSON shape, rounded to the microsecond."""
    match measured:
        case Bounds(min=least, max=most):
            return {"min": round(least, 6), "max": round(most, 6)}
        case AtLeast(at_least=least):
            return {"at_least": round(least, 6)}
        case None:
            return None
    return round(measured, 6)


def told(measured: Seconds) -> str:
    """Return a measure without its unit: "2.871", "2.85–2.88", "≥ 6.1", or "–" where it does not apply."""
    match measured_from(measured):
        case None:
            return "–"
        case AtLeast(at_least=least):
            return f"≥ {_digits(least)}"
        case Bounds(min=least, max=most):
            # Bounds closer than what is shown are one figure: their greatest.
            low, high = _digits(least), _digits(most)
            return high if low == high or most - least < 0.002 else f"{low}–{high}"
        case float(point):
            return _digits(point)


def foretold(predicted: Interval | None, measured: Seconds = 0.0) -> str:
    """Return a predicted interval as it is shown: "2.57–6.57", "2.61" where both ends are one, "never", "until healed".

    Nothing where nothing is predicted, or nothing was `measured` that it could stand beside.
    """
    if predicted is None or measured is None:
        return ""
    if isinstance(predicted, str):
        return predicted
    low, high = (f"{predicted[end]:.2f}".rstrip("0").rstrip(".") for end in ("min", "max"))
    return low if low == high else f"{low}–{high}"


def _digits(value: float) -> str:
    return "0" if value == 0 else f"{value:.4f}" if value < 0.01 else f"{value:.3f}"


def write(path: Path, verdict: Verdict) -> None:
    """Write `verdict` as indented JSON."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(verdict), indent=2) + b"\n")


def read(path: Path) -> Verdict:
    """Read a verdict; raise HistoryError where its schema is unknown or it is damaged."""
    try:
        data: Any = msgspec.json.decode(path.read_bytes())
        if data.get("schema") != SCHEMA:
            raise HistoryError(f"{path}: schema {data.get('schema')} is not {SCHEMA}; `harness analyze` makes it anew")
        return msgspec.convert(data, Verdict)
    except (OSError, msgspec.MsgspecError) as error:
        raise HistoryError(f"{path}: {error}") from error
