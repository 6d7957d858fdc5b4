"""Whether the nodes of a virtual router hear each other at all: keepalived drops an advert that is not as its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import permutations

from harness.profile.keepalived import Instance

# What an advert carries, by the keyword that says it (vrrp_check_packet in vrrp.c of keepalived 2.2.7).
COMMON: dict[str, Callable[[Instance], object]] = {
    "virtual_router_id": lambda one: one.vrid,
    "version": lambda one: one.version,
    "virtual_ipaddress": lambda one: sorted(one.addresses),
}


def old_interval(one: Instance) -> object:
    """Return the interval that a peer's has to be; version 3 learns it instead."""
    return one.advert_int_s if one.version == 2 else None


def spoken_to(one: Instance) -> str:
    """Return whom its adverts go to, and whose it takes: a multicast group's, or its peers' (vrrp_check_packet)."""
    return "unicast peers" if one.unicast_peers else one.group


def apart(instances: Mapping[str, Instance]) -> str:
    """Return why two nodes do not hear each other, so that both have the VIP; "" where all do."""
    for (node, one), (other, two) in permutations(instances.items(), 2):
        for keyword, value in {**COMMON, "advert_int": old_interval}.items():
            if value(one) != value(two):
                return _told(node, other, f"their {keyword} differs")
        if one.auth_pass != two.auth_pass:
            return _told(node, other, "their auth_pass differs")
        if spoken_to(one) != spoken_to(two):
            return _told(node, other, f"{node} speaks to {spoken_to(one)}, {other} to {spoken_to(two)}")
        if one.unicast_peers and two.unicast_src_ip and two.unicast_src_ip not in one.unicast_peers:
            return _told(node, other, f"{node} does not list {two.unicast_src_ip} among its unicast peers")
    return ""


def _told(node: str, other: str, why: str) -> str:
    return f"{node} and {other} do not hear each other ({why}): both have the VIP, before and after"
