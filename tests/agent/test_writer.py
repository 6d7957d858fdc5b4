import signal
import subprocess
import sys
import time

from harness import history
from harness.events import Readback, Write
from harness.history import History
from tests.agent import servers


def write(facts, folder, enough: int) -> History:
    """Run the writer until `enough` writes are acknowledged, however long that takes; return what it wrote down."""
    command = [sys.executable, "-m", "harness.agent.writer", "--facts", str(facts), "--events", str(folder)]
    with subprocess.Popen([*command, "--period", "0.01", "--deadline", "100"]) as process:
        log = folder / "writer.jsonl"
        while not log.exists() or log.read_text().count('"acknowledged":true') < enough:
            time.sleep(0.01)
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=200) == 0
    return History(history.decode(log.read_bytes().splitlines(), str(log)))


def test_what_was_acknowledged_is_found_again(tmp_path):
    stored: set[str] = set()
    with servers.serving(servers.storing(stored, lambda n: False), tmp_path) as (_, facts):
        found = write(facts, tmp_path, 20)
    acknowledged = {e.data.name for e in found.of(Write, acknowledged=True)}
    assert len(acknowledged) >= 20
    assert stored == acknowledged
    readback = next(found.of(Readback)).data
    assert (readback.names_checked, readback.lost, readback.unexpected) == (len(acknowledged), [], [])


def test_what_a_server_forgot_after_acknowledging_is_lost(tmp_path):
    stored: set[str] = set()
    with servers.serving(servers.storing(stored, lambda n: n in (3, 7)), tmp_path) as (_, facts):
        found = write(facts, tmp_path, 20)
    lost = next(found.of(Readback)).data.lost or []
    assert len(lost) == 2
    assert not set(lost) & stored
