"""What keepalived 2.2.7 drops of a file when it starts all the same, and what then holds in its place."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from harness.profile.keepalived.block import Block, Dropped
from harness.profile.keepalived.defaults import START, garp
from harness.profile.keepalived.keywords import KNOWN
from harness.profile.keepalived.reading import instances, sync_groups
from harness.profile.keepalived.settings import Settings
from harness.profile.keepalived.trackable import processes, scripts, track_files
from harness.profile.where import Remark

# Names that are none, and that no likeness tells.
_MEANT = {"vrid": "virtual_router_id", "vip": "virtual_ipaddress", "advert_interval": "advert_int"}
# What holds where a keyword is not written.
_HOLDS = {
    "vrrp_instance": {
        "state": "it starts as BACKUP",
        "interface": "it has no interface",
        "virtual_router_id": "it has no virtual_router_id",
        "priority": "its priority is 100, or 255 with state MASTER",
        "advert_int": "advert_int is 1",
        "nopreempt": "it preempts",
        "preempt_delay": "it preempts without a delay",
        "virtual_ipaddress": "it has no VIP",
        "track_script": "no script is tracked",
        "track_process": "no process is tracked",
        "track_file": "no file is tracked",
        "track_interface": "only its own interface is tracked",
        "authentication": "nothing authenticates its adverts",
        "unicast_peer": "its adverts go to the multicast group",
        "unicast_src_ip": "it speaks from its interface's own address",
        "accept": "vrrp_strict has what is sent to the VIP dropped",
        "garp_master_refresh": "the VIP is not announced again later on",
    },
    "vrrp_script": {
        "script": "there is nothing to run",
        "interval": "interval is 1",
        "timeout": "a run may take as long as the interval",
        "weight": "weight is 0, so that its failure is a FAULT",
        "fall": "one failed run is enough",
        "rise": "one run that passes is enough",
        "user": "script_user runs it",
    },
    "authentication": dict.fromkeys(("auth_type", "auth_pass"), "nothing authenticates the adverts"),
    "global_defs": {
        "script_user": "scripts run as root, or with enable_script_security not at all",
        "enable_script_security": "scripts that others may write to run too",
        "vrrp_strict": "it is not strict",
        "vrrp_garp_master_refresh": "the VIP is not announced again later on",
    },
}


def meant(one: Dropped) -> str:
    """Return the keyword that an unknown word is likely to stand for in its block; "" where none is near."""
    word, known = one.statement.words[0], KNOWN[one.inside]
    for other in (_MEANT.get(word, ""), f"vrrp_{word}", word.removeprefix("vrrp_")):
        if other in known:
            return other
    return next(iter(difflib.get_close_matches(word, known, 1, 0.75)), "")


def told(one: Dropped) -> str:
    """Return in a sentence what becomes of an unknown statement, and what holds."""
    word, block = one.statement.words[0], one.inside or "the file itself"
    near = meant(one)
    said = f"keepalived does not know `{word}` in {block}, and drops it"
    if holds := _HOLDS.get(one.inside, {}).get(near):
        said += f": {holds}"
    if one.opens and one.inside:
        last = one.lost[-1].line if one.lost else one.statement.line
        said += f"; the brace that closes it ends the {block}, and what stands up to line {last} is lost"
    elif one.opens:
        said += ", with all that is in its braces"
    if near:
        return f"{said}; {near}"
    homes = [home for home, words in KNOWN.items() if word in words]
    return f"{said}; it belongs into {homes[0] or 'no block'}" if homes else said


def values(root: Block) -> Iterator[Remark]:
    """Yield what keepalived takes otherwise than it is written; raise ProfileError where there is no number."""
    yield from (*root.remarks, *root.missing)
    yield from _of_globals(root)
    for script in scripts(root).values():
        yield from script.remarks
    for process in processes(root).values():
        yield from process.remarks
    for file in track_files(root).values():
        yield from file.remarks
    for instance in instances(root):
        yield from instance.remarks
    for group in sync_groups(root):
        yield from group.remarks
    for keyword in ("vrrp_instance", "vrrp_script", "vrrp_sync_group", "vrrp_track_process", "track_file"):
        first: dict[str, Block] = {}
        for block in root.all(keyword):
            if (before := first.setdefault(" ".join(block.words[1:]), block)) is not block:
                name = " ".join(block.words)
                yield Remark(block.place, f"{name} is there in line {before.line} already: keepalived drops this one")


def _of_globals(root: Block) -> Iterator[Remark]:
    for child in (child for block in root.all("global_defs") for child in block.children):
        settings = Settings(Block([], 0, [child]))
        garp(settings, START.garp, "vrrp_")
        settings.whole("vrrp_version", START.version, 2, 3)
        settings.whole("vrrp_down_timer_adverts", START.down_timer_adverts, 1, 100)
        yield from settings.remarks
        paused = Settings(settings.block)
        for keyword in ("vrrp_garp_interval", "vrrp_gna_interval"):
            paused.seconds(keyword, 0.0, 1e-6, 4294.967295)
        for remark in paused.remarks:
            told = f"{' '.join(child.words)}: keepalived complains, as it wants a time above 0, and makes no pause"
            yield Remark(remark.where, f"{told}, as without it")
