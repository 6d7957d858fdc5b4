"""A profile's folder made of files as they lie about, with what each was taken for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from harness import disk
from harness.errors import UsageError
from harness.profile.files import HOMES
from harness.profile.kind import Kind
from harness.profile.layout import Layout, Placing

_HOME = {path: name for name, path in HOMES.items()}


def adopt(layout: Layout, folder: Path) -> Iterator[tuple[str, str]]:
    """Copy what a layout places below `folder`; yield each file and what it was taken for, then those that are left.

    Raise UsageError where the folder exists.
    """
    if folder.exists():
        raise UsageError(f"{folder} exists already: name a folder that does not")
    disk.folder(folder)
    for one in layout.placed:
        shared = [*one.nodes] == layout.nodes.names and one.entry not in layout.nodes.own.values()
        whose = "every node's" if shared else f"{', '.join(one.nodes)}'s"
        if one.entry == layout.nodes.host:
            whose = "one host's, taken for every node's"
        yield one.entry.source, f"{whose} {_what(one)}: {', '.join(map(str, _copied(one, folder, shared)))}"
    for stated in (one for one in layout.nodes.entries if one.kind is Kind.STATED):
        disk.write(folder / "profile.toml", stated.text.encode())
        yield stated.source, f"what no file tells: {folder / 'profile.toml'}"
    for source, why in layout.left.items():
        yield source, f"left: {why}"


def _copied(one: Placing, folder: Path, shared: bool) -> Sequence[Path]:
    text = one.entry.text.lstrip("\n") if one.entry.manifest else one.entry.text
    relative = _HOME.get(one.path, one.path.lstrip("/"))
    targets = [folder / relative] if shared else [folder / node / relative for node in one.nodes]
    for target in targets:
        disk.folder(target.parent)
        disk.write(target, text.encode())
        target.chmod(one.entry.mode)
    return targets


def _what(one: Placing) -> str:
    """Return what a file was taken for."""
    known = "file" if one.entry.kind is Kind.LEFT else one.entry.kind.value
    return _HOME.get(one.path, f"{known} {one.path}")
