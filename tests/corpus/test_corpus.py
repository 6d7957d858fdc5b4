"""Published set-ups are read without complaint, and every error that lint has of them was looked at."""

import tomllib
from pathlib import Path

import pytest

from bench import corpus
from harness.profile import haproxy, keepalived
from tests.corpus.setup import Setup, rendered, setups, written

REVIEWED: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_name("reviewed.toml").read_text())
SETUPS = setups()


@pytest.mark.parametrize("setup", SETUPS, ids=lambda setup: setup.name)
def test_each_error_was_looked_at(tmp_path: Path, setup: Setup) -> None:
    assert corpus.errors(written(setup, tmp_path)) == set(REVIEWED.get(setup.name, {}))


def test_what_was_looked_at_is_there() -> None:
    assert set(REVIEWED) <= {setup.name for setup in SETUPS}
    assert len({setup.name for setup in SETUPS}) == len(SETUPS)


@pytest.mark.parametrize("setup", SETUPS, ids=lambda setup: setup.name)
def test_each_file_is_read_as_what_it_is(setup: Setup) -> None:
    files = rendered(setup)
    for place, text in files.items():
        if place.endswith("keepalived.conf"):
            assert keepalived.parse(text, place)
        elif place.endswith("haproxy.cfg"):
            assert haproxy.parse(text, place)


def test_the_page_says_what_is_predicted_today() -> None:
    assert corpus.DOCUMENT.read_text() == corpus.document()
