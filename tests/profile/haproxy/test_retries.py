"""What tests/chain/test_retries.py takes for measured, measured again with the haproxy of the image."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chain.dead_backend import DEADLY, ROWS, configured

pytestmark = [pytest.mark.lab, pytest.mark.alone]
SCRIPT = Path(__file__).with_name("meet.py")
# Of two numbers of waits the nearer: each lasts as long as `timeout connect`, and a busy machine only adds.
MOST_LATE_S = 0.25


def met(bare, lines, mode, silent):
    """Return haproxy's log of connections that it gave to a server that had just died, as words."""
    text = configured(lines, mode, ("{s1}", "{s2}", "{s3}"), "{port}", "{log}")
    said = bare.ask("python3", "-c", SCRIPT.read_text(), text, "silent" if silent else "refuses")
    return [line.split() for line in said.splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.mode}: {', '.join(row.lines)}, {'silent' * row.silent}")
def test_it_meets_a_dead_server_as_the_rows_say(bare, row):
    seen = met(bare, row.lines, row.mode, row.silent)
    assert seen
    # haproxy counts attempts from 0, and marks with + that the last one was elsewhere.
    retried = f"+{row.attempts}" if row.elsewhere else f"{row.attempts - 1}"
    assert {(words[2] == "--", words[3]) for words in seen} == {(row.elsewhere, retried)}
    took_s = min(int(words[1]) for words in seen) / 1000
    assert row.after_s - 0.005 <= took_s < row.after_s + MOST_LATE_S


def test_it_divides_by_0(bare):
    assert met(bare, DEADLY, "tcp", False) == [["died", "8"]]
