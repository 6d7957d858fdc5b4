"""What an operator's own files say of the outages that may be seen: a failure each, on the VIP's owner."""

from __future__ import annotations

from harness.analysis.predicted import plain
from harness.chain.chain import Chain
from harness.chain.failure import Kind
from harness.chain.rest import at_rest, home
from harness.predict.predict import predict
from harness.profile.folder import Profile
from harness.verdict import Interval

ASKED = (
    Kind.PROXY_DEAD,
    Kind.PROXY_HUNG,
    Kind.NODE_CRASH,
    Kind.NODE_STOP,
    Kind.KEEPALIVED_STOPPED,
    Kind.APISERVER_DEAD,
)


def outages(profile: Profile) -> dict[str, Interval]:
    """Return how long nobody is served after each failure, by what fails, where anybody can tell."""
    chain = Chain(profile)
    owner, found = home(chain), dict[str, Interval]()
    for kind in ASKED:
        if kind.of_master and owner not in chain.masters:
            continue
        failure = chain.fails(kind, owner)
        predicted = predict(chain, failure, at_rest(chain))
        if not predicted.depends and not predicted.unserved:
            found |= {str(failure): dark for dark in plain({"": predicted.measures["blackout_s"]}).values()}
    return found
