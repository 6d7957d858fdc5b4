"""A connection for who is outside of the lab: what comes in goes to an address, and what that says comes out."""

from __future__ import annotations

import os
import socket
import sys
import threading

CONNECTED = b"+"  # the first byte out; what comes instead of it is why no connection came about
CONNECT_S = 10.0  # where it is not told how long to wait


def main() -> None:
    """Connect to HOST PORT within SECONDS, and carry bytes both ways until either end is through."""
    host, port, *more = sys.argv[1:]
    try:
        there = socket.create_connection((host, int(port)), float(more[0]) if more else CONNECT_S)
    except OSError as error:
        os.write(1, str(error).encode())
        return
    there.settimeout(None)
    os.write(1, CONNECTED)
    threading.Thread(target=_out, args=(there,), daemon=True).start()
    while data := os.read(0, 65536):
        there.sendall(data)
    os._exit(0)


def _out(there: socket.socket) -> None:
    try:
        while data := there.recv(65536):
            os.write(1, data)
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
