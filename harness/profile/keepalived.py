"""keepalived.conf as nested blocks that remember their lines, and the settings that timing follows from."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.errors import ProfileError
from harness.profile.where import Placed, Where


@dataclass
class Block:
    """One statement: its words, its line (from 1), and the statements between its braces if it has any."""

    words: list[str]
    line: int
    children: list[Block] = field(default_factory=list)
    end_line: int = 0
    path: str = ""

    def all(self, keyword: str) -> Iterator[Block]:
        """Yield the statements inside this one that start with `keyword`."""
        return (child for child in self.children if child.words and child.words[0] == keyword)

    def value(self, keyword: str, default: str) -> str:
        """Return the last value given to `keyword` in this block, as keepalived takes it."""
        values = [child.words[1] for child in self.all(keyword) if len(child.words) > 1]
        return values[-1] if values else default

    @property
    def where(self) -> dict[str, Where]:
        """Return the place of each keyword inside, of its last occurrence, and under "" that of the block."""
        return {"": Where(self.path, self.line)} | {c.words[0]: Where(c.path, c.line) for c in self.children if c.words}


@dataclass(frozen=True)
class Script(Placed):
    """A vrrp_script's timing; times in seconds."""

    name: str
    command: str
    interval_s: float
    fall: int
    rise: int
    weight: int
    timeout_s: float


@dataclass(frozen=True)
class Instance(Placed):
    """A vrrp_instance: what decides who holds its addresses, and when; times in seconds."""

    name: str
    state: str
    interface: str
    priority: int
    version: int
    advert_int_s: float
    down_timer_adverts: int
    preempts: bool
    addresses: tuple[str, ...]
    scripts: tuple[str, ...]
    unicast_src_ip: str = ""
    vrid: int = 0


def parse(text: str, name: str) -> Block:
    """Return the file's root block; raise ProfileError naming `name` and the line of an unbalanced brace."""
    root = Block([], 0, path=name)
    open_blocks = [root]
    for number, raw in enumerate(text.splitlines(), 1):
        for words in _statements(raw, name, number):
            if words == ["}"]:
                open_blocks.pop().end_line = number
                if not open_blocks:
                    raise ProfileError(f"{name}:{number}: a closing brace with no block open; remove it")
            elif words == ["{"]:
                if not open_blocks[-1].children:
                    raise ProfileError(f"{name}:{number}: an opening brace that follows nothing")
                open_blocks.append(open_blocks[-1].children[-1])
            else:
                open_blocks[-1].children.append(Block(words, number, path=name))
    if len(open_blocks) > 1:
        left = open_blocks[-1]
        raise ProfileError(f"{name}:{left.line}: the block `{' '.join(left.words)}` is never closed; add `}}`")
    return root


def _statements(raw: str, name: str, number: int) -> Iterator[list[str]]:
    lexer = shlex.shlex(raw, posix=True, punctuation_chars="{}")
    lexer.commenters, lexer.whitespace_split = "#!", True
    try:
        tokens = list(lexer)
    except ValueError as error:
        raise ProfileError(f"{name}:{number}: {str(error).lower()}; close the quote") from error
    words: list[str] = []
    for token in (piece for whole in tokens for piece in _braces(whole)):
        if token in "{}":
            if words:
                yield words
            words = []
            yield [token]
        else:
            words.append(token)
    if words:
        yield words


def _braces(token: str) -> list[str]:
    return list(token) if token and set(token) <= {"{", "}"} else [token]


def scripts(root: Block) -> dict[str, Script]:
    """Return the vrrp_scripts by name; defaults are keepalived 2.2's: interval 1, fall 1, rise 1, weight 0."""
    found = {}
    for block in root.all("vrrp_script"):
        interval_s = float(block.value("interval", "1"))
        found[block.words[1]] = Script(
            where=block.where,
            name=block.words[1],
            command=block.value("script", ""),
            interval_s=interval_s,
            fall=int(block.value("fall", "1")),
            rise=int(block.value("rise", "1")),
            weight=int(block.value("weight", "0").split()[0]),
            timeout_s=float(block.value("timeout", str(interval_s))),
        )
    return found


def instances(root: Block) -> list[Instance]:
    """Return the vrrp_instances in the file's order; state only sets the start, priority decides."""
    return [_instance(block) for block in root.all("vrrp_instance")]


def _instance(block: Block) -> Instance:
    addresses = tuple(
        child.words[0].split("/")[0] for group in block.all("virtual_ipaddress") for child in group.children
    )
    tracked = tuple(child.words[0] for group in block.all("track_script") for child in group.children)
    version = int(block.value("version", "3" if any(":" in a for a in addresses) else "2"))
    advert_int_s = float(block.value("advert_int", "1"))
    return Instance(
        where=block.where,
        name=block.words[1],
        state=block.value("state", "BACKUP"),
        interface=block.value("interface", "eth0"),
        priority=int(block.value("priority", "100")),
        version=version,
        # Version 2 carries whole seconds only; keepalived rounds and says so.
        advert_int_s=max(1.0, round(advert_int_s)) if version == 2 else advert_int_s,
        down_timer_adverts=int(block.value("down_timer_adverts", "3")),
        preempts=not any(block.all("nopreempt")),
        addresses=addresses,
        scripts=tracked,
        unicast_src_ip=block.value("unicast_src_ip", ""),
        vrid=int(block.value("virtual_router_id", "0")),
    )
