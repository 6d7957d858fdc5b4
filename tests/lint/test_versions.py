from dataclasses import replace

import pytest

from harness.errors import UsageError
from harness.lint.examine import examine
from harness.lint.reading import read
from harness.lint.rule import Severity
from harness.lint.versions import DEBIAN, versions
from tests.lint.files import made
from tests.lint.test_rules import CHECK, PROXY

PROCESSES = (PROXY, "    hard-stop-after 10m\n", "    hard-stop-after 10m\n    nbproc 2\n")
BEGINS = (PROXY, "default-server check", "default-server init-state down check")


def found(folder, code, *changes, keepalived=None, haproxy=None):
    made(folder, *changes)
    setup = replace(read([folder]), versions=versions(keepalived, haproxy))
    return [f for f in examine(setup) if f.code == code]


@pytest.mark.parametrize(
    ("version", "severity", "says"),
    [
        ("2.0.20", Severity.INFO, "leaves out the next one"),
        ("2.1.3", Severity.WARNING, "keepalived 2.1.3 starts the next one beside it"),
        ("2.3.2", Severity.WARNING, "starts the next one beside it"),
        ("2.3.3", Severity.INFO, "leaves out the next one"),
        (None, Severity.WARNING, "keepalived 2.2.7 starts"),
    ],
)
def test_runs_of_a_script_overlap_in_some_versions(tmp_path, version, severity, says):
    told = found(tmp_path, "K31", (CHECK, "--max-time 2", "--max-time 2.5"), keepalived=version)
    assert {f.severity for f in told} == {severity} and says in told[0].message


@pytest.mark.parametrize(
    ("change", "version", "says"),
    [
        (PROCESSES, "2.5", "haproxy 2.5 does not know nbproc"),
        (PROCESSES, "3.0.11", "until 2.5 came; nbthread"),
        (BEGINS, "3.0", "does not know init-state, and refuses the file: since 3.1"),
        (BEGINS, "2.8.5", "does not know init-state"),
    ],
)
def test_a_word_of_another_haproxy_is_an_error(tmp_path, change, version, says):
    told = found(tmp_path, "H22", change, haproxy=version)
    assert told and says in told[0].message and told[0].severity is Severity.ERROR


@pytest.mark.parametrize(
    ("change", "version"),
    [(PROCESSES, "2.4.22"), (BEGINS, "3.1"), (BEGINS, "3.2.4"), (BEGINS, None), (PROCESSES, None)],
)
def test_a_word_that_it_knows_is_none(tmp_path, change, version):
    assert found(tmp_path, "H22", change, haproxy=version) == []


def test_what_debians_haproxy_refuses_another_may_take(tmp_path):
    (plain,) = found(tmp_path, "H17", PROCESSES)
    (other,) = found(tmp_path, "H17", PROCESSES, haproxy="2.4")
    assert (plain.severity, other.severity) == (Severity.ERROR, Severity.WARNING)
    assert other.message.endswith("whether 2.4 does is not known")


def test_a_version_is_numbers():
    assert versions("v2.3.4", "2.8.1-1+deb13").haproxy == (2, 8, 1)
    assert versions(None, None) == DEBIAN
    with pytest.raises(UsageError, match="'newest' is no version such as 2.2.7"):
        versions("newest", None)
