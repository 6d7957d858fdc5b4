from harness.chain.failure import Kind
from harness.onsite.predicted import outages
from tests.predict.made import interval, predicted, profile


def test_each_failure_of_the_owner_has_what_the_files_imply():
    found = outages(profile())
    for said, kind in (("haproxy dies on m1", Kind.PROXY_DEAD), ("m1 is shut down gracefully", Kind.NODE_STOP)):
        bounds = found[said]
        assert not isinstance(bounds, str)
        least, most = interval(predicted(profile(), kind), "blackout_s")
        assert (bounds.min, bounds.max) == (round(least, 6), round(most, 6))
    assert found["haproxy hangs on m1"] == "until healed"


def test_what_depends_on_an_unknown_is_left_out():
    assert "haproxy dies on m1" not in outages(profile(check="#!/bin/sh\n/usr/local/bin/own-check\n"))
