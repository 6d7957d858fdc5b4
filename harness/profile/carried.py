"""track_process as a lab carries it: a track_file of the same weight, which the node's agent writes.

No kernel tells a keepalived in a container of processes. Every line keeps its number, so that places stay true.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from harness.errors import ProfileError
from harness.profile import keepalived
from harness.profile.files import KEEPALIVED, File
from harness.profile.keepalived import Block, Process, Tracked
from harness.profile.keepalived.tracked import OWNER
from harness.profile.where import Where

FOLDER = "/var/lib/harness/tracked"
LEAST = -253  # what a file adds is a FAULT at -254
_START = re.compile(r"\s*(?:@\^?\S+\s+)?")  # up to a statement: its indent, and whose it is
_NAMED = re.compile(r'vrrp_track_process(\s+)("[^"]*"|[^\s{]+)')


@dataclass(frozen=True)
class Fed:
    """A process that an agent watches, and the file that says 1 while it is lost, or while it stands; "": neither."""

    process: Process
    when_lost: str = ""
    when_stands: str = ""


class Carrying:
    """One node's files, whose tracked processes become tracked files."""

    def __init__(self, node: str, group: Sequence[File]) -> None:
        self._node, self._group = node, group
        self._edits: dict[str, dict[int, str]] = defaultdict(dict)
        self._lines = {file.source: file.text.split("\n") for file in group}
        root = self._root(group)
        self._tracked = {one.at(""): one for one in _tracked(root)}
        self.fed: list[Fed] = []
        self.files = list(group)
        if not any(root.all("vrrp_track_process")):
            return
        self._definitions(root)
        for holder in root.children:
            if holder.words[0] in ("vrrp_instance", "vrrp_sync_group"):
                self._uses(holder)
        self.files = [self._edited(file) for file in group]
        left = self._root(self.files)
        if any(left.all("vrrp_track_process")) or any(_tracked(left)):
            (first, *_) = root.all("vrrp_track_process")
            raise ProfileError(
                f"{first.place}: a lab cannot carry this track_process; give each statement its own line"
            )

    def _root(self, group: Sequence[File]) -> Block:
        file = next(file for file in group if file.path == KEEPALIVED)
        texts, shown = {f.path: f.text for f in group}, {f.path: f.source for f in group}
        return keepalived.parse(file.text, file.source, self._node, texts, path=file.path, shown=shown)

    def _definitions(self, root: Block) -> None:
        known = keepalived.processes(root)
        for block in root.all("vrrp_track_process"):
            if not block.end_line:
                raise ProfileError(f"{block.place}: a lab cannot carry a block that is never closed; add `}}`")
            process = known.get(block.words[1]) if len(block.words) > 1 else None
            ways = sorted({_way(one) for one in self._tracked.values() if one.definition == process})
            if process is None or process.at("") != block.place or not ways:
                for line in range(block.line, block.end_line + 1):
                    self._silence(Where(block.path, line))
                continue
            files = {way: f"{FOLDER}/{_file(process.name, way)}" for way in ways}
            self.fed.append(Fed(process, files.get("lost", ""), files.get("stands", "")))
            self._definition(block, process, files)

    def _definition(self, block: Block, process: Process, files: dict[str, str]) -> None:
        (way, path), *others = files.items()
        self._put(block.place, _NAMED.sub(rf"track_file\1{_file(process.name, way)}", self._line(block.place)))
        for number, child in enumerate(block.all("process")):
            if number:
                self._silence(child.place)
            else:
                self._put(child.place, self._start(child.place) + f"file {path}")
        for child in block.children:
            if child.words[0] != "process":
                self._silence(child.place)
        if others:
            end = Where(block.path, block.end_line)
            more = (f"\ntrack_file {_file(process.name, way)} {{\n    file {path}\n}}" for way, path in others)
            self._put(end, self._line(end) + "".join(more))

    def _uses(self, holder: Block) -> None:
        for group in holder.all("track_process"):
            self._put(group.place, re.sub(r"\btrack_process\b", "track_file", self._line(group.place), count=1))
            for entry in group.children:
                tracked = self._tracked.get(entry.place)
                if tracked is None or tracked.definition is None:  # keepalived ignores it
                    self._silence(entry.place)
                    continue
                weight = f"weight {max(LEAST, tracked.weight)}{' reverse' if tracked.reverse else ''}"
                self._put(entry.place, f"{self._start(entry.place)}{_file(tracked.name, _way(tracked))} {weight}")

    def _line(self, at: Where) -> str:
        return self._lines[at.path][at.line - 1].removesuffix("\r")

    def _start(self, at: Where) -> str:
        found = _START.match(self._line(at))
        return found[0] if found else ""

    def _silence(self, at: Where) -> None:
        self._put(at, f"# {self._line(at)}")

    def _put(self, at: Where, text: str) -> None:
        self._edits[at.path][at.line - 1] = text

    def _edited(self, file: File) -> File:
        lines = list(self._lines[file.source])
        for number, text in self._edits[file.source].items():
            lines[number] = text + ("\r" if lines[number].endswith("\r") else "")
        return replace(file, text="\n".join(lines))


def _tracked(root: Block) -> Iterator[Tracked]:
    """Yield every process that something tracks; raise ProfileError where a file could not take its place."""
    groups = keepalived.sync_groups(root)
    unweighted = {name for group in groups if not group.weights for name in group.members}
    for one in keepalived.instances(root):
        for tracked in one.tracked.processes:
            if tracked.weight and one.name in unweighted and one.priority != OWNER:
                told = "a lab cannot carry a tracked process with a weight in a sync group that counts none"
                raise ProfileError(
                    f"{tracked.at('')}: {told}; give it weight 0, or the group sync_group_tracking_weight"
                )
            yield tracked
    for group in groups:
        yield from group.tracked.processes


def _way(tracked: Tracked) -> str:
    """Return when a file has to say 1, so that what it adds is what the process would."""
    return "stands" if tracked.weight > 0 else "lost"


def _file(name: str, way: str) -> str:
    return re.sub(r"[^\w.-]", "_", f"{name}_{way}")
