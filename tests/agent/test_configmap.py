import subprocess
import sys

import pytest

from harness.agent.configmap import TARGET
from tests.agent import servers


def put(facts) -> int:
    command = [sys.executable, "-m", "harness.agent.configmap", "--facts", str(facts)]
    return subprocess.run(command, check=False, timeout=200).returncode


def test_what_the_prober_reads_is_there_once_the_program_has_ended(tmp_path):
    stored: set[str] = set()
    with servers.serving(servers.storing(stored, lambda n: False), tmp_path) as (_, facts):
        assert put(facts) == 0
    assert stored == {TARGET}


@pytest.mark.parametrize("status", [201, 409])
def test_one_that_was_there_before_will_do(tmp_path, status):
    with servers.serving(servers.answering(status), tmp_path) as (_, facts):
        assert put(facts) == 0
