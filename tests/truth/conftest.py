"""Every case done once, in one lab; the tests then only compare."""

from __future__ import annotations

import docker
import pytest

from harness.profile.folder import Profile
from tests.truth.cases import Truth
from tests.truth.play import play


@pytest.fixture(scope="session")
def truth(engine: docker.DockerClient, article: Profile) -> Truth:
    return play(engine, article)
