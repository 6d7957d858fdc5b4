import re
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from docker.errors import ImageNotFound

from harness.contracts import Passing
from harness.errors import ImageError
from harness.lab import images

BUILD = [
    {"stream": "Step 1/7 : FROM debian:bookworm-slim\n"},
    {"stream": "Step 2/7 : RUN apt-get update\n"},
    *({"stream": f"Setting up package{number} (1.0) ...\n"} for number in range(300)),
]


class Engine:
    """As much of a docker client as a build needs."""

    def __init__(self, said):
        self.there, self.builds, self.said = {images.BASE}, 0, said
        self.images = SimpleNamespace(get=self.get)
        self.api = SimpleNamespace(build=self.build, space=str)

    def get(self, name):
        if name not in self.there:
            raise ImageNotFound(name)

    def build(self, tag, **how):
        self.builds += 1
        yield from self.said
        self.there.add(tag)


def test_a_build_begins_and_ends_and_all_between_passes():
    told: list[str] = []
    images.ensure(Engine(BUILD), "master", told.append)
    stays = [text for text in told if not isinstance(text, Passing)]
    assert stays[0] == "building the master image (once; a minute or two)"
    assert re.fullmatch(r"built the master image in \d+ s", stays[1]) and len(stays) == 2
    assert "building the master image: step 2/7, setting up package7" in told


def test_a_build_that_fails_ends_with_its_last_lines():
    failed = [*BUILD, {"stream": "E: Unable to locate package keepalive\n"}, {"error": "returned a code: 100\n"}]
    with pytest.raises(ImageError) as caught:
        images.ensure(Engine(failed), "master", lambda text: None)
    first, *rest = str(caught.value).splitlines()
    assert first == "building the master image failed: returned a code: 100"
    assert len(rest) == 20
    assert rest[-1] == "  E: Unable to locate package keepalive"


def test_labs_side_by_side_build_an_image_once():
    engine = Engine(BUILD)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: images.ensure(engine, "client", lambda text: None), range(4)))
    assert engine.builds == 1
