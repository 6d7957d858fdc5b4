"""What is tracked beside scripts, and what is read and not followed: K25, K26."""

from __future__ import annotations

from collections.abc import Iterator

from harness.chain.meddling import meddlers
from harness.chain.watch import matched_by_nothing
from harness.lint.rule import Account, Problem, Severity, rule
from harness.lint.setup import Conf, Setup
from harness.profile import keepalived
from harness.profile.keepalived import Block
from harness.verdict import Symptom

MANUAL = "https://www.keepalived.org/manpage.html"
NOTIFY = ("notify", "notify_master", "notify_backup", "notify_fault", "notify_stop", "notify_deleted")
IPVS = ("virtual_server", "virtual_server_group")


@rule("K25", "a tracked process that keepalived never finds", MANUAL)
def never_found(setup: Setup) -> Iterator[Problem]:
    """A bare name is compared with what the kernel keeps of a process': 15 bytes, and no path.

    A process that is never found counts as lost: a FAULT for good, or a weight that never changes. What is tracked
    under a name that nothing defines keepalived ignores, and what is defined and not tracked moves nothing.

    Confirmed: in a lab, a name that nothing defines: haproxy was killed, and the VIP never moved.

    Remedy: the process' bare name, `process haproxy`, or its path as it is run, with `full_command`.
    """
    for conf in setup.confs:
        defined = keepalived.processes(conf.root)
        entries = list(_entries(conf, "track_process"))
        blind = Account(Symptom.VIP_UNNOTICED, [conf.node])
        for entry in entries:
            if entry.words[0] not in defined:
                told = (
                    f"track_process names {entry.words[0]}, which no vrrp_track_process defines: keepalived ignores it"
                )
                yield Problem(entry.place, Severity.ERROR, told, None, blind)
        for name, process in defined.items():
            if name not in {entry.words[0] for entry in entries}:
                told = f"no vrrp_instance tracks the process {name}: nothing comes of its exit"
                yield Problem(process.at(""), Severity.ERROR, told, None, blind)
            elif process.complete and matched_by_nothing(process):
                named = process.command.split()[0]
                told = (
                    f"no process is called {named}: keepalived compares it with the bare name, of at most 15 bytes, so "
                    f"that {name} is always lost; process {process.named[:15]}, or add full_command"
                )
                yield Problem(process.at("process"), Severity.ERROR, told, None, blind)


@rule("K26", "read, and not followed", MANUAL)
def not_followed(setup: Setup) -> Iterator[Problem]:
    """What these do to a failover `predict` and `simulate` do not say.

    Confirmed: by reading: each has its effect outside of what is modelled here.

    Remedy: none is needed; try them in a lab.
    """
    for conf in setup.confs:
        for block in conf.root.children:
            if block.words[0] in IPVS:
                told = f"{' '.join(block.words)}: IPVS is not followed, only what VRRP does to the VIP, and haproxy"
                yield Problem(block.place, Severity.INFO, told)
        known = setup.profile and conf.node in setup.profile.instances
        meddle = {one.where for one in meddlers(setup.profile, conf.node)} if setup.profile and known else set()
        for holder in _holders(conf):
            for child in (child for child in holder.children if child.words[0] in NOTIFY):
                told = f"what {child.words[0]} runs is not followed: it is taken to leave the chain alone"
                if child.place in meddle:
                    told = f"what {child.words[0]} runs is not followed, and may start or stop what serves"
                yield Problem(child.place, Severity.INFO, told)
        for lack in keepalived.unfollowed(conf.root):
            yield Problem(lack.where, Severity.INFO, lack.text)
        files = keepalived.track_files(conf.root)
        for entry in _entries(conf, "track_file"):
            if entry.words[0] in files:
                told = f"what is written into {files[entry.words[0]].file} is not known, nor what hangs on it"
                yield Problem(entry.place, Severity.INFO, told)


def _holders(conf: Conf) -> Iterator[Block]:
    return (block for block in conf.root.children if block.words[0] in ("vrrp_instance", "vrrp_sync_group"))


def _entries(conf: Conf, keyword: str) -> Iterator[Block]:
    """Yield what instances and sync groups track."""
    return (entry for holder in _holders(conf) for group in holder.all(keyword) for entry in group.children)
