"""The command line means what the real one's does."""

import argparse

import pytest
from kube_apiserver import options


@pytest.mark.parametrize(
    ("text", "seconds"), [("5s", 5), ("1m30s", 90), ("250ms", 0.25), ("1.5s", 1.5), ("0", 0), ("2h", 7200)]
)
def test_durations_are_those_of_go(text, seconds):
    assert options.duration(text) == seconds


@pytest.mark.parametrize("text", ["5", "s", "-1s", "", "5 s"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="such as 5s"):
        options.duration(text)


def test_a_switch_is_true_or_false():
    assert [options.switch(text) for text in ("true", "False")] == [True, False]
    with pytest.raises(argparse.ArgumentTypeError, match="neither true nor false"):
        options.switch("no")
