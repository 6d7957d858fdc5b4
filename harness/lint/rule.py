"""What a rule is, and all rules there are."""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
import re
import traceback
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.metadata import EntryPoint
from types import ModuleType

from harness import plugins
from harness.errors import HarnessError, UsageError
from harness.lint.setup import Setup
from harness.profile.where import Where
from harness.verdict import Shown, Symptom

GROUP = "failover_harness.rules"  # each entry point is a module, or a package of modules, whose rules count
CODE = r"[A-Z]+\d+"


class Severity(StrEnum):
    """ERROR: what is meant to happen will not. WARNING: it may not, or late. INFO: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Account:
    """What a problem alone brings about: a symptom on some nodes, once a process failed, of a backend; empty is any."""

    symptom: Symptom
    nodes: Collection[str] = ()
    processes: Collection[str] = ()
    backend: str = ""

    def covers(self, shown: Shown) -> bool:
        """Say whether this is what a trial has shown."""
        return (
            self.symptom is shown.symptom
            and (not self.nodes or shown.node in self.nodes)
            and (not self.processes or shown.process in self.processes)
            and self.backend in ("", shown.backend)
        )


@dataclass(frozen=True)
class Problem:
    """One place that a rule objects to; `fix` is the line as it should be, where that is mechanical.

    `accounts_for` is what a trial shows of it; None where it keeps nothing from happening by itself.
    """

    where: Where
    severity: Severity
    message: str
    fix: str | None = None
    accounts_for: Account | None = None


@dataclass(frozen=True)
class Rule:
    """A rule: its code, what it is about, where more on that is, and what finds the places."""

    code: str
    title: str
    link: str
    problems: Callable[[Setup], Iterator[Problem]]

    @property
    def page(self) -> str:
        """Return what the rule says of itself: what happens, how that was confirmed, and what to do."""
        return inspect.getdoc(self.problems) or ""

    def places(self, setup: Setup) -> list[Problem]:
        """Return what the rule objects to; raise HarnessError naming rule, file and line where it crashes."""
        try:
            return list(self.problems(setup))
        except HarnessError:
            raise
        except Exception as error:  # a rule may be anybody's, and a series of trials is to survive it
            at = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{at.filename}:{at.lineno}"
            raise HarnessError(f"{place}: the rule {self.code} crashed: {type(error).__name__}: {error}") from error


def rule(code: str, title: str, link: str) -> Callable[[Callable[[Setup], Iterator[Problem]]], Rule]:
    """Make a rule of a function that yields problems; a code is capitals and a number, so that comments can name it."""
    if not re.fullmatch(CODE, code):
        raise UsageError(f"a rule's code is capitals and a number, as K01 or ACME7, and not {code!r}")
    return lambda problems: Rule(code, title, link, problems)


@cache
def rules() -> list[Rule]:
    """Return every rule by its code; raise UsageError where one cannot be had, or has a code that is taken."""
    brought = ((point, one.code, one) for point in plugins.points(GROUP) for one in _brought(point))
    found = plugins.distinct("rule", brought)
    return [found[code] for code in sorted(found)]


def named(code: str) -> Rule:
    """Return the rule with a code; raise UsageError with the nearest where there is none."""
    known = {one.code: one for one in rules()}
    if code.upper() not in known:
        near = difflib.get_close_matches(code.upper(), known, 1, 0.4)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise UsageError(f"no rule {code!r}: {hint}")
    return known[code.upper()]


def _brought(point: EntryPoint) -> list[Rule]:
    """Return the rules in an entry point's modules."""
    with plugins.told(point):
        modules = list(_modules(point.load()))
        found = [one for module in modules for one in vars(module).values() if isinstance(one, Rule)]
        if not found:
            raise UsageError("there is no rule; a rule is a function under @rule(code, title, link)")
    return found


def _modules(named: object) -> Iterator[ModuleType]:
    """Yield a module, and those below it where it is a package."""
    if not isinstance(named, ModuleType):
        raise UsageError(f"this is no module with rules, but of type {type(named).__name__}")
    yield named
    for below in pkgutil.walk_packages(getattr(named, "__path__", ()), f"{named.__name__}."):
        yield importlib.import_module(below.name)
