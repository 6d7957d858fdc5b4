"""One lab for all tests that only look at a chain, or leave it whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from hypothesis import HealthCheck, settings

from harness import assets
from harness.lab import gate
from harness.lab import lab as labs
from harness.lab.lab import Lab
from harness.profile import folder as profiles
from harness.profile.folder import Profile
from tests.installed import Installed

collect_ignore = ["plugin"]  # what test_plugin installs
# How long an example takes is the machine's business. The same are drawn each time, so that what fails is the change
# and not the draw; `thorough` draws others, and more.
LENIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("whatever-time-it-takes", LENIENT, derandomize=True)
settings.register_profile("thorough", LENIENT, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "whatever-time-it-takes"))


@pytest.fixture(scope="session")
def article() -> Profile:
    return profiles.load(profiles.find("article", assets.PROFILES))


@pytest.fixture(scope="module")  # none is left beside a trial: two labs on two cores bend each other's figures
def lab(engine: docker.DockerClient, article: Profile) -> Iterator[Lab]:
    """A steady lab on the article's profile."""
    with labs.up(engine, article, print) as built:
        gate.await_steady(built, within_s=200)
        yield built


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installed]:
    """Where a test's own packages are installed."""
    found = Installed(tmp_path / "site", monkeypatch)
    yield found
    found.forget()
