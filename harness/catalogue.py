"""The scenarios there are: one file each in scenarios/, its stem the name, with dashes on the command line."""

from __future__ import annotations

import difflib
import importlib.util

from harness import assets
from harness.errors import UsageError
from harness.spec import Scenario


def names() -> list[str]:
    """Return the scenarios' names as the command line takes them."""
    return sorted(path.stem.replace("_", "-") for path in assets.SCENARIOS.glob("[a-z]*.py"))


def find(name: str) -> Scenario:
    """Return a scenario by its name; raise UsageError with the nearest name where there is none."""
    name = name.replace("_", "-")
    if name not in names():
        near = difflib.get_close_matches(name, names(), 1, 0.4)
        hint = f"did you mean {near[0]!r}?" if near else "`harness list` names them."
        raise UsageError(f"no scenario {name!r}: {hint}")
    path = assets.SCENARIOS / f"{name.replace('-', '_')}.py"
    specification = importlib.util.spec_from_file_location(f"scenarios.{path.stem}", path)
    if specification is None or specification.loader is None:
        raise UsageError(f"{path}: cannot be loaded")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    scenario = module.scenario
    assert isinstance(scenario, Scenario)
    return scenario
