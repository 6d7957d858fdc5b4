"""The notify scripts of a node: what keepalived calls when an instance or a sync group changes its state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.chain.user import runs_as
from harness.profile import keepalived
from harness.profile.files import KEEPALIVED
from harness.profile.folder import Profile
from harness.profile.keepalived import Block
from harness.profile.where import Where

STATES = {"notify_master": "MASTER", "notify_backup": "BACKUP", "notify_fault": "FAULT", "notify_stop": "STOP"}
LIMIT_S = 25.0  # keepalived has none for them; a trial has
SHORTLY = ("MASTER", "BACKUP", "FAULT")  # `notify` is called with each of these


@dataclass(frozen=True)
class Notify:
    """A call of a notify script: the state that it is told of, its command with its words, and as whom it runs."""

    state: str
    command: str
    user: tuple[str, ...]
    where: Where


def notified(profile: Profile, node: str) -> Iterator[Notify]:
    """Yield what a node's keepalived calls, by state."""
    files = {file.path: file.text for file in profile.files[node]}
    shown = {file.path: file.source for file in profile.files[node]}
    root = keepalived.parse(files[KEEPALIVED], shown[KEEPALIVED], node, files, path=KEEPALIVED, shown=shown)
    for kind, called in (("vrrp_instance", "INSTANCE"), ("vrrp_sync_group", "GROUP")):
        for block in root.all(kind):
            for child in block.children:
                yield from _calls(profile, node, block, child, called)


def _calls(profile: Profile, node: str, block: Block, child: Block, called: str) -> Iterator[Notify]:
    if len(child.words) < 2:
        return
    word, command, *user = child.words
    run_by = tuple(user[:2]) or runs_as(profile, node)
    if word in STATES:
        yield Notify(STATES[word], command, run_by, child.place)
    elif word == "notify":
        name = block.words[1] if len(block.words) > 1 else ""
        priority = block.value("priority", "100")
        for state in SHORTLY:
            yield Notify(state, f'{command} {called} "{name}" {state} {priority}', run_by, child.place)
