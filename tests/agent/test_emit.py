import json
import signal
import subprocess
import sys
import time

import pytest

from tests.agent import servers


@pytest.mark.parametrize("agent", ["prober", "writer", "watcher"])
def test_one_that_is_told_to_stop_as_it_starts_writes_down_its_end(tmp_path, agent):
    log = tmp_path / f"{agent}.jsonl"
    with servers.serving(servers.storing(set(), lambda n: False), tmp_path) as (_, facts):
        command = [sys.executable, "-m", f"harness.agent.{agent}", "--facts", str(facts), "--events", str(tmp_path)]
        with subprocess.Popen(command) as process:
            while not log.exists() or not log.read_text():
                time.sleep(0.0001)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=100) == 0
    kinds = [json.loads(line)["kind"] for line in log.read_text().splitlines()]
    assert (kinds[0], kinds[-1]) == ("agent.start", "agent.stop")
