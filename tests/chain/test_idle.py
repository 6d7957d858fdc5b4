from math import inf

import pytest

from harness.chain.idle import session
from tests.predict.made import profile


@pytest.mark.parametrize(
    ("edits", "client_s", "idle"),
    [
        ({}, 60, (60, "timeout server")),
        ({}, 20, (20, "timeout client")),
        ({"timeout server .*": "timeout server 1h"}, 60, (60, "timeout client")),
        ({"(timeout server .*)": r"\1\n    timeout tunnel 24h"}, 60, (86400, "timeout tunnel")),
        ({"timeout server .*": ""}, inf, (inf, "no timeout that is set")),
    ],
)
def test_the_shorter_side_ends_a_session(edits, client_s, idle):
    assert session(profile(haproxy=edits).servers["m1"][0], client_s) == idle
