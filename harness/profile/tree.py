"""A folder's files as they lie there, each known by what it holds; a ConfigMap's and a cloud-config's among them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from harness.errors import ProfileError, UsageError
from harness.profile import kind
from harness.profile.files import mode, read_text, shown
from harness.profile.held import Held, host_of, of_cloud_config, of_configmaps
from harness.profile.kind import Kind, Known

MOST_FILES = 2000
_PASSED_BY = ("__pycache__", "node_modules")


@dataclass(frozen=True)
class Entry:
    """A file: its path in the tree, what it is, what it holds, and where the operator has it; a LEFT one has no text.

    `manifest` is the one that holds it, "" for a file of its own.
    """

    at: PurePosixPath
    known: Known
    source: str
    text: str = ""
    mode: int = 0o644
    manifest: str = ""

    @property
    def kind(self) -> Kind:
        return self.known.kind

    @property
    def told(self) -> str:
        """Return where it is and why it is left."""
        return f"{self.source}:{self.known.line or 1}: {self.known.why}"


def grown(paths: Sequence[Path]) -> list[Entry]:
    """Return the files below paths, or the paths themselves, below what they have in common.

    Raise UsageError where one is not there, ProfileError where there is nothing, or far too much.
    """
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: no such file or folder")
    whole = [path.absolute() for path in paths]
    top = Path(os.path.commonpath([path if path.is_dir() else path.parent for path in whole]))
    found = sorted({file for path in paths for file in ([path] if path.is_file() else _below(path))})
    if not found:
        raise ProfileError(f"{', '.join(map(str, paths))}: it is empty; `harness profile new` makes a start")
    if len(found) > MOST_FILES:
        raise ProfileError(f"{paths[0]}: more than {MOST_FILES} files; name the folder with the configuration alone")
    return [one for path in found for one in _entries(path, PurePosixPath(path.absolute().relative_to(top)))]


def _below(folder: Path) -> Iterator[Path]:
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _PASSED_BY)
        yield from (path for name in names if not name.startswith(".") and (path := Path(base, name)).is_file())


def _entries(path: Path, at: PurePosixPath) -> Iterator[Entry]:
    known = kind.of(path)
    try:
        text = read_text(path)
    except ProfileError:
        text = ""
    yield Entry(at, known, shown(path), text, mode(path))
    folder, held = at.parent, list[Held]()
    if known.kind is Kind.MANIFEST:
        held = list(of_configmaps(text))
    elif known.kind is Kind.CLOUD_CONFIG:  # as if it were its host's own tree
        folder, held = folder / (host_of(text) or path.stem), list(of_cloud_config(text))
    for one in held:
        own = kind.known(PurePosixPath(one.name).name, one.text.lstrip("\n"))
        inside = one.text.lstrip("\n") if own.kind is Kind.PROGRAM else one.text  # which has to begin with its `#!`
        runs = own.kind is Kind.PROGRAM if one.runs is None else one.runs
        yield Entry(folder / one.name.lstrip("/"), own, shown(path), inside, 0o755 if runs else 0o644, path.stem)
