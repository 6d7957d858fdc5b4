"""Runs beside a haproxy: kills the server that it is about to use, and prints how three connections fare then.

Arguments: the file's text with {names} for the ports, and "silent" or "refuses". Prints, as haproxy logs it: server,
milliseconds, how it ended, retries; or "died" and the number of the signal.
"""

import contextlib
import socket
import subprocess
import sys
import threading
import time

TEXT, HOW = sys.argv[1:]


class Backend:
    """A server that answers until it is told to be dead."""

    def __init__(self) -> None:
        # A backlog of none: once nobody accepts, one more connection fills it.
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.listener.settimeout(0.05)
        self.port = self.listener.getsockname()[1]
        self.dead = threading.Event()
        self.held: list[socket.socket] = []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        while not self.dead.is_set():
            try:
                connection, _ = self.listener.accept()
            except TimeoutError:
                continue
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")

    def die(self) -> None:
        self.dead.set()
        self.thread.join()
        if HOW == "refuses":
            self.listener.close()
        for _ in range(4 if HOW == "silent" else 0):
            self.held.append(socket.socket())
            self.held[-1].setblocking(False)
            self.held[-1].connect_ex(("127.0.0.1", self.port))


backends = [Backend() for _ in range(3)]
sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sink.bind(("127.0.0.1", 0))
sink.settimeout(0.1)
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
ports = {f"s{number}": backend.port for number, backend in enumerate(backends, 1)}
with open("/tmp/meet.cfg", "w") as file:
    file.write(TEXT.format(**ports, port=port, log=sink.getsockname()[1]))
haproxy = subprocess.Popen(["haproxy", "-db", "-f", "/tmp/meet.cfg"], stderr=subprocess.DEVNULL)


def ask() -> list[str]:
    """Return the log of one connection; nothing once haproxy is dead."""
    while haproxy.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
                with contextlib.suppress(ConnectionResetError):
                    client.recv(1000)
            break
        except ConnectionRefusedError:  # it is starting
            time.sleep(0.05)
    while haproxy.poll() is None:
        with contextlib.suppress(TimeoutError):
            return sink.recv(1000).decode().split(": ", 1)[1].split()
    return []


try:
    backends[int(ask()[0].removeprefix("s")) - 1].die()
    seen = 0
    while seen < 3 and (line := ask()):
        if line[2:] != ["--", "0"]:
            print(*line)
            seen += 1
    if haproxy.poll() is not None:
        print("died", -haproxy.returncode)
finally:
    haproxy.kill()
