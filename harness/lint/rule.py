"""What a rule is, and all rules there are."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from harness.lint.setup import Setup
from harness.profile.where import Where


class Severity(StrEnum):
    """ERROR: what is meant to happen will not. WARNING: it may not, or late. INFO: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Problem:
    """One place that a rule objects to; `fix` is the line as it should be, where that is mechanical."""

    where: Where
    severity: Severity
    message: str
    fix: str | None = None


@dataclass(frozen=True)
class Rule:
    """A rule: its code, what it is about, where that is explained, and what finds the places."""

    code: str
    title: str
    link: str
    problems: Callable[[Setup], Iterator[Problem]]


_RULES: dict[str, Rule] = {}


def rule(code: str, title: str, link: str) -> Callable[[Callable[[Setup], Iterator[Problem]]], Rule]:
    """Make a rule of a function that yields problems."""

    def made(problems: Callable[[Setup], Iterator[Problem]]) -> Rule:
        _RULES[code] = Rule(code, title, link, problems)
        return _RULES[code]

    return made


def rules() -> list[Rule]:
    """Return every rule by its code."""
    package = importlib.import_module("harness.lint.rules")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"harness.lint.rules.{module.name}")
    return [_RULES[code] for code in sorted(_RULES)]
