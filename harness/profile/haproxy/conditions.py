"""Whether the lines between .if and .endif count (configuration manual §2.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from harness.profile.haproxy.words import Environment

VERSION = (2, 6, 12)
_CALL = re.compile(r"(\w+)\((.*)\)")


@dataclass
class Conditions:
    """The open .if blocks, the innermost last: whether a branch of it was taken, and whether this one is."""

    environment: Environment
    open: list[tuple[bool, bool]] = field(default_factory=list)

    @property
    def hold(self) -> bool:
        """Say whether a line here counts."""
        return all(here for _, here in self.open)

    def take(self, words: list[str]) -> None:
        """Follow a line that starts with a dot; raise ValueError where it has no .if, or nothing can tell."""
        if words[0] in (".elif", ".else", ".endif") and not self.open:
            raise ValueError(f"{words[0]} without .if")
        match words[0]:
            case ".if":
                here = self.hold and self._true(" ".join(words[1:]))
                self.open.append((here, here))
            case ".elif" | ".else":
                taken, _ = self.open.pop()
                more = words[0] == ".else" or (not taken and self.hold and self._true(" ".join(words[1:])))
                self.open.append((taken or more, more and not taken))
            case ".endif":
                self.open.pop()

    def _true(self, said: str) -> bool:
        if not said or re.fullmatch(r"-?\d+", said):
            return bool(said) and int(said) != 0
        found = _CALL.fullmatch(said)
        name, given = (found[1], [part.strip() for part in found[2].split(",")]) if found else (said, [])
        match name, given:
            case "defined", [variable]:
                return variable in self.environment.known
            case "streq", [one, other]:
                return one == other
            case "strneq", [one, other]:
                return one != other
            case "version_atleast" | "version_before", [version] if re.fullmatch(r"\d+(\.\d+)*", version):
                return (tuple(map(int, version.split("."))) <= VERSION) == (name == "version_atleast")
        raise ValueError(f"nothing here can tell whether `{said}` holds; write the file without it")
