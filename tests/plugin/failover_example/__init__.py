"""A plugin: a scenario with a fault, a deed and a check of its own, a lint rule, and a report format."""

from pathlib import Path

SCENARIOS = Path(__file__).parent / "scenarios"
