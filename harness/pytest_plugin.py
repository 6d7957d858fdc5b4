"""Fixtures that let a scenario be a test: `pytest scenarios/ --profile P --reports DIR`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from harness import assets, store
from harness.campaign import Series, Turn
from harness.errors import HarnessError
from harness.lab import engine as engines
from harness.profile.folder import Profile, find, load
from harness.report import html
from harness.spec import Scenario
from harness.verdict import Outcome, Verdict

TRIES = 3


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the harness' options."""
    group = parser.getgroup("failover harness")
    group.addoption("--profile", default="article", help="the configuration under test: a name or a folder")
    group.addoption("--reports", default="reports", help="where campaigns are written")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker that all tests with a lab carry."""
    config.addinivalue_line("markers", "lab: needs a container engine and builds a lab")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the scenarios, so that `-m "not lab"` leaves them out."""
    for item in items:
        if "trial" in getattr(item, "fixturenames", ()):
            item.add_marker("lab")


@pytest.fixture(scope="session")
def engine() -> docker.DockerClient:
    """A client of the container engine that serves; an error with its remedy where there is none."""
    try:
        return engines.find(print)
    except HarnessError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def series(request: pytest.FixtureRequest, engine: docker.DockerClient) -> Iterator[Series]:
    """A campaign for all the trials of this session; its report is written at the end."""
    folder, campaign = store.new_campaign(Path(request.config.getoption("--reports")))
    store.save_campaign(folder, campaign)
    yield Series(folder, engine)
    if store.load_campaign(folder).trials:
        request.config.stash[_REPORT] = html.write(folder)


@pytest.fixture(scope="session")
def profile(request: pytest.FixtureRequest) -> Profile:
    """The profile that --profile names."""
    try:
        return load(find(request.config.getoption("--profile"), assets.PROFILES))
    except HarnessError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def trial(request: pytest.FixtureRequest, series: Series, profile: Profile) -> Callable[[Scenario], Verdict]:
    """Run a scenario, and fail with its findings unless it passed."""

    def play(scenario: Scenario) -> Verdict:
        name = request.path.stem.replace("_", "-")
        verdict = beyond_doubt(lambda: series.trial(Turn(name, scenario, profile), print))
        if verdict.outcome is not Outcome.PASSED:
            bad = [f"{f.check}: {f.message}" for f in verdict.findings if f.outcome is not Outcome.PASSED]
            pytest.fail(f"{name} on {profile.name} {verdict.outcome.value}:\n" + "\n".join(bad), pytrace=False)
        return verdict

    return play


def beyond_doubt(trial: Callable[[], Verdict]) -> Verdict:
    """Take a trial again while it is inconclusive, at most twice: it only says that this machine was too busy."""
    for _ in range(TRIES):
        verdict = trial()
        if verdict.outcome is not Outcome.INCONCLUSIVE:
            break
    return verdict


_REPORT: pytest.StashKey[Path] = pytest.StashKey()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say where the report lies."""
    if (report := config.stash.get(_REPORT, None)) is not None:
        terminalreporter.write_line(f"failover report: {report}")
