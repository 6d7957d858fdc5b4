"""What is known on one way through a script, and what ends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tree_sitter import Node

from harness.chain.command import Meant
from harness.chain.look import NO_LIMIT_S, Asked, Look, Verdict
from harness.chain.shell.value import Value

Status = bool | None  # 0, another, or not known
DEEPEST = 5  # calls within calls


class Missing(Exception):
    """A look whose answer is not given yet."""

    def __init__(self, look: Look) -> None:
        self.look = look


class Lost(Exception):
    """From here on nothing is known."""


class Ends(Exception):
    """The script exits."""

    def __init__(self, status: Status) -> None:
        self.status = status


class Returns(Ends):
    """A function returns."""


@dataclass
class State:
    """The answers given so far, the variables, and the status of the last command.

    `unsure` is the first command that was run and is not known: what is asked after it may be its doing. `programs` are
    the texts of other files, by their paths; `limit_s` is how long what is asked may take.
    `asking` counts the conditions that it is in, `listed` says whether a list came to its last command.
    """

    answers: Mapping[Look, bool]
    values: dict[str, Value]
    functions: dict[str, Node] = field(default_factory=dict)
    status: Status = True
    slept_s: float = 0.0
    stops: bool = False
    unsure: str = ""
    exits_on_error: bool = False
    asking: int = 0
    listed: bool = True
    depth: int = 0
    programs: Mapping[str, str] = field(default_factory=dict)
    limit_s: float = NO_LIMIT_S
    taken: list[Look] = field(default_factory=list)  # the looks that commands took, in their order

    @property
    def verdict(self) -> Verdict:
        """Return the verdict of a run that ends so."""
        again = tuple(look for number, look in enumerate(self.taken) if look in self.taken[:number])
        if self.stops:
            return Verdict(self.status, "", self.slept_s, True, again)
        if self.unsure or self.status is None:
            return Verdict(None, self.unsure or "its exit status is not known")
        return Verdict(self.status, "", self.slept_s, again=again)

    def asked(self, look: Look) -> Status:
        """Return a look's answer; raise Missing where it is not given."""
        if self.unsure:
            return None
        look = self._capped(look)
        if look not in self.answers:
            raise Missing(look)
        return self.answers[look]

    def taking(self, look: Look) -> Status:
        """Return the answer of a look that a command takes."""
        answer = self.asked(look)
        self.taken.append(self._capped(look))
        return answer

    def _capped(self, look: Look) -> Look:
        if isinstance(look, Asked) and self.limit_s < look.limit_s:
            return replace(look, limit_s=self.limit_s)
        return look

    def concluded(self, meant: Meant | None, node: Node) -> None:
        """Set the status that a command leaves."""
        if meant is None:
            self.unsure = self.unsure or f"`{short(node)}` is not known"
            self.status = None
        elif meant.look is None:
            self.status = True
        else:
            self.status = self.taking(meant.look)

    def certain(self, node: Node) -> bool:
        """Return the status that decides where to go on; raise Lost where that is not known."""
        if self.status is None:
            raise Lost(self.unsure or f"line {line(node)}: what `{short(node)}` comes to is not known")
        return self.status


def numbered(words: Sequence[Value]) -> dict[str, Value]:
    """Return a call's words as $1, $2 and so on."""
    return {str(number): word for number, word in enumerate(words, 1)}


def text(node: Node | None) -> str:
    """Return a node's text."""
    return (node.text or b"").decode() if node is not None else ""


def line(node: Node) -> int:
    return node.start_point[0] + 1


def short(node: Node) -> str:
    """Return the beginning of a node's text."""
    first = text(node).splitlines()[0]
    return first if len(first) <= 60 else f"{first[:57]}..."
