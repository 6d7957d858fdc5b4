"""A profile as a trial's record keeps it, and as it is read back from there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from pydantic import ValidationError

from harness.errors import ProfileError
from harness.profile.facts import Stated
from harness.profile.files import File
from harness.profile.folder import Profile, understood
from harness.profile.machines import Role
from harness.profile.source import legible
from harness.profile.tried import Table


class Record(msgspec.Struct, frozen=True):
    """A profile as it was written, and its files as they ran; each file by node and path."""

    name: str
    folder: str
    vip: str
    front: str
    facts: dict[str, Any]
    files: dict[str, str]
    modes: dict[str, int]
    sources: dict[str, str]
    instrumented: dict[str, str]
    tried: Table | None = None
    lone: str = ""


def record(plain: Profile, ran: Profile) -> Record:
    """Return what is kept of a profile as it was written (`plain`) and as it ran."""
    files = {f"{node}{file.path}": file for node, group in plain.files.items() for file in group}
    return Record(
        name=plain.name,
        folder=plain.name,
        vip=str(plain.facts.vip),
        front=plain.front,
        facts=plain.facts.model_dump(mode="json"),
        files={key: legible(file.text) for key, file in files.items()},
        modes={key: file.mode for key, file in files.items()},
        sources={key: file.source for key, file in files.items()},
        instrumented={f"{node}{file.path}": legible(file.text) for node, group in ran.files.items() for file in group},
        tried=plain.tried,
        lone=plain.lone,
    )


def restored(kept: Record) -> Profile:
    """Return the profile that a trial ran with; raise ProfileError where the record is not whole."""
    files: dict[str, list[File]] = {}
    for key, text in kept.files.items():
        node, _, path = key.partition("/")
        if key not in kept.modes or key not in kept.sources or key not in kept.instrumented:
            raise ProfileError(f"profile: {key} is in `files`, and not in `modes`, `sources` and `instrumented`")
        files.setdefault(node, []).append(File(f"/{path}", text, kept.modes[key], kept.sources[key]))
    told = {key: value for key, value in kept.facts.items() if key in Stated.model_fields}
    try:
        said = Stated.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        raise ProfileError(f"profile.facts.{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    profile = replace(understood(kept.name, Path(kept.name), files, said), tried=kept.tried, lone=kept.lone)
    return profile if "roles" in kept.facts else _stacked(profile)


def _stacked(profile: Profile) -> Profile:
    """Return the profile of a record that is older than roles: every node had all of them, and others were left out."""
    facts = profile.facts
    nodes = {node: facts.nodes[node] for node in facts.lbs}
    roles = {node: list(Role) for node in nodes}
    return replace(profile, facts=facts.model_copy(update={"nodes": nodes, "roles": roles}))
