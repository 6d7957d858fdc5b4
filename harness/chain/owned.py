"""A VIP that is a node's own address: it answers there whoever is MASTER, and moves nowhere."""

from __future__ import annotations

from harness.chain import priority
from harness.profile.folder import Profile


def by(profile: Profile) -> str:
    """Return the node whose own address the VIP is, "" for none; RFC 5798's address owner, with 255, may be one."""
    vip = profile.facts.vip
    node = next((name for name, at in profile.facts.nodes.items() if at == vip), "")
    instances = profile.instances.get(node, [])
    return "" if instances and instances[0].priority == priority.OWNER else node


def told(profile: Profile, node: str) -> str:
    """Return in a sentence what comes of it."""
    return f"{profile.facts.vip} is {node}'s own address: {node} answers there too, whoever has the VIP"
