"""Whether there is an address that can move at all: K34."""

from __future__ import annotations

from collections.abc import Iterator

from harness.chain import owned
from harness.lint.rule import Problem, Severity, rule
from harness.lint.setup import Conf, Setup, place_of

MANUAL = "https://www.keepalived.org/manpage.html"


@rule("K34", "an address that does not move", MANUAL)
def stuck(setup: Setup) -> Iterator[Problem]:
    """keepalived moves what `virtual_ipaddress` lists; without it a MASTER has nothing that the others have not.

    An address that one node has anyway, as its own, is there twice as soon as another becomes MASTER: each neighbour
    then has the one or the other. Only with priority 255 is a node meant to be the address' owner.

    Confirmed: in a lab, m2's own address as the VIP: m1 had it as well. keepalived 2.2.7 runs an instance without any.

    Remedy: an address of the nodes' subnet that nobody has, in `virtual_ipaddress` on every node.
    """
    for conf in setup.confs:
        if conf.instances and not _included(conf) and not any(i.addresses or i.excluded for _, i in conf.instances):
            told = "no virtual_ipaddress: whoever is MASTER has no address that clients could reach"
            yield Problem(conf.instances[0][0].place, Severity.ERROR, told)
    if setup.profile and (told := owned.told(setup.profile)):
        for conf in setup.confs:
            for block, instance in conf.instances:
                if str(setup.profile.facts.vip) in instance.addresses:
                    yield Problem(place_of(block, "virtual_ipaddress"), Severity.ERROR, told)


def _included(conf: Conf) -> bool:
    """Say whether a file is asked for that is not here, in which an address may stand."""
    blocks = [conf.root, *(block for block, _ in conf.instances)]
    named = (child.words[0].startswith("include") for block in blocks for child in block.children if child.words)
    return bool(conf.root.missing) or any(named)
