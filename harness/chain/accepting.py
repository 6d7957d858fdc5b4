"""Whether a node takes what is sent to the VIP that it holds (accept mode: RFC 5798 §6.1, vrrp.c of keepalived 2.2.7).

Without it keepalived has the kernel drop whatever comes for its addresses, or leaves from them, even on the node itself
(nft_add_addresses in vrrp_nftables.c). ARP is answered all the same: the VIP is there, moves, and serves nobody.
"""

from __future__ import annotations

from harness.chain.setting import Setting
from harness.profile.keepalived import Instance


def refusal(instance: Instance) -> Setting | None:
    """Return the setting that has keepalived drop what is sent to its addresses; None where it takes that."""
    if instance.accepts:
        return None
    word = next((word for word in ("no_accept", "strict_mode") if word in instance.where), "strict")
    return Setting("vrrp_strict" if word == "strict" else word, instance.at(word))


def told(node: str, cause: Setting) -> str:
    """Return in words what that comes to."""
    return f"nobody reaches the VIP on {node}: {cause.text} has keepalived drop what is sent to it"
