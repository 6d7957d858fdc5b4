"""Whether anybody ever gets the VIP: by checks that ask it before anyone has it."""

import pytest

from harness.chain.chain import Chain
from harness.chain.compile import of as compiled
from harness.chain.failure import Kind, Standing
from harness.chain.rest import held_back, strength
from harness.errors import UsageError
from harness.predict.migration import Stays
from harness.verdict import UNTIL_HEALED
from tests.predict.made import predicted, profile

VIP = str(profile().facts.vip)
ASKS = f"#!/bin/sh\ncurl -sfk --max-time 1 https://{VIP}:8443/livez\n"


def test_a_check_that_asks_the_vip_with_weight_0_keeps_it_from_everybody():
    of = profile(keepalived={r"weight .*": "weight 0"}, check=ASKS)
    held = held_back(Chain(of))
    assert held and (held[0], held[1].name) == ("m1", "check_haproxy")
    found = predicted(of, Kind.PROXY_DEAD)
    assert isinstance(found.move, Stays) and "no node ever takes it" in found.unserved
    assert found.measures["blackout_s"].ends == UNTIL_HEALED
    with pytest.raises(UsageError, match="check_haproxy fails everywhere while nobody has the VIP"):
        compiled(of)


@pytest.mark.parametrize(
    ("weight", "check"),
    [
        ("weight -20", ASKS),  # lowered everywhere, and the strongest takes it
        ("weight 0", f"#!/bin/sh\nip addr show | grep -q {VIP} || exit 0\n" + ASKS.removeprefix("#!/bin/sh\n")),
        ("weight 0", "#!/bin/sh\npidof haproxy\n"),
        ("weight 0", "#!/bin/sh\n/usr/local/bin/own-check\n"),  # nobody can tell
    ],
)
def test_who_waits_for_nobody_takes_it(weight, check):
    chain = Chain(profile(keepalived={r"weight .*": weight}, check=check))
    assert held_back(chain) is None
    assert strength(chain, chain.home, Standing(None, tuple(chain.machines))) is not None
