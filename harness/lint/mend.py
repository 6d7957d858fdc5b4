"""Files as they should be: every remedy that is mechanical, put in place of its line."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.errors import UsageError
from harness.lint.examine import Objection
from harness.profile.files import read_text
from harness.profile.secrets import hidden
from harness.profile.source import legible, lines


@dataclass(frozen=True)
class Mended:
    """A file before and after its remedies."""

    path: Path
    before: str
    after: str

    @property
    def diff(self) -> str:
        """Return what changes, without secrets."""
        old, new = (hidden(legible(text)).splitlines() for text in (self.before, self.after))
        return "\n".join(difflib.unified_diff(old, new, str(self.path), str(self.path), lineterm="", n=1))

    def write(self) -> None:
        """Put the file in the place of what was read; raise UsageError where it may not be written."""
        try:
            self.path.write_bytes(os.fsencode(self.after))
        except OSError as error:
            raise UsageError(f"{self.path}: {error.strerror}; its diff is above") from error


def mended(findings: Iterable[Objection]) -> list[Mended]:
    """Return the files that a remedy changes; of two that cannot both have their line, the first has it.

    A line that is not UTF-8 stays as it is.
    """
    changes: dict[Path, list[Objection]] = {}
    for one in findings:
        if one.fix is not None:
            changes.setdefault(Path(one.path), []).append(one)
    done = (_mended(path, found) for path, found in sorted(changes.items()))
    return [one for one in done if one.after != one.before]


def _mended(path: Path, findings: Iterable[Objection]) -> Mended:
    before = read_text(path)
    parted = lines(before, str(path))
    plain = [line.rstrip("\r\n") for line in parted]
    after = list(plain)
    for one in findings:
        at, old = one.line - 1, plain[one.line - 1]
        if one.fix is None or after[at] == one.fix or legible(old) != old:
            continue  # a byte that is no text a remedy does not have
        if after[at] == old:
            after[at] = one.fix
        elif one.fix.startswith(old.rstrip()):  # both have something to add
            added = one.fix.removeprefix(old.rstrip())
            after[at] += "" if after[at].endswith(added) else added
    ends = [line[len(text) :] for line, text in zip(parted, plain, strict=True)]
    return Mended(path, before, "".join(text + end for text, end in zip(after, ends, strict=True)))
