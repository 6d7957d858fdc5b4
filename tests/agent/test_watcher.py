import signal
import subprocess
import sys
import threading
import time

import pytest

from harness import history
from harness.history import History
from tests.agent import servers


def watch(folder, ends: bool, streams: int = 2) -> History:
    """Watch a server whose streams fall silent, and end 0.3 s later where `ends`; return what was written down."""
    ending = threading.Event()
    with servers.serving(servers.streaming(5, ending), folder) as (server, facts):
        command = [sys.executable, "-m", "harness.agent.watcher", "--facts", str(facts), "--events", str(folder)]
        with subprocess.Popen([*command, "--streams", str(streams)]) as process:
            while server.connections < streams:
                time.sleep(0.01)
            time.sleep(0.6)
            if ends:
                ending.set()
                log = folder / "watcher.jsonl"
                while log.read_text().count('"watch"') < streams:
                    time.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=5) == 0
        ending.set()
    log = folder / "watcher.jsonl"
    return History(history.decode(log.read_bytes().splitlines(), str(log)))


@pytest.mark.parametrize(("ends", "error"), [(True, "closed"), (False, None)])
def test_a_stream_is_written_down_with_its_last_news_and_its_end(tmp_path, ends, error):
    found = list(watch(tmp_path, ends).of("watch"))[:2]
    assert sorted(e.data["stream"] for e in found) == [0, 1]
    for event in found:
        assert event.data["error"] == error
        assert 1 <= event.data["chunks"] <= 5
        assert event.data["opened_ns"] <= event.data["last_data_ns"] < event.t_ns - 100_000_000
