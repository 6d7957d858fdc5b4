"""A proxy that listens on the VIP itself: it starts where that is, or where the kernel lets it bind any address."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from harness.profile import haproxy, sysctl
from harness.profile.files import HAPROXY, File
from harness.profile.folder import Profile

UNSAID = f"{sysctl.NONLOCAL} is 1 there, which no file here says"


def lonely(words: Sequence[str], addresses: Collection[str]) -> str:
    """Return the address of a `bind` line that only one node has at a time; "" where it asks for none of these."""
    if words[0] != "bind" or len(words) < 2 or "transparent" in words:
        return ""
    address = words[1].rpartition(":")[0].strip("[]")
    return address if address in addresses else ""


def may(files: Iterable[File]) -> bool | None:
    """Say whether a node's kernel lets a program bind an address that it has not; None where no file tells."""
    said = sysctl.settings(files).get(sysctl.NONLOCAL)
    return None if said is None else said == "1"


def absent(profile: Profile, node: str) -> str:
    """Return why a node's haproxy does not run before the node has the VIP; "" where it may.

    Where `may` tells nothing it may run all the same.
    """
    file = next((file for file in profile.files.get(node, []) if file.path == HAPROXY), None)
    if file is None or may(profile.files[node]):
        return ""
    lines = (words for section in haproxy.parse(file.text, file.source) for _, words in section.lines)
    address = next((found for words in lines if (found := lonely(words, {str(profile.facts.vip)}))), "")
    return f"{node}'s haproxy does not run there: it binds {address}, which {node} has only now" if address else ""
