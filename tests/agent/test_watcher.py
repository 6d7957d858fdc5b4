import errno
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from harness import history
from harness.agent import watcher
from harness.agent.connection import Endpoint
from harness.events import Watch, WatchUnopened
from harness.history import History
from tests.agent import servers

NEWS = 5


def watch(folder, ends: bool, streams: int = 2) -> tuple[History, servers.Streaming]:
    """Watch streams until they are silent, and until they end where `ends`; return what was written down."""
    server = servers.Streaming(NEWS)
    with servers.serving(server, folder) as (_, facts):
        command = [sys.executable, "-m", "harness.agent.watcher", "--facts", str(facts), "--events", str(folder)]
        with subprocess.Popen([*command, "--streams", str(streams)]) as process:
            for _ in range(streams):
                assert server.silent.acquire(timeout=100)
            log = folder / "watcher.jsonl"
            if ends:
                server.ending.set()
                while log.read_text().count('"watch"') < streams:
                    time.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=100) == 0
        server.ending.set()
    return History(history.decode(log.read_bytes().splitlines(), str(log))), server


@pytest.mark.parametrize(("ends", "error"), [(True, "closed"), (False, None)])
def test_a_stream_is_written_down_with_its_last_news_and_its_end(tmp_path, ends, error):
    found, server = watch(tmp_path, ends)
    streams = list(found.of(Watch))[:2]
    assert sorted(e.data.stream for e in streams) == [0, 1]
    for event in streams:
        assert (event.data.error, event.data.served_by) == (error, "m2")
        # One that is asked as it takes the last of its news has not counted it yet.
        assert event.data.chunks == NEWS or (event.data.chunks == NEWS - 1 and not ends)
        assert event.data.opened_ns <= event.data.last_data_ns <= event.t_ns
        assert event.data.last_data_ns >= min(server.told_ns) or not ends


@pytest.mark.parametrize(("end", "error"), [(b"", "closed"), (ConnectionResetError(), "reset")])
def test_the_last_news_is_not_the_end(monkeypatch, end, error):
    """A stream that brings news at 10 and 20, and ends at 30, on a clock of its own."""
    now = 0
    comes: Iterator[bytes | Exception] = iter([b"news", b"more", end])

    class Secure(socket.socket):
        def recv(self, size: int, flags: int = 0, /) -> bytes:
            nonlocal now
            now += 10
            if isinstance(came := next(comes), Exception):
                raise came
            return came

    monkeypatch.setattr(watcher, "time", SimpleNamespace(monotonic_ns=lambda: now))
    followed = watcher.Followed(0, 0, 0)
    with Secure() as secure:
        assert followed.to_its_end(secure) == error
    assert (followed.last_data_ns, followed.chunks, now) == (20, 2, 30)
    assert (followed.quiet_from_ns, followed.quiet_until_ns) == (0, 10)


@pytest.mark.parametrize(
    ("head", "error"),
    [(b"HTTP/1.1 503 Service Unavailable\r\n\r\n", "status"), (b"", "closed"), (None, "refused")],
)
def test_what_does_not_come_about_is_written_down_with_its_reason(monkeypatch, head, error):
    told: list[WatchUnopened] = []
    context = SimpleNamespace(wrap_socket=lambda plain, server_hostname: Answering(head))
    endpoint = SimpleNamespace(host="h", port=1, authority="h", context=context)
    monkeypatch.setattr(Endpoint, "of", lambda facts: endpoint)

    def dial(*where, **how):
        if head is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")
        return socket.socket()

    def enough(seconds):
        raise StopIteration

    monkeypatch.setattr(socket, "create_connection", dial)
    monkeypatch.setattr(time, "sleep", enough)
    emitter: Any = SimpleNamespace(emit=told.append)
    with pytest.raises(StopIteration):
        watcher.Watcher({"token": None}, emitter).keep(4)
    assert [(one.stream, one.error) for one in told] == [(4, error)]


class Answering(socket.socket):
    """A connection with one answer."""

    def __init__(self, head):
        super().__init__()
        self.head = head

    def sendall(self, data, flags=0, /):
        return None

    def recv(self, size, flags=0, /):
        return self.head
