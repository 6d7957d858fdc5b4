"""Runs beside a haproxy before three servers: does what it is told, and prints what came of each step as JSON.

Arguments: the file's text with {names} for the ports and {socket} for its runtime socket, and the steps as JSON, each a
list of words: ask N [a second] → connections by the server that answered, "" nobody; hold N → the same of such as stay
open; die S; serve S; until S STATUS; sleep SECONDS; stat S COLUMN → its value; errors S STATUS → failed attempts at S
until it has that status, null where it has not after 200 connections.
"""

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from typing import Any

TEXT, STEPS = sys.argv[1:]


class Backend:
    """A server that answers its name, until it is told to be dead: then it refuses."""

    def __init__(self, name: str) -> None:
        self.name, self.port = name, 0
        self.serve()

    def serve(self) -> None:
        self.dead = threading.Event()
        self.open: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=100)
        self.port = self.listener.getsockname()[1]
        self.listener.settimeout(0.02)
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self) -> None:
        while not self.dead.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = self.listener.accept()
                self.open.append(connection)
                threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while connection.recv(1000):
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n" + self.name.encode())

    def die(self) -> None:
        self.dead.set()
        self.thread.join()
        self.listener.close()
        for connection in self.open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


backends = {name: Backend(name) for name in ("s1", "s2", "s3")}
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
CONTROL = f"/tmp/drive-{port}.sock"
path = f"/tmp/drive-{port}.cfg"
ports = {name: backend.port for name, backend in backends.items()}
with open(path, "w") as file:
    file.write(TEXT.format(**ports, port=port, socket=CONTROL))
haproxy = subprocess.Popen(["haproxy", "-db", "-f", path], stderr=subprocess.DEVNULL)
held: list[tuple[str, socket.socket]] = []  # by who answered


def connected() -> socket.socket:
    """Return a connection to haproxy, which may still be starting."""
    while haproxy.poll() is None:
        with contextlib.suppress(ConnectionRefusedError):
            return socket.create_connection(("127.0.0.1", port))
        time.sleep(0.02)
    raise SystemExit("haproxy ended")


def ended(client: socket.socket) -> None:
    """Close a connection and see haproxy close it: until then its server has one more, and the next turn differs."""
    with client, contextlib.suppress(OSError):
        client.shutdown(socket.SHUT_WR)
        while client.recv(1000):
            pass


def ask(keep: bool = False) -> str:
    """Return who answered one connection, or "" where nobody did."""
    client = connected()
    with contextlib.suppress(ConnectionResetError):
        client.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        said = client.recv(1000).decode()
        if keep:
            held.append((said[-2:], client))
        else:
            ended(client)
        return said[-2:] if " 200 " in said else ""
    return ""


def stat(server: str, column: str) -> str:
    """Return a value of a server's row of `show stat`."""
    while True:
        with contextlib.suppress(FileNotFoundError, ConnectionRefusedError), socket.socket(socket.AF_UNIX) as control:
            control.connect(CONTROL)
            control.sendall(b"show stat -1 4 -1\n")
            text = ""
            while chunk := control.recv(1 << 16):
                text += chunk.decode()
            head, *rows = text.removeprefix("# ").splitlines()
            named = {row.split(",")[1]: row.split(",") for row in rows if row}
            return named[server][head.split(",").index(column)]
        time.sleep(0.02)


def failures(server: str) -> int:
    """Return how many attempts at a server have failed: tried again there, elsewhere, or given up."""
    return sum(int(stat(server, column)) for column in ("wretr", "wredis", "econ"))


def do(words: list[Any]) -> object:
    """Do one step; return what came of it."""
    match words:
        case ["ask", number]:
            return Counter(ask() for _ in range(number))
        case ["ask", number, per_s]:
            began, met = time.monotonic(), []
            for n in range(number):
                time.sleep(max(0.0, began + n / per_s - time.monotonic()))
                met.append(ask())
            return Counter(met)
        case ["hold", number]:
            return Counter(ask(keep=True) for _ in range(number))
        case ["die", server]:
            backends[server].die()
            for mine in [one for one in held if one[0] == server]:
                held.remove(mine)
                mine[1].close()
            time.sleep(0.2)
            return None
        case ["serve", server]:
            backends[server].serve()
            return None
        case ["sleep", seconds]:
            time.sleep(seconds)
            return None
        case ["stat", server, column]:
            return stat(server, column)
        case ["until", server, status]:
            while stat(server, "status").split()[0] != status:
                time.sleep(0.01)
            return None
        case ["errors", server, status]:
            before = failures(server)
            for _ in range(200):
                if stat(server, "status") == status:
                    return failures(server) - before
                ask()
            return None
    raise SystemExit(f"no step {words}")


try:
    stat("s1", "status")
    print(json.dumps([do(step) for step in json.loads(STEPS)]))
finally:
    haproxy.kill()
