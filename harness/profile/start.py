"""A starting point for an operator's own folder: a shipped profile's files, and what each is for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness import disk
from harness.errors import UsageError
from harness.profile.files import HOMES
from harness.profile.folder import Profile

README = """\
# Files under test

Replace each with the file of your own machines, byte for byte: names, addresses and interfaces too. The lab takes them
on; it has no connection to your network, so nothing there can be disturbed.

| here | on a node | what it is |
|---|---|---|
{rows}
A file in `m2/` is m2's alone, one beside it is for every node that has none of its own. A single `keepalived.conf` may
serve all nodes, with keepalived's own `@m1 priority 110` for what differs. Anything else lies under the path that it
has on a node, as `etc/keepalived/check.sh` here. Masters without keepalived need no folder: they are whom the proxy
sends to.

`profile.toml` says only what no file tells: delete what you do not need.

    harness profile check {folder}    # reads everything, asks the daemons, tries the check scripts in a lab
    harness predict -p {folder}       # what your own timers imply
    harness run -p {folder} -s kill-haproxy
"""
TOML = """\
summary = "{summary}"

# Only where the files do not tell, or tell otherwise:
# subnet = "{subnet}"     # of the nodes and the VIP
# vip = "{vip}"           # the address that clients use, if there are several
# port = {port}                  # where they use it

# [nodes]                     # and where servers are that the proxy knows by name
{nodes}
"""
WHAT = {
    "keepalived.conf": "who holds the VIP, and when it moves",
    "haproxy.cfg": "where a client of the VIP is sent, and how haproxy checks the apiservers",
    "nginx.conf": "where a client of the VIP is sent",
}


def begin(folder: Path, like: Profile) -> Iterator[Path]:
    """Write the files of `like` and their explanation below `folder`, and yield their paths; refuse one that exists."""
    if folder.exists():
        raise UsageError(f"{folder} exists already: name a folder that does not, or work on the files there")
    rows: dict[str, str] = {}
    for node, group in like.files.items():
        for file in group:
            home = next((name for name, path in HOMES.items() if path == file.path), None)
            shared = all(file.text == other.text for g in like.files.values() for other in g if other.path == file.path)
            relative = home or file.path.lstrip("/")
            target = folder / (relative if shared else f"{node}/{relative}")
            if target.exists():
                continue
            disk.folder(target.parent)
            disk.write(target, file.text.encode("utf-8", "surrogateescape"))
            target.chmod(file.mode)
            rows[str(target.relative_to(folder))] = (
                f"`{file.path}` | {WHAT.get(home or '', 'the check that keepalived runs')}"
            )
            yield target
    facts = like.facts
    nodes = "\n".join(f'# {name} = "{address}"' for name, address in facts.nodes.items())
    about = {"summary": f"begun from {like.name}", "subnet": facts.subnet, "vip": facts.vip, "port": facts.port}
    for name, text in {
        "profile.toml": TOML.format(nodes=nodes, **about),
        "README.md": README.format(folder=folder, rows="".join(f"| `{n}` | {r} |\n" for n, r in rows.items())),
    }.items():
        disk.write(folder / name, text.encode())
        yield folder / name
