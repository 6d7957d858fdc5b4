"""Who runs a node's scripts, and which of them keepalived 2.2.7 will not run for it (lib/notify.c, vrrp_parser.c)."""

from __future__ import annotations

from dataclasses import dataclass

from harness.profile.keepalived.block import Block
from harness.profile.keepalived.settings import value_of
from harness.profile.where import Placed

BY_DEFAULT = "keepalived_script"
# Whom Debian 12 has from the start, and whom the packages of a chain bring. None brings keepalived_script.
_USERS = "root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc _apt nobody haproxy etcd"
USERS = frozenset(_USERS.split())


@dataclass(frozen=True)
class Security(Placed):
    """What global_defs says of scripts: the users that script_user names, and whether security is enforced."""

    named: tuple[str, ...]
    enforced: bool

    def runs(self, user: str) -> str:
        """Return who runs a script, given whom it names itself."""
        return user or "".join(self.named[-1:]) or "root"

    def removes(self, users: tuple[str, ...]) -> str:
        """Return why keepalived removes a script that names these users itself; "" where it does not."""
        if users or self.named or not self.enforced:
            return ""
        return f"enable_script_security without a script_user needs the user {BY_DEFAULT}, whom Debian does not have"

    def doubt(self, users: tuple[str, ...]) -> str:
        """Return why it is not known whether keepalived runs a script; "" where it is."""
        strange = [user for user in users[-1:] or self.named if user not in USERS]
        if not strange:
            return ""
        return f"keepalived runs it only if the node has the user {strange[0]}, which no file tells"


def security(root: Block) -> Security:
    """Return what all global_defs say, wherever they stand: the daemon reads them before it reads any script."""
    blocks = list(root.all("global_defs"))
    where = {c.words[0]: c.place for block in blocks for c in block.children}
    named = tuple(value_of(child) for block in blocks for child in block.all("script_user"))
    return Security({"": root.place} | where, named, "enable_script_security" in where)
