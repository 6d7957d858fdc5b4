"""keepalived.conf as nested blocks that remember where they stand, over the lines that they were read from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from harness.errors import ProfileError
from harness.profile.keepalived.keywords import KNOWN, inside
from harness.profile.keepalived.statements import Reader
from harness.profile.keepalived.words import split
from harness.profile.source import lines
from harness.profile.where import Lack, Remark, Where

PATH = "/etc/keepalived/keepalived.conf"


@dataclass(slots=True)
class Dropped:
    """A statement that keepalived does not know in the block where it stands, by that block's keyword, "" at the root.

    Where it `opens` a block, keepalived overlooks the opening brace and reads on: the closing one ends the block around
    it, and the statements behind are `lost` with it.
    """

    statement: Block
    inside: str
    opens: bool = False
    lost: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class Block:
    """One statement: its words, its line (from 1), and the statements between its braces if it has any.

    `text` is the statement as keepalived has it, with its quotes; `end_line` is the closing brace's, in the file where
    that stands, 0 where none closes it. Only the root has the file's own `lines`, what keepalived `dropped`,
    `remarks` on braces that do not match, and what of the file is `missing`.
    """

    words: list[str]
    line: int
    children: list[Block] = field(default_factory=list)
    end_line: int = 0
    path: str = ""
    text: str = ""
    lines: tuple[str, ...] = ()
    dropped: list[Dropped] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    missing: list[Lack] = field(default_factory=list)

    def all(self, keyword: str) -> Iterator[Block]:
        """Yield the statements inside this one that start with `keyword`."""
        return (child for child in self.children if child.words and child.words[0] == keyword)

    def value(self, keyword: str, default: str) -> str:
        """Return the last value given to `keyword` in this block, as written."""
        values = [child.words[1] for child in self.all(keyword) if len(child.words) > 1]
        return values[-1] if values else default

    @property
    def place(self) -> Where:
        """Return where the statement stands."""
        return Where(self.path, self.line)

    @property
    def where(self) -> dict[str, Where]:
        """Return the place of each keyword inside, of its last occurrence, and under "" that of the block."""
        return {"": self.place} | {c.words[0]: c.place for c in self.children if c.words}


def parse(
    text: str,
    name: str,
    node: str | None = None,
    files: Mapping[str, str] | None = None,
    *,
    path: str = PATH,
    shown: Mapping[str, str] | None = None,
    nodes: Collection[str] = (),
) -> Block:
    """Return the file's root block; raise ProfileError naming file and line of what keepalived cannot take.

    `name` is what the user calls the file. `node` decides lines such as `@m1 priority 110`; keepalived takes the
    first part of the host's name. `files` holds the texts that `include` may name, by their paths on the node, where
    this file lies at `path`; without it an include stays a statement like any other. `shown` maps those paths to
    what the user calls them. `nodes` are all that are known, `node` among them or not.
    """
    nesting = _Nesting(Block([], 0, path=name, lines=lines(text, name)))
    reader = Reader(node, files, shown or {})
    for statement in reader.read(text, name, path):
        if statement.text == "{":
            nesting.opened(statement.where)
        elif statement.text == "}":
            nesting.closed(statement.line, statement.name)
        elif words := split(statement.text):
            nesting.said(Block(words, statement.line, path=statement.name, text=statement.text))
    nesting.root.missing += [*reader.missing, *reader.strangers({*nodes, node or ""})]
    for left, _ in nesting.open[1:]:
        told = f"the block `{left.text}` is never closed: keepalived complains, and reads on to the end; add `}}`"
        nesting.root.remarks.append(Remark(left.place, told))
    return nesting.root


class _Nesting:
    """Puts statements into the blocks that keepalived takes them to be in."""

    def __init__(self, root: Block) -> None:
        self.root = root
        self.open: list[tuple[Block, frozenset[str] | None]] = [(root, KNOWN[""])]
        self.last: Block | None = None
        self.wake: Dropped | None = None  # whose block has been opened, while all that follows is unknown
        self.overlooked = 0

    def said(self, statement: Block) -> None:
        block, known = self.open[-1]
        word = statement.words[0]
        block.children.append(statement)
        self.last = statement
        if known is None or word in known or word.startswith(("include", "~SEQ", "~LST")):
            self.wake = self.wake if block is not self.root else None
        elif self.wake is not None:
            self.wake.lost.append(statement)
        else:
            self.root.dropped.append(Dropped(statement, block.words[0] if block.words else ""))

    def opened(self, where: str) -> None:
        if self.last is None:
            raise ProfileError(f"{where}: an opening brace that follows nothing; remove it")
        last, known = self.last, self.open[-1][1]
        self.last = None
        if self.wake is not None and self.wake.lost and self.wake.lost[-1] is last:
            self.overlooked += 1
        elif self.root.dropped and self.root.dropped[-1].statement is last:
            self.wake = self.root.dropped[-1]
            self.wake.opens = True
            self.overlooked += 1
        else:
            self.open.append((last, inside(last.words[0], known)))

    def closed(self, line: int, path: str) -> None:
        self.last = None
        if len(self.open) > 1:
            self.open.pop()[0].end_line = line
        elif self.overlooked:
            self.overlooked -= 1
        else:
            told = "a closing brace with no block open: keepalived complains, and reads on; remove it"
            self.root.remarks.append(Remark(Where(path, line), told))


def render(root: Block) -> str:
    """Return the text that a root block was parsed from, byte for byte."""
    return "".join(root.lines)
