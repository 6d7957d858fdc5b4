"""IPVS, which keepalived can have balance in the kernel (virtual_server): read, and not followed."""

from __future__ import annotations

import re

from harness.profile.folder import Profile
from harness.profile.where import Where

_WORD = re.compile(r"^[ \t]*(?P<word>virtual_server)[ \t]+\S", re.MULTILINE)


def virtual_server(profile: Profile) -> Where | None:
    """Return where the first virtual_server of a profile stands; None where there is none."""
    for file in (file for group in profile.files.values() for file in group):
        if found := _WORD.search(file.text):
            return Where(file.source, file.text.count("\n", 0, found.start("word")) + 1)
    return None


def unfollowed(profile: Profile) -> str:
    """Say why nobody can tell how clients fare: no proxy is there to be asked, and IPVS may be; "" where one is."""
    at = None if profile.balanced else virtual_server(profile)
    return f"what IPVS does, which is not followed ({at} virtual_server)" if at else ""
