"""What JSON has no number for: bounds without a greatest, as {"at_least"}."""

from __future__ import annotations

from math import inf
from typing import Any


def unbounded(data: Any) -> Any:
    """Return plain data with {"at_least"} where bounds have no greatest, which JSON has no number for."""
    match data:
        case {"min": least, "max": most} if most == inf:
            return {"at_least": least}
        case dict():
            return {name: unbounded(value) for name, value in data.items()}
        case list():
            return [unbounded(value) for value in data]
    return data


def bounded(data: Any) -> Any:
    """Return plain data with bounds again where it has {"at_least"}."""
    match data:
        case {"at_least": least}:
            return {"min": least, "max": inf}
        case dict():
            return {name: bounded(value) for name, value in data.items()}
        case list():
            return [bounded(value) for value in data]
    return data
