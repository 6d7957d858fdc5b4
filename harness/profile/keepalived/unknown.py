"""What of a keepalived.conf may decide who has the VIP, and is not followed, or not here."""

from __future__ import annotations

from collections.abc import Iterator

from harness.profile.keepalived.block import Block
from harness.profile.where import Lack

TRACKING = ("vrrp_instance", "vrrp_sync_group")


def unknown(root: Block) -> Iterator[Lack]:
    """Yield what the file lacks, and what it tracks that nothing here says anything of."""
    yield from root.missing
    yield from unfollowed(root)


def unfollowed(root: Block) -> Iterator[Lack]:
    """Yield where an instance or a sync group depends on what BFD finds."""
    for holder in (block for block in root.children if block.words[0] in TRACKING):
        for child in holder.all("track_bfd"):
            told = "what BFD finds of a neighbour is not followed, nor what hangs on it"
            yield Lack(child.place, told, f"what BFD finds ({child.place}), which is not followed")
