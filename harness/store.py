"""Where a campaign's results lie: CAMPAIGN/SCENARIO/TRIAL/{spec.json,history.jsonl,verdict.json,logs/}."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from harness import disk, history, verdict
from harness.errors import HistoryError
from harness.events import Fact
from harness.history import Event, History
from harness.profile.machines import Role
from harness.profile.record import Record
from harness.verdict import Outcome, Verdict

SCHEMA = 1


class Entry(msgspec.Struct):
    """A trial as its campaign lists it; `path` is relative to the campaign's folder."""

    scenario: str
    profile: str
    trial: str
    outcome: Outcome
    path: str
    whole: bool = True  # false where the trial broke off


class Campaign(msgspec.Struct):
    """campaign.json: which trials there are, and how they ended."""

    campaign: str
    started: str
    trials: list[Entry] = []
    schema: int = SCHEMA

    @property
    def outcomes(self) -> list[Outcome]:
        """Return how the whole trials ended; one that broke off has been, or will be, run anew."""
        return [entry.outcome for entry in self.trials if entry.whole]


class Named(msgspec.Struct, frozen=True):
    """A scenario as its trials know it, and the file that it was in."""

    name: str
    summary: str
    file: str = ""


class Phase(msgspec.Struct, frozen=True):
    """Where in the profile's slowest period a trial began: a share in [0, 1)."""

    share: float
    period_s: float


class Machine(msgspec.Struct, frozen=True):
    """Where a node was, and what for; where an older record does not tell, every node was all."""

    address: str
    roles: list[Role] = msgspec.field(default_factory=lambda: list(Role))


class Spec(msgspec.Struct, frozen=True):
    """spec.json: what was tried, on what; `backends` maps a server's name to its node, `guests` a seat to its guest."""

    scenario: Named
    profile: Record
    nodes: dict[str, Machine]
    backends: dict[str, str]
    versions: dict[str, str]
    phase: Phase | None = None
    guests: dict[str, str] = {}
    schema: int = SCHEMA


def new_campaign(reports: Path) -> tuple[Path, Campaign]:
    """Make a folder of its own for a campaign under `reports`, named by the time it started."""
    now = datetime.datetime.now().astimezone()
    name = now.strftime("%Y-%m-%dT%H-%M-%S")
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    folder = next(reports / free for free in names if disk.claim(reports / free))
    return folder, Campaign(folder.name, now.isoformat(timespec="seconds"))


def trial_folder(campaign: Path, scenario: str, profile: str) -> Path:
    """Make and return the next free folder of a scenario on a profile: article-1, article-2, ..."""
    folders = (campaign / scenario / f"{profile}-{number}" for number in itertools.count(1))
    return next(folder for folder in folders if disk.claim(folder))


def save_campaign(folder: Path, campaign: Campaign) -> None:
    """Write campaign.json."""
    disk.write(folder / "campaign.json", msgspec.json.format(msgspec.json.encode(campaign), indent=2) + b"\n")


def load_campaign(folder: Path) -> Campaign:
    """Read campaign.json; raise HistoryError where it is missing, damaged or of another schema."""
    path = folder / "campaign.json"
    try:
        campaign = msgspec.json.decode(path.read_bytes(), type=Campaign)
    except OSError as error:
        raise HistoryError(disk.sentence(error, path)) from error
    except msgspec.MsgspecError as error:
        raise HistoryError(f"{path}: {error}") from error
    if campaign.schema != SCHEMA:
        raise HistoryError(f"{path}: schema {campaign.schema} is not {SCHEMA}; read it with the harness that wrote it")
    return campaign


def save_trial(folder: Path, spec: Spec, events: Iterable[Event[Fact]]) -> None:
    """Write what crosses from bench to desk: history.jsonl, and spec.json once that is whole."""
    history.write(folder / "history.jsonl", events)
    disk.write(folder / "spec.json", msgspec.json.format(msgspec.json.encode(spec), indent=2) + b"\n")


def load_trial(folder: Path) -> tuple[Spec, History]:
    """Read a trial's spec and history, plain or compressed; raise HistoryError where either is unreadable."""
    path = folder / "spec.json"
    try:
        spec = msgspec.json.decode(path.read_bytes(), type=Spec)
    except OSError as error:
        raise HistoryError(disk.sentence(error, path)) from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise HistoryError(f"{path}: {error}") from error
    if spec.schema != SCHEMA:
        raise HistoryError(f"{path}: schema {spec.schema} is not {SCHEMA}; read it with the harness that wrote it")
    plain = folder / "history.jsonl"
    return spec, history.read(plain if plain.exists() else folder / "history.jsonl.gz")


def trials(folder: Path) -> Iterator[Path]:
    """Yield the trial folders at or below `folder`, in order of name."""
    yield from sorted(path.parent for path in folder.rglob("spec.json"))


def load_verdict(folder: Path) -> Verdict:
    """Read a trial's verdict."""
    return verdict.read(folder / "verdict.json")
