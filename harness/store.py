"""Where a campaign's results lie: CAMPAIGN/SCENARIO/TRIAL/{spec.json,history.jsonl,verdict.json,logs/}."""

from __future__ import annotations

import contextlib
import datetime
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from harness import history, verdict
from harness.errors import HistoryError
from harness.history import Event, History
from harness.verdict import Verdict

SCHEMA = 1


class Entry(msgspec.Struct):
    """A trial as its campaign lists it; `path` is relative to the campaign's folder."""

    scenario: str
    profile: str
    trial: str
    outcome: str
    path: str
    whole: bool = True  # false where the trial broke off


class Campaign(msgspec.Struct):
    """campaign.json: which trials there are, and how they ended."""

    campaign: str
    started: str
    trials: list[Entry] = []
    schema: int = SCHEMA


def new_campaign(reports: Path) -> tuple[Path, Campaign]:
    """Make a folder of its own for a campaign under `reports`, named by the time it started."""
    now = datetime.datetime.now().astimezone()
    name = now.strftime("%Y-%m-%dT%H-%M-%S")
    folder = reports / name
    number = 1
    while True:
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            number += 1
            folder = reports / f"{name}-{number}"
        else:
            return folder, Campaign(folder.name, now.isoformat(timespec="seconds"))


def trial_folder(campaign: Path, scenario: str, profile: str) -> Path:
    """Make and return the next free folder of a scenario on a profile: article-1, article-2, ..."""
    for number in itertools.count(1):
        folder = campaign / scenario / f"{profile}-{number}"
        with contextlib.suppress(FileExistsError):
            folder.mkdir(parents=True)
            return folder
    raise AssertionError


def save_campaign(folder: Path, campaign: Campaign) -> None:
    """Write campaign.json."""
    (folder / "campaign.json").write_bytes(msgspec.json.format(msgspec.json.encode(campaign), indent=2) + b"\n")


def load_campaign(folder: Path) -> Campaign:
    """Read campaign.json; raise HistoryError where it is missing, damaged or of another schema."""
    path = folder / "campaign.json"
    try:
        campaign = msgspec.json.decode(path.read_bytes(), type=Campaign)
    except (OSError, msgspec.MsgspecError) as error:
        raise HistoryError(f"{path}: {error}") from error
    if campaign.schema != SCHEMA:
        raise HistoryError(f"{path}: schema {campaign.schema} is not {SCHEMA}; read it with the harness that wrote it")
    return campaign


def save_trial(folder: Path, spec: dict[str, Any], events: Iterable[Event]) -> None:
    """Write what crosses from bench to desk: spec.json and history.jsonl."""
    (folder / "spec.json").write_bytes(msgspec.json.format(msgspec.json.encode(spec), indent=2) + b"\n")
    history.write(folder / "history.jsonl", events)


def load_trial(folder: Path) -> tuple[dict[str, Any], History]:
    """Read a trial's spec and history, plain or compressed; raise HistoryError where either is unreadable."""
    try:
        spec: dict[str, Any] = msgspec.json.decode((folder / "spec.json").read_bytes())
    except (OSError, msgspec.MsgspecError) as error:
        raise HistoryError(f"{folder / 'spec.json'}: {error}") from error
    if spec.get("schema") != SCHEMA:
        raise HistoryError(f"{folder / 'spec.json'}: schema {spec.get('schema')} is not {SCHEMA}")
    plain = folder / "history.jsonl"
    return spec, history.read(plain if plain.exists() else folder / "history.jsonl.gz")


def trials(folder: Path) -> Iterator[Path]:
    """Yield the trial folders at or below `folder`, in order of name."""
    yield from sorted(path.parent for path in folder.rglob("spec.json"))


def load_verdict(folder: Path) -> Verdict:
    """Read a trial's verdict."""
    return verdict.read(folder / "verdict.json")
