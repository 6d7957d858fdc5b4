"""A page as a tree of elements, and what a reader who cannot see it, or has a narrow screen, needs of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

VOID = {"meta", "br", "hr", "img", "link", "input"}


@dataclass
class Element:
    """An element, its text pieces and elements in order."""

    name: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    inside: list[Element | str] = field(default_factory=list)

    def all(self, *names: str) -> Iterator[Element]:
        for one in self.inside:
            if isinstance(one, Element):
                if not names or one.name in names:
                    yield one
                yield from one.all(*names)

    @property
    def text(self) -> str:
        """Return everything that is read in it, blanks squeezed."""
        return " ".join("".join(one if isinstance(one, str) else f" {one.text} " for one in self.inside).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        assert len(element.attributes) == len(attrs), f"<{tag}> has an attribute twice"
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().name == tag, f"</{tag}> ends nothing"

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def read(page: str) -> Element:
    """Return the page's root; every element is closed in its order."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert [one.name for one in reader.open] == [""]
    return reader.open[0]


def assert_sound(page: str) -> None:
    """Everything lies in a landmark, has a name, and what may be wide scrolls in a box that the keyboard reaches."""
    root = read(page)
    (html,), (body,), (_,) = root.all("html"), root.all("body"), root.all("main")
    assert html.attributes["lang"]
    assert [one.name for one in body.inside if isinstance(one, Element)] == ["header", "main", "footer"]
    assert not "".join(one for one in body.inside if isinstance(one, str)).strip()
    _assert_headings([int(one.name[1]) for one in root.all(*(f"h{level}" for level in range(1, 7)))])
    for head in root.all("th"):
        assert head.text and head.attributes["scope"] in ("row", "col", "colgroup")
    boxes = [box for box in root.all("div") if box.attributes.get("class") == "scroll"]
    for box in [*boxes, *root.all("pre")]:
        assert (box.attributes["tabindex"], box.attributes["role"]) == ("0", "group")
        assert box.attributes["aria-label"]
    boxed = [id(one) for box in boxes for one in box.all("table", "svg")]
    assert sorted(boxed) == sorted(id(one) for one in root.all("table", "svg"))
    for drawing in root.all("svg"):
        title = drawing.inside[0]
        assert drawing.attributes["role"] == "img"
        assert isinstance(title, Element) and title.name == "title" and title.text
    named = [part.attributes["aria-label"] for part in (*root.all("section", "nav"), *boxes)]
    assert all(named) and len(named) == len(set(named))
    _assert_links(root)


def _assert_headings(levels: list[int]) -> None:
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(level - before <= 1 for before, level in pairwise(levels))


def _assert_links(root: Element) -> None:
    ids = [one.attributes["id"] for one in root.all() if "id" in one.attributes]
    assert len(ids) == len(set(ids)) and all(name and not set(name) & set(" \t\n") for name in ids)
    for link in root.all("a"):
        assert link.text
        assert (link.attributes["href"] or "").removeprefix("#") in ids
