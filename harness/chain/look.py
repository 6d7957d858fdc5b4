"""What a check script looks at, and what it makes of it: a tree of questions that ends in verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeAlias, TypeVar

NO_LIMIT_S = float("inf")


@dataclass(frozen=True)
class Lookup:
    """Whether a process of that name exists, were it hung; `signals` says that it asks by a signal, which it must be
    allowed to send.

    `pattern` is what a name has to fit, or with `whole` a command line, where it need not be the name itself.
    """

    process: str
    signals: bool = False
    pattern: str = field(default="", compare=False)
    whole: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Asked:
    """Whether a port answers within `limit_s`; `path` is "" where a TCP connection is all that is wanted.

    `minds` says whether an error status counts as no answer; None where that depends on what the answer holds. `tls` is
    False where it is asked in the clear. `open` says whether an apiserver lets whoever asks so read that at all, None
    where that is not known; `trusts` whether it takes the certificate that it is shown, None where that depends on what
    the node trusts, and on the names in it. `printed` says that it is only what a request before it printed.
    """

    host: str
    port: int
    path: str = ""
    minds: bool | None = False
    limit_s: float = NO_LIMIT_S
    tls: bool = True
    open: bool | None = True
    trusts: bool | None = True
    printed: bool = field(default=False, compare=False)

    @property
    def connects(self) -> bool:
        return not self.path


@dataclass(frozen=True)
class HasAddress:
    """Whether the node has an address."""

    address: str


@dataclass(frozen=True)
class Pinged:
    """Whether an address, or a name, answers a ping."""

    host: str


Look: TypeAlias = Lookup | Asked | HasAddress | Pinged
L = TypeVar("L")
M = TypeVar("M")


@dataclass(frozen=True)
class Verdict:
    """How a run ends: it passes, fails, or (None) nobody can tell, and `why`; `slept_s` is what it slept on the way.

    `stops` says that it has keepalived itself stopped. `again` are looks that were taken more than once, each further
    time: it sees the same, and takes as long.
    """

    passes: bool | None
    why: str = ""
    slept_s: float = 0.0
    stops: bool = False
    again: tuple[Any, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Question(Generic[L]):
    """A look, and how the run goes on by what it sees."""

    look: L
    yes: Verdict | Question[L]
    no: Verdict | Question[L]


Tree: TypeAlias = Verdict | Question[L]


def verdicts(tree: Tree[L]) -> Iterator[Verdict]:
    """Yield every way in which a run may end."""
    if isinstance(tree, Verdict):
        yield tree
    else:
        yield from verdicts(tree.yes)
        yield from verdicts(tree.no)


def looks(tree: Tree[L]) -> list[L]:
    """Return everything that a run may look at, in the order in which it does, once each."""
    if isinstance(tree, Verdict):
        return []
    return list(dict.fromkeys([tree.look, *looks(tree.yes), *looks(tree.no)]))


def longest_s(tree: Tree[Look]) -> float:
    """Return how long a run may take at most: whatever it asks hangs; infinite where nothing is known to end it."""
    if isinstance(tree, Verdict):
        again_s = sum(look.limit_s for look in tree.again if isinstance(look, Asked))
        return tree.slept_s + again_s if tree.passes is not None else NO_LIMIT_S
    own_s = tree.look.limit_s if isinstance(tree.look, Asked) else 0.0
    return own_s + max(longest_s(tree.yes), longest_s(tree.no))


def mapped(tree: Tree[L], change: Callable[[L], M]) -> Tree[M]:
    """Return the tree with other looks in the place of its own."""
    if isinstance(tree, Verdict):
        return replace(tree, again=tuple(map(change, tree.again)))
    return Question(change(tree.look), mapped(tree.yes, change), mapped(tree.no, change))


def pruned(tree: Tree[L], given: Callable[[L], Verdict | None]) -> Tree[L]:
    """Return the tree without the looks whose answer is given already, and where that decides a run why it is."""
    if isinstance(tree, Verdict):
        return tree
    known = given(tree.look)
    if known is not None and known.passes is None:
        return known
    if known is None:
        return Question(tree.look, pruned(tree.yes, given), pruned(tree.no, given))
    left = pruned(tree.yes if known.passes else tree.no, given)
    return replace(left, why=left.why or known.why) if isinstance(left, Verdict) else left


def limited(tree: Tree[Look], limit_s: float) -> Tree[Look]:
    """Return the tree of a run that is ended after `limit_s`: no request in it takes longer."""
    if isinstance(tree, Verdict):
        if tree.slept_s >= limit_s:
            return Verdict(False, f"it sleeps longer than its limit, {limit_s:g} s")
        return replace(tree, again=tuple(_capped(look, limit_s) for look in tree.again))
    return Question(_capped(tree.look, limit_s), limited(tree.yes, limit_s), limited(tree.no, limit_s))


def _capped(look: Look, limit_s: float) -> Look:
    return replace(look, limit_s=min(look.limit_s, limit_s)) if isinstance(look, Asked) else look


def in_words(look: Look) -> str:
    """Return a look as a sentence has it."""
    match look:
        case Lookup(process=process):
            return f"whether a process named {process} exists"
        case HasAddress(address=address):
            return f"whether the node has {address}"
        case Pinged(host=host):
            return f"whether {host} answers a ping"
        case Asked(host=host, port=port, path=path):
            return f"whether {host}:{port} answers {path}" if path else f"whether {host}:{port} is open"
