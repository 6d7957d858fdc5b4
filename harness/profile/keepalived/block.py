"""keepalived.conf as nested blocks that remember where they stand, over the lines that they were read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from harness.errors import ProfileError
from harness.profile.keepalived.statements import Reader
from harness.profile.keepalived.words import split
from harness.profile.source import lines
from harness.profile.where import Where

PATH = "/etc/keepalived/keepalived.conf"


@dataclass(slots=True)
class Block:
    """One statement: its words, its line (from 1), and the statements between its braces if it has any.

    `text` is the statement as keepalived has it, with its quotes; `end_line` is the closing brace's, in the file where
    that stands. Only the root has the file's own `lines`.
    """

    words: list[str]
    line: int
    children: list[Block] = field(default_factory=list)
    end_line: int = 0
    path: str = ""
    text: str = ""
    lines: tuple[str, ...] = ()

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
) -> Block:
    """Return the file's root block; raise ProfileError naming file and line of what keepalived cannot take.

    `name` is what the user calls the file. `node` decides lines such as `@m1 priority 110`; keepalived takes the
    first part of the host's name. `files` holds the texts that `include` may name, by their paths on the node, where
    this file lies at `path`; without it an include stays a statement like any other. `shown` maps those paths to
    what the user calls them.
    """
    root = Block([], 0, path=name, lines=lines(text, name))
    open_blocks, last = [root], None
    for statement in Reader(node, files, shown or {}).read(text, name, path):
        if statement.text == "{":
            if last is None:
                raise ProfileError(f"{statement.where}: an opening brace that follows nothing; remove it")
            open_blocks.append(last)
            last = None
        elif statement.text == "}":
            closed = open_blocks.pop()
            if not open_blocks:
                raise ProfileError(f"{statement.where}: a closing brace with no block open; remove it")
            closed.end_line, last = statement.line, None
        elif words := split(statement.text):
            last = Block(words, statement.line, path=statement.name, text=statement.text)
            open_blocks[-1].children.append(last)
    if len(open_blocks) > 1:
        left = open_blocks[-1]
        raise ProfileError(f"{left.place}: the block `{left.text}` is never closed; add `}}`")
    return root


def render(root: Block) -> str:
    """Return the text that a root block was parsed from, byte for byte."""
    return "".join(root.lines)
