"""predict and simulate are of one mind about who is out when, and for how long nobody is served."""

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness.chain import shares
from harness.chain.chain import Chain
from harness.chain.compile import of as compiled
from harness.chain.failure import Kind
from harness.chain.rest import at_rest, equals, home
from harness.predict.predict import predict
from harness.predict.timers import EARLY_S, SLACK_S
from harness.select import NotVipOwner, VipOwner
from harness.simulate.measures import Key
from harness.simulate.simulate import simulate
from harness.steps import Hold, Inject
from tests.predict.generated import NODES, Drawn, drawn
from tests.predict.test_agreement import EXAMPLES, LONG_S, fault, somebody_has_it

TRIALS = 10
ON_ERROR = ("mark-down error-limit 4", "fail-check", "sudden-death", "fastinter fastinter 500ms")
OPTIONS = st.builds(
    lambda weight, *words: f" weight {weight}{''.join(words)}",
    st.sampled_from([0, 1, 1, 2, 256]),
    st.sampled_from(["", "", " backup"]),
    st.sampled_from(["", "", *(f" observe layer4 on-error {word}" for word in ON_ERROR)]),
    st.sampled_from(["", " slowstart 10s"]),
    st.sampled_from(["", "", "", "", " disabled", " port 6443"]),
)
BALANCES = ["roundrobin", "static-rr", "leastconn", "random", "source", "first"]


@st.composite
def shared(draw: st.DrawFn) -> Drawn:
    """Return a configuration whose servers differ, and whose owner's check sees nothing of them."""
    of = draw(drawn())
    options = {node: of.server + draw(OPTIONS) for node in NODES}
    assume(not all("disabled" in said for said in options.values()))  # that is refused
    more = f"    balance {draw(st.sampled_from(BALANCES))}\n" + draw(st.sampled_from(["", "    option allbackups\n"]))
    return replace(of, check="pidof haproxy", backend=of.backend + more, servers=options)


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("kind", [Kind.APISERVER_DEAD, Kind.NODE_CRASH])
@settings(max_examples=EXAMPLES)
@given(of=shared())
def test_what_is_predicted_of_servers_holds_what_is_simulated(kind, beside, of):
    assume(somebody_has_it(of))
    profile = of.profile
    chain = Chain(profile)
    assume(len(equals(chain)) == 1)
    standing = at_rest(chain)
    node = next(n for n in chain.nodes if (n != home(chain)) is beside)
    found = predict(chain, chain.fails(kind, node), standing)
    on = NotVipOwner() if beside else VipOwner()
    played = simulate(compiled(profile), [Inject(fault(kind, on)), Hold(LONG_S)], TRIALS, seed=1, processes=1)
    for (haproxy, server), row in found.evictions.items():
        for value in played.values.get(Key(0, "eviction_s", haproxy, server), []):
            inside(row["eviction_s"].bounds, value)
    served = any(shares.serving(profile.servers[n], "masters") for n in chain.nodes)
    dark = found.measures["blackout_s"]
    for value in played.values[Key(0, "blackout_s")] if served and not found.depends else []:
        inside(dark.bounds, value)


def inside(bounds, value):
    if bounds is None:
        assert math.isinf(value)
    else:
        assert bounds.min - EARLY_S <= value <= bounds.max + SLACK_S
