"""Whether the VIP leaves an owner whose proxy is dead, and stays away, by the chain that predictions have: K18, K33."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from harness.chain import hearing, mismatch
from harness.chain.chain import Chain
from harness.chain.failure import Failure, Kind
from harness.chain.outcome import failed, unclear
from harness.chain.rest import equals, owned
from harness.chain.setting import of_instance, of_watch
from harness.lint.rule import Account, Problem, Severity, rule, rules
from harness.lint.setup import Setup
from harness.predict.migration import Migration, Stays, migrate
from harness.predict.predict import predict
from harness.predict.unsettled import relapse
from harness.profile.folder import Profile
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
    if not setup.profile.balanced and setup.looks_for_proxy:
        return  # one whose file is not here: what answers on the VIP is unknown
    found = (problem for owner in equals(chain) for problem in _unmoved(setup, chain, setup.profile, owner))
    yield from islice(found, 1)


def _unmoved(setup: Setup, chain: Chain, profile: Profile, node: str) -> Iterator[Problem]:
    """Yield what keeps the VIP on a node that has it and whose proxy is dead."""
    failure, standing = chain.fails(_fatal(profile), node), owned(chain, node)
    if mismatch.of(profile, node) and any(failed(chain, node, one, standing) for one in chain.watches(node)):
        return  # nothing works as it is, and the check says so
    if hearing.apart({one: chain.instance(one) for one in chain.nodes}):
        return  # there are two owners as it is, and the rules about peers say why
    move = predict(chain, failure, standing).move
    if isinstance(move, Stays) and move.wrong and not _told(setup, failure):
        where = (move.settings or of_instance(chain.instance(node), "priority"))[0].where
        account = Account(Symptom.VIP_UNNOTICED, [node], [failure.process or ""])
        after = standing.after(failure, node)
        seen = (failed(chain, node, one, after) or unclear(chain, node, one, after) for one in chain.watches(node))
        if len(chain.nodes) == 1 and any(seen):  # of a set-up that may have more
            told = f"only {node}'s keepalived.conf is here: without another the VIP has nowhere to go"
            yield Problem(where, Severity.WARNING, told, None, account)
            return
        yield Problem(where, Severity.ERROR, f"{failure}, and the VIP never moves: {move.why}", None, account)


def _fatal(profile: Profile) -> Kind:
    """Return what is to move the VIP: the death of the proxy, or where there is none of the apiserver."""
    return Kind.PROXY_DEAD if profile.balanced else Kind.APISERVER_DEAD


@rule(
    "K33",
    "a check that only the VIP's owner makes",
    "https://github.com/kubernetes/kubeadm/blob/main/docs/ha-considerations.md",
)
def comes_back(setup: Setup) -> Iterator[Problem]:
    """A check that passes wherever the VIP is not gives it back to the node that lost it, whose load balancer is dead.

    That node then fails again, and so on, for as long as nobody mends it: clients are served by turns. kubeadm's
    documented script asks the node's own port first, VIP or not; where that port is the apiserver's and not the load
    balancer's, only the second half sees haproxy.

    Confirmed: in a lab, a check that begins with `ip addr | grep -q VIP || exit 0`: haproxy was killed, the VIP left
    its node and came back to it, twice.

    Remedy: ask the node's own load balancer on every node, by `localhost` and its port; or `nopreempt` everywhere.
    """
    chain = setup.chain
    if chain is None or setup.profile is None:
        return
    found = (
        problem for owner in equals(chain) for problem in _returned(chain, chain.fails(_fatal(setup.profile), owner))
    )
    yield from islice(found, 1)


def _returned(chain: Chain, failure: Failure) -> Iterator[Problem]:
    """Yield what gives the VIP back to the node that has just lost it."""
    node = failure.node
    standing = owned(chain, node)
    move = migrate(chain, failure, standing)
    if isinstance(move, Migration) and (why := relapse(chain, failure, standing.after(failure, move.heirs[0]))):
        after = standing.after(failure, node)
        seen = [watch for watch in chain.watches(node) if failed(chain, node, watch, after)]
        cited = of_watch(seen[0], "script") if seen else of_instance(chain.instance(node), "priority")
        yield Problem(cited[0].where, Severity.ERROR, f"{failure}: {why}, and so on until it is mended")


def _told(setup: Setup, failure: Failure) -> bool:
    """Say whether another rule accounts for it."""
    shown = [Shown(symptom, failure.node, failure.process or "") for symptom in Symptom]
    accounts = (p.accounts_for for r in rules() if r.code != CODE for p in r.problems(setup))
    return any(account.covers(one) for account in accounts if account for one in shown)
