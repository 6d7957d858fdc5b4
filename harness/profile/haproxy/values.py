"""Numbers and times as haproxy 2.6 reads them (configuration manual §2.5; parse_time_err in src/tools.c)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from harness.errors import ProfileError
from harness.profile.haproxy.section import Setting

_TIME = re.compile(r"(\d+)(us|ms|s|m|h|d)?", re.ASCII)
_UNIT_US = {"us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000, None: 1_000}
MOST_MS = 2**31 - 1
_Value = TypeVar("_Value")


def seconds(text: str) -> float:
    """Return a time in seconds, rounded up to whole milliseconds as haproxy does; raise ValueError for none."""
    match = _TIME.match(text)
    # Letters behind a unit only earn a warning; right behind a number they are an error.
    if match is None or len(match[1]) > 20 or (match[2] is None and match.end() < len(text)):
        raise ValueError(f"{text!r} is not a time such as 2000, 10s or 1m")
    milliseconds = -(-int(match[1]) * _UNIT_US[match[2]] // 1000)
    if milliseconds > MOST_MS:
        raise ValueError(f"{text!r} is too long; haproxy takes at most 24 days")
    return milliseconds / 1000


def number(said: str, low: int = -(2**31), high: int = 2**31 - 1) -> int:
    """Return a whole number; raise ValueError where it is none, or out of range."""
    if not re.fullmatch(r"-?\d{1,10}", said, re.ASCII) or not low <= int(said) <= high:
        raise ValueError(f"{said!r} is not a whole number" + (f" from {low} on" if low >= 0 else ""))
    return int(said)


def value_of(setting: Setting | None, default: _Value, read: Callable[[str], _Value]) -> _Value:
    """Return what a setting says, or the default where there is none; raise ProfileError with its file and line."""
    if setting is None:
        return default
    if not setting.words:
        raise ProfileError(f"{setting.where}: {setting.name} lacks its value")
    try:
        return read(setting.words[0])
    except ValueError as error:
        raise ProfileError(f"{setting.where}: {setting.name}: {error}") from error
