"""A folder's files as they lie there, each known by what it holds; a ConfigMap's files among them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from harness.errors import ProfileError, UsageError
from harness.profile import kind
from harness.profile.files import mode, read_text, shown
from harness.profile.kind import Kind, Known

MOST_FILES = 2000
_PASSED_BY = ("__pycache__", "node_modules")
_KEY = re.compile(r"(\s+)[\"']?([\w.-]+)[\"']?:\s*[|][-+0-9]*\s*$")


@dataclass(frozen=True)
class Entry:
    """A file: its path in the tree, what it is, what it holds, and where the operator has it; a LEFT one has no text.

    `manifest` is the one whose ConfigMap holds it, "" for a file of its own.
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
    if known.kind is Kind.MANIFEST:
        for key, held in data(text):
            own = kind.known(key, held.lstrip("\n"))
            text = held.lstrip("\n") if own.kind is Kind.PROGRAM else held  # which has to begin with its `#!`
            runs = 0o755 if own.kind is Kind.PROGRAM else 0o644
            yield Entry(at.parent / key, own, shown(path), text, runs, path.stem)


def data(text: str) -> Iterator[tuple[str, str]]:
    """Yield key and text of each literal (`|`) of a ConfigMap, each line where it is in the manifest."""
    lines = text.splitlines()
    within = False
    for number, line in enumerate(lines):
        if line and not line[0].isspace() and line[0] != "#":
            within = line.partition(":")[0] == "data" and _of_configmap(lines, number)
        elif within and (found := _KEY.match(line)):
            yield found[2], "\n" * (number + 1) + "".join(_literal(lines[number + 1 :], len(found[1])))


def _of_configmap(lines: Sequence[str], number: int) -> bool:
    """Say whether the document around a line is a ConfigMap."""
    starts = [n for n, line in enumerate(lines) if line.startswith("---")]
    first = max((n for n in starts if n <= number), default=0)
    last = min((n for n in starts if n > number), default=len(lines))
    return any(re.fullmatch(r"kind:\s*ConfigMap\s*", line) for line in lines[first:last])


def _literal(lines: Sequence[str], outer: int) -> Iterator[str]:
    """Yield the lines of a literal, less the indent that its first line has."""
    indent = next((len(line) - len(line.lstrip()) for line in lines if line.strip()), 0)
    for line in lines if indent > outer else ():
        if line.strip() and len(line) - len(line.lstrip()) < indent:
            return
        yield line[indent:] + "\n"
