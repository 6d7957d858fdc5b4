"""All that a profile's own timers imply: for scenarios, for failures that no scenario makes, and what to change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.model.failure import PROXY, Kind
from harness.model.foresight import Foresight, foresee
from harness.model.gain import Change, changes
from harness.model.timers import Timers
from harness.model.walk import Foreseen, at_rest, walk
from harness.profile.folder import Profile
from harness.spec import Scenario

# Every way to fail that is worth asking about, in the order of the chain.
ASKED = (
    Kind.NODE_STOP,
    Kind.KEEPALIVED_STOPPED,
    Kind.KEEPALIVED_KILLED,
    Kind.PROXY_HUNG,
    Kind.APISERVER_DEAD,
    Kind.APISERVER_HUNG,
    Kind.APISERVER_MUTE,
    Kind.APISERVER_ERRORS,
    Kind.ETCD_DEAD,
)


@dataclass(frozen=True)
class Outlook:
    """What is expected of a profile: by scenario, of other failures on the VIP's owner, and what to change."""

    profile: str
    folder: Path
    scenarios: Mapping[str, Sequence[Foreseen]]
    others: Sequence[Foresight]
    changes: Sequence[Change]


def of(profile: Profile, scenarios: Mapping[str, Scenario]) -> Outlook:
    """Return the outlook of a profile over some scenarios."""
    timers = Timers(profile)
    router = timers.router
    walked = {name: walk(router, scenario.steps(timers)) for name, scenario in scenarios.items()}
    standing = at_rest(router)
    covered = {one.foresight.failure for faults in walked.values() for one in faults if one.foresight}
    behind = profile.balanced
    asked = [router.fails(kind, router.home) for kind in ASKED if behind or kind.process != PROXY]
    others = [foresee(router, failure, standing) for failure in asked if failure not in covered]
    return Outlook(profile.name, profile.folder, walked, others, changes(profile))
