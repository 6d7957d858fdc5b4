"""Which of a node's files an `include` names, as glob(3) finds them."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Mapping

MOST_ALTERNATIVES = 1000
_BRACES = re.compile(r"\{([^{}]*)\}")
_WILD = re.compile(r"[*?[]")


def matching(pattern: str, folder: str, files: Mapping[str, str]) -> list[str]:
    """Return the paths that a pattern, relative to `folder`, names; raise ValueError where its braces are too many."""
    found = []
    for plain in _alternatives(pattern):
        want = posixpath.normpath(posixpath.join(folder, plain))
        if _WILD.search(want):
            found += [path for path in sorted(files) if _fits(path.split("/"), want.split("/"))]
        elif want in files:
            found.append(want)
    return found


def _alternatives(pattern: str) -> list[str]:
    done: list[str] = []
    left = [pattern]
    while left:
        if len(done) + len(left) > MOST_ALTERNATIVES:
            raise ValueError(f"more than {MOST_ALTERNATIVES} alternatives in its braces")
        one = left.pop(0)
        braces = _BRACES.search(one)
        if braces is None:
            done.append(one)
        else:
            left[:0] = [one[: braces.start()] + part + one[braces.end() :] for part in braces[1].split(",")]
    return done


def _fits(parts: list[str], want: list[str]) -> bool:
    """Say whether a path fits segment by segment; a wildcard does not match a leading dot."""
    if len(parts) != len(want):
        return False
    return all(
        fnmatch.fnmatchcase(part, pattern) and (not part.startswith(".") or pattern.startswith("."))
        for part, pattern in zip(parts, want, strict=True)
    )
