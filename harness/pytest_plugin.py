"""Fixtures: a scenario as a test (`pytest scenarios/ --profile P --reports DIR`), a lab for a client of one's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import docker
import pytest

from harness import assets, catalogue, store
from harness.campaign import Series
from harness.contracts import Passing, Progress
from harness.errors import HarnessError
from harness.lab import engine as engines
from harness.profile.folder import Profile, find, load
from harness.report import formats
from harness.runner import Turn
from harness.spec import Play, Scenario
from harness.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from harness.failover_lab import FailoverLab

TRIES, FEWER = 3, 4
LONG_S = 600  # no trial takes as long, its images built
_SCENARIO = re.compile(rb"^scenario = Scenario\(", re.MULTILINE)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the harness' options."""
    group = parser.getgroup("failover harness")
    group.addoption("--profile", default="article", help="the configuration under test: a name or a folder")
    group.addoption("--reports", default="reports", help="where campaigns are written")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker that all tests with a lab carry, and that of scenarios which a good profile may fail."""
    config.addinivalue_line("markers", "lab: needs a container engine and builds a lab")
    config.addinivalue_line("markers", "catalogue: a scenario whose right verdict may be that it fails")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Collect a scenario's file whatever its name is, where nothing else does."""
    patterns: list[str] = parent.config.getini("python_files")
    if parent.session.isinitpath(file_path) or any(map(file_path.match, patterns)):
        return None  # pytest itself does
    if file_path.suffix != ".py" or not _SCENARIO.search(file_path.read_bytes()):
        return None
    module: pytest.Module = pytest.Module.from_parent(parent, path=file_path)
    return module


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what builds a lab, so that `-m "not lab"` leaves it out, and give a scenario the time of all its tries."""
    for item in items:
        named = {"trial", "failover_lab"} & set(getattr(item, "fixturenames", ()))
        if named:
            item.add_marker("lab")
            if config.pluginmanager.hasplugin("timeout"):
                item.add_marker(pytest.mark.timeout((TRIES if "trial" in named else 1) * LONG_S))


def tell(text: str) -> None:
    """Print what is being done, for pytest to capture; nothing moves there, so not what passes."""
    if not isinstance(text, Passing):
        print(text)


@pytest.fixture(scope="session")
def engine() -> docker.DockerClient:
    """A client of the container engine that serves; an error with its remedy where there is none."""
    try:
        return engines.find(tell)
    except HarnessError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def series(request: pytest.FixtureRequest, engine: docker.DockerClient) -> Iterator[Series]:
    """A campaign for all the trials of this session; its report is written at the end."""
    folder, campaign = store.new_campaign(Path(request.config.getoption("--reports")))
    store.save_campaign(folder, campaign)
    yield Series(folder, engine)
    if store.load_campaign(folder).trials:
        request.config.stash[_REPORT] = formats.write(folder)


@pytest.fixture(scope="session")
def profile(request: pytest.FixtureRequest) -> Profile:
    """The profile that --profile names."""
    try:
        return load(find(request.config.getoption("--profile"), assets.PROFILES))
    except HarnessError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def trial(request: pytest.FixtureRequest, series: Series, profile: Profile) -> Play:
    """Run a scenario, and fail with its findings unless it passed."""

    def play(scenario: Scenario) -> Verdict:
        name, found = catalogue.named(request.path), replace(scenario, file=str(request.path))
        verdict = beyond_doubt(series, Turn(name, found, profile))
        if verdict.outcome is not Outcome.PASSED:
            bad = [f"{f.check}: {f.message}" for f in verdict.findings if f.outcome is not Outcome.PASSED]
            pytest.fail(f"{name} on {profile.name} {verdict.outcome.value}:\n" + "\n".join(bad), pytrace=False)
        return verdict

    return play


@pytest.fixture
def failover_lab(engine: docker.DockerClient, profile: Profile) -> Iterator[FailoverLab]:
    """A lab of the profile that --profile names, steady, for containers of one's own; gone when the test is over."""
    from harness.failover_lab import FailoverLab  # most tests want none, and it brings testcontainers

    try:
        with FailoverLab(profile, engine=engine, progress=tell) as lab:
            yield lab
    except HarnessError as error:
        pytest.fail(str(error), pytrace=False)


def beyond_doubt(series: Series, turn: Turn, progress: Progress = tell) -> Verdict:
    """Take a trial again, at most twice, while nothing but this machine's own evidence keeps it from an answer.

    Each time with a quarter of the requests: they are most of what a trial asks of a machine, and with fewer the bounds
    of its figures are wider, not wrong.
    """
    for attempt in range(TRIES):
        gentler = series.rates.divided(FEWER**attempt)
        verdict = replace(series, rates=gentler).trial(turn, progress)
        if not verdict.doubted:
            break
        progress(f"in doubt at {gentler.fresh:g} + {gentler.kept:g} requests a second")
    return verdict


_REPORT: pytest.StashKey[Path] = pytest.StashKey()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say where the report lies."""
    if (report := config.stash.get(_REPORT, None)) is not None:
        terminalreporter.write_line(f"failover report: {report}")
