"""Where the scenarios, profiles and images lie: beside the package in a checkout, inside it when installed."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
ROOT = _PACKAGE / "_assets" if (_PACKAGE / "_assets").is_dir() else _PACKAGE.parent
SCENARIOS, PROFILES, IMAGES = ROOT / "scenarios", ROOT / "profiles", ROOT / "images"
AGENTS, EVENTS = _PACKAGE / "agent", _PACKAGE / "events"
