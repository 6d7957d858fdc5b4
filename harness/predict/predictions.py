"""All that a profile's own timers imply: for scenarios, for failures that no scenario makes, and what to change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.chain.differing import told
from harness.chain.failure import PROXY, Kind
from harness.chain.rest import at_rest, equals, home
from harness.predict.advice import Change, changes
from harness.predict.predict import predict
from harness.predict.prediction import Prediction
from harness.predict.timers import Timers
from harness.predict.walk import PredictedFault, walk
from harness.profile.folder import Profile
from harness.spec import Scenario

# Every way to fail that is worth asking about, in the order of the chain.
ASKED = (
    Kind.NODE_FREEZE,
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
class Predictions:
    """What is predicted of a profile: by scenario, of other failures on the VIP's owner, and what to change.

    `scripts` says of each script of that owner where what is known of it comes from. `equals` may all be that owner:
    all is said of the first of them.
    """

    profile: str
    folder: Path
    scenarios: Mapping[str, Sequence[PredictedFault]]
    others: Sequence[Prediction]
    changes: Sequence[Change]
    scripts: Sequence[str] = ()
    equals: Sequence[str] = ()


def of(profile: Profile, scenarios: Mapping[str, Scenario]) -> Predictions:
    """Return the predictions of a profile over some scenarios."""
    timers = Timers(profile)
    chain = timers.chain
    walked = {name: walk(chain, scenario.steps(timers)) for name, scenario in scenarios.items()}
    standing, owner = at_rest(chain), home(chain)
    masters = sorted(chain.masters, key=lambda node: node != owner)
    covered = {one.prediction.failure for faults in walked.values() for one in faults if one.prediction}
    behind = profile.balanced
    asked = [
        chain.fails(kind, masters[0] if kind.of_master else owner) for kind in ASKED if behind or kind.process != PROXY
    ]
    others = [predict(chain, failure, standing) for failure in asked if failure not in covered]
    scripts = [said for watch in chain.watches(owner) if (said := told(chain, owner, watch))]
    return Predictions(
        profile.name, profile.folder, walked, others, changes(profile), scripts, () if profile.lone else equals(chain)
    )
