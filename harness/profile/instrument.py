"""What the harness adds to a configuration under test: the least that lets it listen, and what a lab cannot carry."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.profile import haproxy, keepalived, needs, trust
from harness.profile.carried import Carrying, Fed
from harness.profile.files import HAPROXY, KEEPALIVED, File
from harness.profile.folder import Profile
from harness.profile.source import inserted

FIFO = "/run/keepalived/harness.fifo"
SOCKET = "/run/haproxy/harness.sock"


@dataclass(frozen=True)
class Instrumented:
    """A profile as it runs, and where each node's agents listen to it: no socket where there is no haproxy.

    `folders` are those that a host has before its haproxy starts, `fed` the processes that keepalived cannot hear of.
    """

    profile: Profile
    haproxy_sockets: dict[str, str]
    folders: dict[str, list[str]]
    fed: dict[str, list[Fed]]
    notify_fifo: str = FIFO


def instrument(profile: Profile, descriptors: int | None = None) -> Instrumented:
    """Return `profile` with a keepalived notify FIFO, and a haproxy stats socket and session log where it has none.

    A tracked process becomes a tracked file, which the node's agent writes. Where certificates are named the lab's own
    stand, here as a line that says so.
    A haproxy that asks for more than `descriptors`, all that a lab can give, is told to go on with those.
    """
    sockets, folders, fed, files = {}, {}, {}, {}
    for node, group in profile.files.items():
        changed = []
        carrying = Carrying(node, group)
        fed[node] = carrying.fed
        for file in carrying.files:
            if file.path == KEEPALIVED:
                file = replace(file, text=_with_fifo(file.text, node))
            elif file.path == HAPROXY:
                sections = haproxy.parse(file.text, file.source)
                sockets[node] = haproxy.stats_socket(sections) or SOCKET
                folders[node] = needs.folders(sections)
                text = _with_tcplog(file.text, sections)
                if descriptors is not None and needs.descriptors(sections) > descriptors:
                    text = _with_global(text, "    no strict-limits")
                if sockets[node] == SOCKET:
                    text = _with_global(text, f"    stats socket {SOCKET} mode 600 level user")
                file = replace(file, text=text)
            changed.append(file)
        ours = {path: f"# {text}\n" for path, text in trust.stand_ins(group).items()}
        kept = [file for file in changed if file.path not in ours]
        files[node] = kept + [File(path, text) for path, text in ours.items()]
    return Instrumented(replace(profile, files=files), sockets, folders, fed)


def _with_fifo(text: str, node: str) -> str:
    # Without a user of its own it would be the scripts', and not be there where keepalived cannot find that one.
    line = f"    vrrp_notify_fifo {FIFO} root"
    root = keepalived.parse(text, "keepalived.conf", node)
    for block in root.all("global_defs"):
        if block.end_line and root.lines[block.end_line - 1].strip() == "}":
            return inserted(text, block.end_line - 1, line)
    # Behind the rest, so that every line keeps its number; nothing is behind a block that is never closed.
    place = 0 if any(not block.end_line for block in root.children if block.children) else len(root.lines)
    return inserted(text, place, "global_defs {", line, "}")


def _with_global(text: str, line: str) -> str:
    for section in haproxy.parse(text, "haproxy.cfg"):
        if section.kind == "global":
            return inserted(text, section.line, line)
    return inserted(text, 0, "global", line)


def _with_tcplog(text: str, sections: list[haproxy.Section]) -> str:
    """Have every TCP frontend log how its sessions ended; from the last on, so that lines keep their place."""
    for section in reversed(list(haproxy.mute(sections))):
        text = inserted(text, section.line, "    option tcplog")
    return text
