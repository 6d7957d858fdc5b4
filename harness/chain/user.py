"""As whom keepalived runs a script, and whose process somebody may signal."""

from __future__ import annotations

from functools import lru_cache

from harness.profile import haproxy, keepalived
from harness.profile.files import HAPROXY, KEEPALIVED
from harness.profile.folder import Profile
from harness.profile.keepalived import Script

ROOT = "root"


def runs_as(profile: Profile, node: str, script: Script | None = None) -> tuple[str, ...]:
    """Return the user, and the group where one is named: the script's own, script_user, or root.

    keepalived prefers a user keepalived_script, if there is one; Debian's package makes none.
    """
    block = script.where.get("user") if script else None
    text = profile.text(node, KEEPALIVED)
    default, own = _users(text, node, tuple((f.path, f.text) for f in profile.files[node]))
    return (own.get(block.line) if block else None) or default


def signals(profile: Profile, node: str, user: str, process: str) -> bool | None:
    """Say whether a user may signal a process of a node; None where that is not known."""
    if user == ROOT:
        return True
    if process == "haproxy" and profile.has(node, HAPROXY):
        return user == _owner(profile.text(node, HAPROXY))
    return None


@lru_cache(100)
def _users(
    text: str, node: str, files: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, ...], dict[int, tuple[str, ...]]]:
    """Return script_user, and the users of vrrp_scripts by their line."""
    root = keepalived.parse(text, KEEPALIVED, node, dict(files))
    said = [child.words[1:3] for block in root.all("global_defs") for child in block.all("script_user")]
    own = {
        child.line: tuple(child.words[1:3])
        for block in root.all("vrrp_script")
        for child in block.all("user")
        if len(child.words) > 1
    }
    group = said[-1][1:] if said else []
    return (keepalived.security(root).runs(""), *group), own


@lru_cache(100)
def _owner(text: str) -> str:
    """Return whose haproxy's workers are: root's, as whom it is started, unless it says otherwise."""
    for section in haproxy.parse(text, HAPROXY):
        if section.kind == "global" and (found := haproxy.effective(section, "user")):
            return found.words[0] if found.words else ROOT
    return ROOT
