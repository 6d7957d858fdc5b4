"""Which files were read as what, which were left and why, and how much in them was not understood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import msgspec

from harness.lint.examine import Objection, examine
from harness.lint.setup import Setup
from harness.profile import kind
from harness.profile.keepalived import Block
from harness.profile.kind import Kind

MOST_LEFT = 1000  # of a folder that is no profile's


class Listed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file, and what it was read as; or why it was left."""

    path: str
    read_as: str = ""
    left: str = ""


class Listing(msgspec.Struct, frozen=True):
    """Every file that was given; `words` that keepalived does not know, and `scripts` that are not understood."""

    files: list[Listed]
    words: int = 0
    scripts: int = 0

    @property
    def left(self) -> list[Listed]:
        return [file for file in self.files if file.left]


class Findings(list[Objection]):
    """Findings, the worst first, with the files that they are about."""

    def __init__(self, found: list[Objection], listing: Listing) -> None:
        super().__init__(found)
        self.listing = listing


def findings(paths: list[Path], setup: Setup) -> Findings:
    """Return what is found in a set-up that was read from some paths, with what became of each file."""
    return Findings(examine(setup), of(paths, setup))


def listed(findings: Sequence[Objection]) -> Listing:
    """Return what became of the files that findings are about; nothing where nobody has listed them."""
    return findings.listing if isinstance(findings, Findings) else Listing([])


def of(paths: list[Path], setup: Setup) -> Listing:
    """Return what became of each file that is one of `paths` or below it."""
    read = _read(setup)
    known = {Path(path).resolve() for path in read}
    left = [path for path in _below(paths) if path.resolve() not in known]
    files = [Listed(path, what) for path, what in read.items()] + [_left(path) for path in left]
    confs = {conf.path: conf for conf in setup.confs}
    unclear = {
        (conf.path, script.name)
        for conf in confs.values()
        for _, script in conf.scripts.values()
        if (script.doubt or setup.unknown(conf, script)) and not setup.tried(script)
    }
    return Listing(files, sum(len(conf.root.dropped) for conf in confs.values()), len(unclear))


def _read(setup: Setup) -> dict[str, str]:
    nodes: dict[tuple[str, str], list[str]] = {}
    for conf in setup.confs:
        nodes.setdefault((conf.path, Kind.KEEPALIVED.value), []).append(conf.node)
        for path in _included(conf.root) - {conf.path}:
            nodes.setdefault((path, f"part of the {Kind.KEEPALIVED.value}"), []).append(conf.node)
    for proxy in setup.proxies:
        nodes[proxy.path, Kind.HAPROXY.value] = proxy.nodes
    found: dict[str, str] = {}
    apart = ": nothing is said of what nodes are to each other"
    for (path, what), of in nodes.items():
        told = f"{what} of {', '.join(of)}" if of else what
        if setup.lone:
            told = f"{what} of one host{apart if what == Kind.KEEPALIVED else ''}"
        found[path] = f"{found[path]}; {told}" if path in found else told
    for file in setup.programs:
        found.setdefault(file.source, file.path)
    return found


def _included(block: Block) -> set[str]:
    """Return the files in which the statements of a block stand."""
    return {block.path}.union(*(_included(child) for child in block.children))


def _below(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        files = (p for p in sorted(path.rglob("*")) if p.is_file()) if path.is_dir() else iter([path])
        yield from islice((p for p in files if not _hidden(p.relative_to(path))), MOST_LEFT)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _left(path: Path) -> Listed:
    known = kind.of(path)
    if known.kind is Kind.STATED:
        return Listed(str(path), known.kind.value)
    if known.kind is Kind.LEFT:
        return Listed(str(path), left=f"line {known.line}: {known.why}" if known.line else known.why)
    if known.kind is Kind.NGINX:
        return Listed(str(path), left="an nginx.conf, into which no rule looks")
    return Listed(str(path), left=f"it holds a {known.kind.value}, and lies where no node has one")
