"""What haproxy 2.6.12 did before servers s1, s2 and s3 on loopback, one connection after another.

tests/profile/haproxy/test_loopback.py does it again; tests/chain/test_shares.py and test_observing.py hold the model
against it.
"""

from __future__ import annotations

from typing import NamedTuple

Step = tuple[str | int | float, ...]  # what tests/profile/haproxy/drive.py is told
REDISPATCH = "option redispatch"
CHECKED = "check inter 100ms fall 1 rise 1"


class Met(NamedTuple):
    """A backend's lines and its servers' options, how many connections are open, and which share met the dead s2."""

    lines: tuple[str, ...]
    options: tuple[str, ...]
    open: int
    share: float


EVEN, HEAVY, TWO = ("weight 256",) * 3, ("weight 256", "weight 128", "weight 64"), ("", "")
MET = [
    Met(("balance roundrobin", "retries 0"), EVEN, 0, 0.333),
    Met(("balance roundrobin", REDISPATCH), EVEN, 0, 0.5),
    Met(("balance roundrobin", "retries 0"), HEAVY, 0, 0.287),
    Met(("balance roundrobin", REDISPATCH), HEAVY, 0, 0.4),
    Met(("balance roundrobin", REDISPATCH), ("weight 64", "weight 256", "weight 128"), 0, 1.0),
    Met(("balance roundrobin", REDISPATCH), ("weight 2", "weight 2", "weight 1"), 0, 0.667),
    Met(("balance roundrobin", REDISPATCH), TWO, 0, 1.0),
    Met(("balance static-rr", REDISPATCH), EVEN, 30, 0.5),
    Met(("balance static-rr", REDISPATCH), HEAVY, 30, 0.4),
    Met(("balance random(1)", REDISPATCH), EVEN, 30, 0.353),
    Met(("balance random", "retries 0"), EVEN, 30, 0.563),
    Met(("balance random", REDISPATCH), HEAVY, 30, 0.487),
    Met(("balance random(3)", "retries 0"), EVEN, 30, 0.703),
    Met(("balance leastconn", "retries 0"), EVEN, 30, 1.0),
    Met(("balance leastconn", REDISPATCH), HEAVY, 30, 1.0),
]


class Lost(NamedTuple):
    """How many of 60 connections were lost where s1 and s2 refuse, by `balance` and `retries`, with redispatch."""

    balance: str
    retries: int
    lost: int


LOST = [Lost("roundrobin", 1, 30), Lost("roundrobin", 2, 0), Lost("static-rr", 1, 30), Lost("leastconn", 3, 60)]


class Driven(NamedTuple):
    """A backend's lines, its servers' options, and what came of each step; None where a step says nothing."""

    lines: tuple[str, ...]
    options: tuple[str, ...]
    steps: tuple[Step, ...]
    came: tuple[object, ...]


HEAVIEST = ("weight 256", "weight 128", "weight 1")
WEIGHTS = [
    Driven(("balance roundrobin",), HEAVIEST, (("ask", 385),), ({"s1": 256, "s2": 128, "s3": 1},)),
    Driven(("balance static-rr",), HEAVIEST, (("ask", 385),), ({"s1": 256, "s2": 128, "s3": 1},)),
    Driven((), ("weight 0", "", "weight 3"), (("ask", 300),), ({"s2": 75, "s3": 225},)),
    # While nothing is open leastconn takes them in turns, and by their weights once something is.
    Driven(("balance leastconn",), HEAVIEST, (("ask", 384),), ({"s1": 128, "s2": 128, "s3": 128},)),
    Driven(
        ("balance leastconn",),
        ("weight 4", "weight 2", "weight 1"),
        (("hold", 70),),
        ({"s1": 40, "s2": 20, "s3": 10},),
    ),
]
BACKUPS = [
    Driven(
        (),
        (CHECKED, f"{CHECKED} backup", f"{CHECKED} backup"),
        (("ask", 30), ("die", "s1"), ("until", "s1", "DOWN"), ("ask", 30), ("die", "s2"), ("until", "s2", "DOWN"),
         ("ask", 30), ("serve", "s1"), ("until", "s1", "UP"), ("ask", 30)),
        ({"s1": 30}, None, None, {"s2": 30}, None, None, {"s3": 30}, None, None, {"s1": 30}),
    ),
    Driven(
        ("option allbackups",),
        (CHECKED, f"{CHECKED} backup weight 2", f"{CHECKED} backup"),
        (("ask", 30), ("die", "s1"), ("until", "s1", "DOWN"), ("ask", 30)),
        ({"s1": 30}, None, None, {"s2": 20, "s3": 10}),
    ),
    # Backups do not count as active: one that is dead is left with the last retry only.
    Driven(
        ("option allbackups", REDISPATCH),
        (CHECKED, "backup", "backup"),
        (("die", "s1"), ("until", "s1", "DOWN"), ("die", "s2"), ("ask", 6),
         ("stat", "s2", "wredis"), ("stat", "s2", "wretr")),
        (None, None, None, {"s3": 6}, "6", "12"),
    ),
    Driven((), ("weight 0", "backup weight 0", "backup"), (("ask", 30),), ({"s3": 30},)),
]  # fmt: skip


class Observed(NamedTuple):
    """s2's options beside `check inter 3s observe layer4`, and how many errors took it out; None: its checks did."""

    options: str
    errors: int | None


OBSERVED = [
    Observed("on-error mark-down error-limit 4", 4),
    Observed("on-error mark-down", 10),
    Observed("error-limit 4 fall 2", 8),
    Observed("error-limit 4 fall 3", 12),
    Observed("error-limit 4 fall 9 fastinter 2s", 36),
    Observed("on-error sudden-death error-limit 4 fall 5", 8),
    Observed("on-error sudden-death error-limit 4 fall 1", 4),
    Observed("error-limit 1 fall 1", 1),
    Observed("on-error fastinter error-limit 4 fall 2", None),
]

# By `slowstart 4s`: what s2 had of its weight 256 in the n-th second after it came back, and its share beside two more.
GROWN = ((16, 0.03), (80, 0.135), (144, 0.22), (208, 0.289), (256, 0.333))
