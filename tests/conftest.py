"""One lab for all tests that only look at a chain, or leave it whole."""

from __future__ import annotations

from collections.abc import Iterator

import docker
import pytest

from harness import assets
from harness.lab import lab as labs
from harness.lab.lab import Lab
from harness.profile import folder as profiles
from harness.profile.folder import Profile


@pytest.fixture(scope="session")
def article() -> Profile:
    return profiles.load(profiles.find("article", assets.PROFILES))


@pytest.fixture(scope="module")  # none is left beside a trial: two labs on two cores bend each other's figures
def lab(engine: docker.DockerClient, article: Profile) -> Iterator[Lab]:
    """A steady lab on the article's profile."""
    with labs.up(engine, article, print) as built:
        labs.await_steady(built, within_s=60)
        yield built
