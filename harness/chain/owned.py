"""A VIP that is a node's own address: it answers there whoever is MASTER, and moves nowhere."""

from __future__ import annotations

from harness.chain import priority
from harness.profile.folder import Profile


def told(profile: Profile) -> str:
    """Return whose own address the VIP is, and what comes of it; "" for nobody's, or RFC 5798's address owner's."""
    vip = profile.facts.vip
    node = next((name for name, at in profile.facts.nodes.items() if at == vip), "")
    instances = profile.instances.get(node, [])
    if not node or (instances and instances[0].priority == priority.OWNER):
        return ""
    return f"{vip} is {node}'s own address: {node} answers there too, whoever has the VIP"
