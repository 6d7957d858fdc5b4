"""Against what haproxy did: tests/profile/haproxy/test_loopback.py measures the rows again."""

import pytest

from harness.chain import observing
from harness.chain.observing import Observing, OnError
from tests.chain.loopback import OBSERVED
from tests.chain.test_shares import servers


@pytest.mark.parametrize("row", OBSERVED, ids=lambda row: row.options)
def test_so_many_errors_in_a_row_take_a_server_out(row):
    (server,) = servers([f"check observe layer4 {row.options}"])
    observed = observing.of(server)
    assert observed is not None
    assert observed.errors(server.fall) == row.errors


@pytest.mark.parametrize(
    ("options", "mode"),
    [("check", "tcp"), ("observe layer4", "tcp"), ("check observe layer7", "tcp"), ("check observe none", "http")],
)
def test_where_haproxy_does_not_look_nothing_is_observed(options, mode):
    assert observing.of(servers([options], mode=mode)[0]) is None


def test_only_a_fastinter_that_is_written_hastens_a_check():
    plain, fast = servers(
        ["check observe layer4 on-error fastinter", "check observe layer7 fastinter 100ms"], mode="http"
    )
    assert observing.of(plain) == Observing(10, OnError.FASTINTER)
    assert observing.of(fast) == Observing(10, OnError.FAIL_CHECK, 0.1, statuses=True)
