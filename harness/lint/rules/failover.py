"""Whether the VIP leaves an owner whose load balancer is dead, by the same chain that predictions are made of: K18."""

from __future__ import annotations

from collections.abc import Iterator

from harness.chain import mismatch
from harness.chain.failure import Failure, Kind
from harness.chain.outcome import failed
from harness.chain.setting import of_instance
from harness.lint.rule import Account, Problem, Severity, rule, rules
from harness.lint.setup import Setup
from harness.predict.migration import Stays
from harness.predict.predict import predict
from harness.predict.walk import at_rest
from harness.verdict import Shown, Symptom

CODE = "K18"


@rule(CODE, "a dead load balancer that moves nothing", "https://www.keepalived.org/manpage.html")
def never_moves(setup: Setup) -> Iterator[Problem]:
    """A dead load balancer leaves its node well in keepalived's eyes, unless a check sees it and its weight is enough.

    What is predicted of this profile is asked: the same chain, of the files as a whole. Where another rule says why the
    VIP stays, that is enough, and this one is silent.

    Confirmed: in a lab, a check that asks the apiserver's port and not haproxy's: the VIP never moved.

    Remedy: a check that asks the load balancer's own port; the message says what the check sees instead.
    """
    chain = setup.chain
    if chain is None or setup.profile is None:
        return
    failure = chain.fails(Kind.PROXY_DEAD if setup.profile.balanced else Kind.APISERVER_DEAD, chain.home)
    standing = at_rest(chain)
    if mismatch.of(setup.profile, chain.home) and any(
        failed(chain, chain.home, script, standing) for script in chain.watches(chain.home)
    ):
        return  # nothing works as it is, and the check says so
    move = predict(chain, failure, standing).move
    if isinstance(move, Stays) and move.wrong and not _told(setup, failure):
        where = (move.settings or of_instance(chain.instance(failure.node), "priority"))[0].where
        account = Account(Symptom.VIP_UNNOTICED, [failure.node], [failure.process or ""])
        yield Problem(where, Severity.ERROR, f"{failure}, and the VIP never moves: {move.why}", None, account)


def _told(setup: Setup, failure: Failure) -> bool:
    """Say whether another rule accounts for it."""
    shown = [Shown(symptom, failure.node, failure.process or "") for symptom in Symptom]
    accounts = (p.accounts_for for r in rules() if r.code != CODE for p in r.problems(setup))
    return any(account.covers(one) for account in accounts if account for one in shown)
