"""What makes keepalived 2.2.7 end as soon as it has read its file (chk_min_cfg, vrrp_complete_instance in vrrp.c)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.profile.keepalived.instance import Instance
from harness.profile.where import Remark


def endings(instances: Sequence[Instance]) -> Iterator[Remark]:
    """Yield what one instance lacks, or two have in common; with any of it no instance of the node runs."""
    for at, one in enumerate(instances):
        name, where = f"vrrp_instance {one.name}", one.at("")
        if not one.vrid:
            yield Remark(one.at("virtual_router_id"), f"{name} has no virtual_router_id from 1 to 255; give it one")
        if not one.interface and not (one.unicast_peers and one.unicast_src_ip):
            yield Remark(where, f"{name} has no interface; name the one that carries its adverts")
        if not one.addresses and (one.version == 3 or one.strict):
            yield Remark(where, f"{name} has no virtual_ipaddress")
        if one.strict and one.unicast_peers:
            yield Remark(
                one.at("unicast_peer"), f"{name} is strict, which unicast peers are not; leave vrrp_strict out"
            )
        for other in instances[:at]:
            if one.vrid and _together(one, other):
                told = f"{name} has {other.name}'s virtual_router_id {one.vrid} on the same interface; choose another"
                yield Remark(one.at("virtual_router_id"), told)


def _together(one: Instance, other: Instance) -> bool:
    """Say whether two instances are the same virtual router to those that hear them by multicast."""
    apart = any(i.unicast_peers or "mcast_dst_ip" in i.where for i in (one, other))
    family = [":" in (*i.addresses, "")[0] for i in (one, other)]
    return one.vrid == other.vrid and one.interface == other.interface and family[0] is family[1] and not apart
