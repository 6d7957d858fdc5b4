"""Whether the lines between .if and .endif count (configuration manual §2.4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.profile.haproxy.predicates import Expression
from harness.profile.haproxy.words import Environment

TELLS = (".alert", ".warning", ".notice", ".diag")


@dataclass
class Conditions:
    """The open .if blocks, the innermost last: whether a branch of it was taken, and whether this one is."""

    environment: Environment
    open: list[tuple[bool, bool]] = field(default_factory=list)

    @property
    def hold(self) -> bool:
        """Say whether a line here counts."""
        return all(here for _, here in self.open)

    def take(self, words: list[str]) -> list[str]:
        """Follow a line that starts with a dot, and return what no file tells of its condition.

        Raise ValueError where it has no .if, or haproxy cannot take it.
        """
        if words[0] in (".elif", ".else", ".endif") and not self.open:
            raise ValueError(f"{words[0]} without .if")
        # haproxy joins the words again: quotes are gone by then, and blanks are one each.
        said = Expression(" ".join(words[1:]), self.environment)
        match words[0]:
            case ".if":
                here = self.hold and said.holds()
                self.open.append((here, here))
            case ".elif" | ".else":
                taken, _ = self.open.pop()
                more = words[0] == ".else" or (not taken and self.hold and said.holds())
                self.open.append((taken or more, more and not taken))
            case ".endif":
                self.open.pop()
            case name if self.hold and name not in TELLS:
                raise ValueError(f"haproxy does not know the directive {name}")
        return said.unsure
