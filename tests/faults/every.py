"""Every fault that the project ships, found by looking: what a conformance test needs to know of none by name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from harness import faults
from harness.contracts import Fault, Selector, Situation

PROCESSES = ("haproxy", "kube-apiserver", "keepalived", "etcd")


@dataclass(frozen=True)
class On:
    """Picks the node that a test means."""

    node: str

    def pick(self, situation: Situation) -> str | None:
        return self.node


def classes() -> list[type[Any]]:
    """Return every class of a module in harness.faults that can be injected."""
    modules = [importlib.import_module(f"{faults.__name__}.{m.name}") for m in pkgutil.iter_modules(faults.__path__)]
    found = [one for module in modules for one in vars(module).values() if isinstance(one, type)]
    return [one for one in found if one.__module__.startswith(f"{faults.__name__}.") and hasattr(one, "inject")]


def every(node: str) -> Iterator[Fault]:
    """Yield each fault on a node, and once more for everything that a field of it may say beside the first."""
    for kind in classes():
        assert is_dataclass(kind), f"{kind.__name__} is no dataclass"
        hints = get_type_hints(kind)
        named = [field.name for field in fields(kind)]
        said = {name: _values(kind, name, hints[name], node) for name in named}
        first = {name: values[0] for name, values in said.items()}
        others = [{**first, name: value} for name, values in said.items() for value in values[1:]]
        for words in (first, *others):
            made: Any = kind(**words)
            yield made


def _values(kind: type[Any], name: str, hint: Any, node: str) -> Sequence[Any]:
    if hint is Selector:
        return (On(node),)
    if hint is bool:
        return False, True
    if get_origin(hint) is Literal:
        return get_args(hint)
    known: dict[str, Sequence[Any]] = {
        "process": PROCESSES,
        "process of ConfigReload": ("haproxy", "keepalived"),
        "process of ConfigBreak": ("haproxy",),
        "others": ((), ("m1",)),
        "share": (0.25,),
    }
    assert name in known, f"say in {__name__} what `{name}` of {kind.__name__} may be"
    return known.get(f"{name} of {kind.__name__}", known[name])


def called(fault: Fault) -> str:
    """Return a fault's name and what it says, for a test's."""
    said = {name: value for name, value in vars(fault).items() if value and not isinstance(value, On)}
    words = [
        name if value is True else value if isinstance(value, tuple) else str(value) for name, value in said.items()
    ]
    return " ".join(
        (type(fault).__name__, *(" and ".join(word) if isinstance(word, tuple) else word for word in words))
    )
