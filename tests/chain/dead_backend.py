"""What haproxy 2.6.12 did with connections that it gave to a dead server and still believed in, three servers UP."""

from __future__ import annotations

from typing import NamedTuple

ANEW = ("roundrobin", "static-rr", "random", "leastconn", "first")
LEAVES = "option redispatch"
Port = int | str  # a number, or a word that stands for one
CONNECT_S = 0.3  # `timeout connect`, so each wait before a server is tried again is as long


class Row(NamedTuple):
    """A backend's lines, and what was seen: attempts at the dead server, seconds until it was over or left."""

    lines: tuple[str, ...]
    attempts: int
    after_s: float
    elsewhere: bool
    mode: str = "tcp"
    silent: bool = False


ROWS = [
    Row((), 4, 0.9, False),
    Row(("balance leastconn",), 4, 0.9, False),
    Row((f"no {LEAVES}",), 4, 0.9, False, "http"),
    *(
        Row((f"balance {one}", LEAVES), 1, 0.0, True)
        for one in ("roundrobin", "static-rr", "random", "leastconn", "first")
    ),
    Row(("balance leastconn", f"{LEAVES} 1"), 1, 0.0, True),
    Row(("balance leastconn", f"{LEAVES} 2"), 1, 0.0, True),
    Row(("balance leastconn", f"{LEAVES} 0"), 1, 0.0, True),
    Row(("balance source", LEAVES), 4, 0.6, False),
    Row(("balance source", f"{LEAVES} 1"), 4, 0.0, False),
    Row(("balance source", f"{LEAVES} 0"), 4, 0.9, False),
    Row(("balance hdr(host)", f"{LEAVES} -2"), 4, 0.6, False, "http"),
    Row(("balance source", "hash-type consistent", LEAVES), 3, 0.6, True),
    Row(("balance source", "hash-type consistent", f"{LEAVES} 1"), 1, 0.0, True),
    Row(("balance uri", "hash-type consistent", f"{LEAVES} 2"), 2, 0.3, True, "http"),
    Row(("balance uri", f"{LEAVES} 2"), 1, 0.0, True),
    Row(("retries 0", LEAVES), 1, 0.0, False),
    Row(("retries 1", LEAVES), 1, 0.0, True),
    Row(("retry-on none", LEAVES), 1, 0.0, False),
    Row(("retry-on 503", LEAVES), 1, 0.0, False, "http"),
    Row((), 4, 1.2, False, silent=True),
    Row((LEAVES,), 1, 0.3, True, silent=True),
    Row(("balance source", LEAVES), 4, 1.2, False, silent=True),
]
# With it haproxy dies at the first retry of a connection: it divides by 0.
DEADLY = ("retries 3", f"{LEAVES} -4")


def configured(lines: tuple[str, ...], mode: str, ports: tuple[Port, ...], port: Port = 1, log: Port = 514) -> str:
    """Return a haproxy.cfg with these lines in its only backend, whose servers s1, s2 ... are never checked."""
    servers = "".join(f"  server s{number} 127.0.0.1:{at}\n" for number, at in enumerate(ports, 1))
    own = "".join(f"  {line}\n" for line in lines)
    return (
        f"global\n  log 127.0.0.1:{log} local0\n"
        f"defaults\n  log global\n  mode {mode}\n  timeout connect {round(CONNECT_S * 1000)}ms\n"
        "  timeout client 60s\n  timeout server 60s\n"
        f'frontend f\n  bind 127.0.0.1:{port}\n  log-format "%s %Tt %ts %rc"\n  default_backend b\n'
        f"backend b\n{own}{servers}"
    )
