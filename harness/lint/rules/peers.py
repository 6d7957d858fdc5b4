"""What the nodes of one virtual router must have in common: K05, K06, K13."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from harness.chain.hearing import COMMON, old_interval, spoken_to
from harness.lint.rule import Problem, Severity, rule
from harness.lint.setup import Member, Setup, place_of
from harness.profile.keepalived import Block, Instance
from harness.profile.where import Where

MANUAL = "https://www.keepalived.org/manpage.html"
SECRET_LENGTH = 8
DROPPED = "drop each other's adverts: two masters"


@rule("K05", "advert intervals", "https://datatracker.ietf.org/doc/html/rfc3768#section-5.3.7")
def intervals(setup: Setup) -> Iterator[Problem]:
    """VRRP version 2 carries whole seconds, and drops the adverts of a peer with another interval.

    Then both sides wait out their master-down time, and both are MASTER.

    Confirmed: in a lab, `advert_int 1` and 2: two masters.

    Remedy: the same `advert_int` everywhere; `vrrp_version 3` for less than a second.
    """
    for group in setup.groups():
        for member in group:
            if member.instance.version == 2 and not float(member.block.value("advert_int", "1")).is_integer():
                told = f"VRRP version 2 carries whole seconds: this is {member.instance.advert_int_s:.0f} s; version 3"
                yield Problem(place_of(member.block, "advert_int"), Severity.WARNING, told)
        old = [m for m in group if m.instance.version == 2]
        yield from _differing(old, "advert_int", old_interval, "drop each other's adverts")


@rule("K06", "peers that do not understand each other", MANUAL)
def agreement(setup: Setup) -> Iterator[Problem]:
    """An advert with another router id, version, secret or other addresses is dropped: then there are two masters.

    Only the first eight characters of `auth_pass` count. Router id 51 is what every example has, so that another
    cluster on the same network may have it, too. A secret is never shown here.

    Who speaks to another multicast group, or to unicast peers, is not heard either.

    Confirmed: in a lab, for the router id, the secret and the addresses: two masters.

    Remedy: the same on every node, and a `virtual_router_id` that nobody else has.
    """
    for group in setup.groups():
        for keyword, value in COMMON.items():
            yield from _differing(group, keyword, value, DROPPED)
        yield from _differing(group, "mcast_dst_ip", spoken_to, "never hear each other")
        for member, first in ((m, group[0]) for m in group[1:]):
            if member.instance.auth_pass != first.instance.auth_pass:  # which is never shown
                told = f"auth_pass differs from {first.conf.node}'s: they {DROPPED}"
                yield Problem(_secret(member.block)[1], Severity.ERROR, told)
        for member in group:
            secret, where = _secret(member.block)
            if len(secret) > SECRET_LENGTH:
                told = f"only the first {SECRET_LENGTH} of auth_pass' {len(secret)} characters count"
                yield Problem(where, Severity.WARNING, told)
            if member.block.value("virtual_router_id", "") == "51":
                told = "virtual_router_id 51 is what every example has: another cluster on this network may have it too"
                where = place_of(member.block, "virtual_router_id")
                yield Problem(where, Severity.WARNING, told)


@rule("K13", "unicast peers", MANUAL)
def unicast(setup: Setup) -> Iterator[Problem]:
    """With `unicast_peer` each node must list every other; to list itself, as in one file for all, does no harm.

    Who is not listed never hears an advert, and becomes MASTER beside the owner.

    Confirmed: in a lab, a node that was left out: two masters; all three in every list: one owner, and haproxy's death
    moved the VIP in the time predicted.

    Remedy: the address that is named.
    """
    for group in setup.groups():
        sources = {m.conf.node: m.block.value("unicast_src_ip", "") for m in group}
        listed = {m.conf.node: _peers(m.block) for m in group}
        if not any(listed.values()):
            continue
        for member in (one for one in group if listed[one.conf.node]):
            node, line = member.conf.node, place_of(member.block, "unicast_peer")
            if sources[node] and sources[node] in listed[node]:
                told = f"{node} lists itself, {sources[node]}, among its unicast peers: its own adverts change nothing"
                yield Problem(line, Severity.INFO, told)
            for other, address in sources.items():
                if other != node and address and address not in listed[node]:
                    told = f"{node} does not list {other} ({address}) among its unicast peers: {other} never hears it"
                    yield Problem(line, Severity.ERROR, told)


def _peers(block: Block) -> list[str]:
    return [child.words[0] for group in block.all("unicast_peer") for child in group.children]


def _secret(block: Block) -> tuple[str, Where]:
    """Return auth_pass and its place; "" where there is none."""
    for group in block.all("authentication"):
        for child in group.all("auth_pass"):
            return (child.words[1] if len(child.words) > 1 else ""), child.place
    return "", block.place


def _differing(
    group: list[Member], keyword: str, value: Callable[[Instance], object], outcome: str
) -> Iterator[Problem]:
    """Yield where a member has another value than the first."""
    for member in group[1:]:
        here, there = value(member.instance), value(group[0].instance)
        if here != there:
            told = f"{keyword} differs from {group[0].conf.node}'s ({here} here, {there} there): they {outcome}"
            yield Problem(place_of(member.block, keyword), Severity.ERROR, told)
