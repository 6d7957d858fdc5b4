"""A profile as a trial's record keeps it, and as it is read back from there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.profile.facts import Stated
from harness.profile.files import File
from harness.profile.folder import Profile, understood


def record(plain: Profile, ran: Profile) -> dict[str, Any]:
    """Return plain data of a profile as it was written (`plain`) and as it ran."""
    files = {f"{node}{file.path}": file for node, group in plain.files.items() for file in group}
    return {
        "name": plain.name,
        "folder": plain.name,
        "vip": str(plain.facts.vip),
        "front": plain.front,
        "facts": plain.facts.model_dump(mode="json"),
        "files": {key: file.text for key, file in files.items()},
        "modes": {key: file.mode for key, file in files.items()},
        "sources": {key: file.source for key, file in files.items()},
        "instrumented": {f"{node}{file.path}": file.text for node, group in ran.files.items() for file in group},
    }


def restored(stored: dict[str, Any]) -> Profile:
    """Return the profile that a stored trial ran with, from its own record."""
    files: dict[str, list[File]] = {}
    for key, text in stored["files"].items():
        node, _, path = key.partition("/")
        files.setdefault(node, []).append(File(f"/{path}", text, stored["modes"][key], stored["sources"][key]))
    told = {key: value for key, value in stored["facts"].items() if key in Stated.model_fields}
    return understood(stored["name"], Path(stored["name"]), files, Stated.model_validate(told))
