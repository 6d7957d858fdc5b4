"""What tests/chain/loopback.py takes for measured, measured again with the haproxy of the image."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.chain import loopback
from tests.chain.loopback import Step

pytestmark = [pytest.mark.lab, pytest.mark.alone]
SCRIPT = Path(__file__).with_name("drive.py")
DRAWN = 0.09  # three standard deviations of a share of 300 draws


def driven(bare, lines, options, steps: tuple[Step, ...]):
    """Return what came of each step before a haproxy whose only backend has these lines and servers."""
    own = "".join(f"  {line}\n" for line in lines)
    servers = "".join(f"  server s{n} 127.0.0.1:{{s{n}}} {words}\n" for n, words in enumerate(options, 1))
    text = (
        "global\n  nbthread 1\n  stats socket {socket} level admin\n"
        "defaults\n  mode tcp\n  timeout connect 300ms\n  timeout client 60s\n  timeout server 60s\n"
        f"frontend f\n  bind 127.0.0.1:{{port}}\n  default_backend b\nbackend b\n{own}{servers}"
    )
    return tuple(json.loads(bare.ask("python3", "-c", SCRIPT.read_text(), text, json.dumps(steps))))


@pytest.mark.parametrize("row", [*loopback.WEIGHTS, *loopback.BACKUPS], ids=lambda row: f"{row.lines} {row.options}")
def test_weights_and_backups_are_what_the_rows_say(bare, row):
    assert driven(bare, row.lines, row.options, row.steps) == row.came


@pytest.mark.parametrize("row", loopback.MET, ids=lambda row: f"{row.lines} {row.options}")
def test_so_many_connections_meet_a_dead_server(bare, row):
    steps: tuple[Step, ...] = (("hold", row.open), ("die", "s2"), ("ask", 300), ("stat", "s2", "wredis"))
    *_, asked, redispatched = driven(bare, row.lines, row.options, steps)
    share = (int(redispatched) or asked.get("", 0)) / 300
    assert share == pytest.approx(row.share, abs=DRAWN if "random" in row.lines[0] else 0.01)


@pytest.mark.parametrize("row", loopback.LOST, ids=str)
def test_so_many_are_lost_where_two_are_dead(bare, row):
    lines = (f"balance {row.balance}", loopback.REDISPATCH, f"retries {row.retries}")
    steps: tuple[Step, ...] = (("hold", 30), ("die", "s1"), ("die", "s2"), ("ask", 60))
    assert driven(bare, lines, ("", "", ""), steps)[-1].get("", 0) == pytest.approx(row.lost, abs=1)


@pytest.mark.parametrize("row", loopback.OBSERVED, ids=lambda row: row.options)
def test_a_server_is_out_after_so_many_errors(bare, row):
    check = "check inter 3s observe layer4"
    steps: tuple[Step, ...] = (("sleep", 2.15), ("die", "s2"), ("errors", "s2", "DOWN"))
    options = (check, f"{check} {row.options}", check)
    assert driven(bare, (loopback.REDISPATCH,), options, steps)[-1] == row.errors


def test_a_share_grows_once_a_second(bare):
    options = (f"{loopback.CHECKED} slowstart 4s weight 256",) * 3
    back: list[Step] = [("sleep", 0.4), ("die", "s2"), ("until", "s2", "DOWN"), ("serve", "s2"), ("until", "s2", "UP")]
    second: list[Step] = [("sleep", 0.2), ("stat", "s2", "weight"), ("ask", 120, 200), ("sleep", 0.2)]
    came = driven(bare, (), options, (*back, *(second * len(loopback.GROWN))))[len(back) :]
    seen = [(int(came[n + 1]), came[n + 2].get("s2", 0) / 120) for n in range(0, len(came), len(second))]
    assert [weight for weight, _ in seen] == [weight for weight, _ in loopback.GROWN]
    assert [share for _, share in seen] == pytest.approx([share for _, share in loopback.GROWN], abs=0.02)
