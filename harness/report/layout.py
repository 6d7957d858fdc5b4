"""How text and figures are set in a terminal: text breaks between words, under its own beginning; a figure never does.

Where nothing is to break, in a pipe, the console says so (`no_wrap`), and every paragraph and every row is one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

MEASURE = 110  # columns; longer lines are hard to read, however wide the terminal
ROOM = 50  # columns that a note needs to stand beside its row; with less it stands below
LEAST = 16  # columns that a row's name gets at least
GAP = 2
# A figure keeps its unit and what it is of, a setting its line: "waits 3.6 s", "≥ 11", ":7 interval 3".
_WORD = re.compile(r"(?:\S| (?=-?\d)|(?<=\d) (?=(?:s|ms|%)(?!\w))|(?:(?<=:\d)|(?<=:\d\d)|(?<=:\d\d\d)) )+\s*")


def wrapped(text: Text, width: int) -> list[Text]:
    """Return the lines of `text`, broken between words; a word that is longer than `width`, as a path, stands whole."""
    lines: list[Text] = []
    for part in text.split(allow_blank=True):
        breaks: list[int] = []
        for word in _WORD.finditer(part.plain):
            begun = breaks[-1] if breaks else 0
            before, with_it = part.plain[begun : word.start()], part.plain[begun : word.end()]
            if before.strip() and cell_len(with_it.rstrip()) > width:
                breaks.append(word.start())
        lines += part.divide(breaks)
    for line in lines:
        line.rstrip()
    return lines


@dataclass(frozen=True)
class Paragraph:
    """A text behind its `lead`; its further lines begin where the first did, or `hang` columns further in."""

    text: Text | str
    lead: Text | str = ""
    hang: int = 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lead = _text(self.lead)
        indent = lead.cell_len + self.hang
        for number, line in enumerate(_broken(_text(self.text), options, indent)):
            yield _line(line if number else Text.assemble(lead, line), indent if number else 0)


@dataclass
class Rows:
    """Rows of figures behind their names, each with a note where there is one, for which `note` is the title.

    The first column is flush left, the others flush right unless `align` has "<" in their place. Too narrow a terminal
    folds names and notes only.
    """

    titles: Sequence[str]
    note: str = ""
    align: str = ""
    rows: list[tuple[list[Text], Text]] = field(default_factory=list)

    def add(self, *cells: Text | str, note: Text | str = "") -> None:
        """Add a row; cells that are missing at its end stay empty."""
        given = [_text(cell) for cell in cells]
        self.rows.append(([*given, *(Text() for _ in self.titles[len(given) :])], _text(note)))

    def width(self) -> int:
        """Return the columns that the rows take without their notes, with nothing folded."""
        return sum(self._widths()) + GAP * (len(self.titles) - 1)

    def _widths(self) -> list[int]:
        heads = [Text(title) for title in self.titles]
        return [max(cell.cell_len for cell in column) for column in zip(heads, *(c for c, _ in self.rows), strict=True)]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths, spare = self._widths(), options.max_width - self.width()
        longest = max((note.cell_len for _, note in self.rows), default=0)
        beside = bool(options.no_wrap) or spare - GAP >= min(ROOM, longest)
        head, note = list(self.titles), self.note if longest else ""
        if not beside:
            head[0], note = f"{head[0]}, and {note}" if note else head[0], ""
            names = max(widths[0], len(head[0]))
            widths[0] = max(min(widths[0] + spare, names), min(LEAST, names))
        rows = [([Text(title, "dim") for title in head], Text(note, "dim")), *self.rows]
        for cells, remark in rows:
            yield from self._row(cells, remark, widths, options, beside)

    def _row(
        self, cells: list[Text], note: Text, widths: list[int], options: ConsoleOptions, beside: bool
    ) -> Iterator[Text]:
        lines = [cells[0]] if cells[0].cell_len <= widths[0] else wrapped(cells[0], widths[0] - GAP)
        lines = [Text.assemble(" " * GAP if number else "", line) for number, line in enumerate(lines)]
        at = 0
        if lines[0].cell_len > widths[0]:  # one long word: the figures stand below it
            lines.insert(1, Text())
            at = 1
        lines[at].append(" " * (widths[0] - lines[at].cell_len))
        for cell, width, side in zip(cells[1:], widths[1:], self.align[1:].ljust(len(widths), ">"), strict=False):
            pad = " " * (width - cell.cell_len)
            lines[at].append_text(Text.assemble(" " * GAP, *((cell, pad) if side == "<" else (pad, cell))))
        if not beside:
            yield from map(_line, lines)
            if note:
                yield from (_line(line, 2 * GAP) for line in _broken(note, options, 2 * GAP))
            return
        start = sum(widths) + GAP * len(widths)
        for line, more in zip_longest(lines, _broken(note, options, start)):
            left = line or Text()
            yield _line(Text.assemble(left, " " * (start - left.cell_len), more) if more else left)


@dataclass(frozen=True)
class Fitting:
    """The first of several layouts whose rows are no wider than the terminal; the last where none is."""

    layouts: Sequence[Sequence[Rows]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        fit = (pages for pages in self.layouts if options.no_wrap or all(r.width() <= options.max_width for r in pages))
        yield from next(fit, self.layouts[-1])


def _broken(text: Text, options: ConsoleOptions, indent: int) -> list[Text]:
    """Return the lines of a text that begins at column `indent`; its own line breaks only where nothing is to break."""
    if options.no_wrap:
        return list(text.split(allow_blank=True))
    return wrapped(text, min(options.max_width - indent, MEASURE))


def _line(text: Text, indent: int = 0) -> Text:
    line = Text.assemble(" " * indent, text, no_wrap=True, overflow="ignore")
    line.rstrip()
    return line


def _text(given: Text | str) -> Text:
    return given if isinstance(given, Text) else Text(given)
