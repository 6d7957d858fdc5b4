"""Whether a notify script may start or stop what serves, which nobody follows: not as the VIP comes, nor after."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.chain import table
from harness.chain.notify import Notify, notified
from harness.profile.folder import Profile

TELLS = ("logger", "echo", "mail", "sendmail", "printf", "date", "true")
# What a script names that starts or stops what serves, or changes where packets go.
_TOUCHES = re.compile(
    r"\b(haproxy|nginx|keepalived|kubelet|systemctl|service|docker|crictl|nerdctl|podman|p?kill|killall|ip|ifconfig|"
    r"iptables|nft|sysctl|reboot|shutdown)\b"
)

_STOPS = re.compile(
    r"\b(?:stop|kill|killall|pkill|restart)\b[^\n;|&]*\bkeepalived\b|\bkeepalived\b[^\n;|&]*\b(?:stop|restart)\b"
)


def meddling(profile: Profile, node: str, state: str) -> Notify | None:
    """Return a node's first call in a state that may start or stop what serves; None where none may."""
    return next((one for one in meddlers(profile, node) if one.state == state), None)


def meddlers(profile: Profile, node: str) -> Iterator[Notify]:
    """Yield a node's calls that may start or stop what serves.

    By what was tried, and by what the text names: where all is well, starting what runs changes nothing. Of a program
    that is not among the files nothing is known.
    """
    if any(word.startswith("notify") for one in profile.instances[node] for word in one.where):
        yield from (one for one in notified(profile, node) if _may(profile, node, one))


def may_stop(profile: Profile, node: str, command: str) -> bool:
    """Say whether a check whose outcome nobody can tell may have keepalived stopped, by what its text names."""
    words = command.split()
    return any(_STOPS.search(text) for text in (command, *(f.text for f in profile.files[node] if f.path in words)))


def _may(profile: Profile, node: str, one: Notify) -> bool:
    row = table.of_notify(profile, node, one)
    if row and any(tried.meddles for tried in row.trials):
        return True
    program = next(iter(one.command.split()), "")
    text = next((file.text for file in profile.files[node] if file.path == program), None)
    if text is None and program.rpartition("/")[2] not in TELLS:
        return True
    return _TOUCHES.search(f"{one.command.removeprefix(program)}\n{text or ''}") is not None
