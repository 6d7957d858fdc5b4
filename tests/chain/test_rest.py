"""Whether anybody ever gets the VIP: by checks that ask it before anyone has it."""

from dataclasses import replace

import pytest

from harness.chain.chain import Chain
from harness.chain.compile import of as compiled
from harness.chain.failure import Kind, Standing
from harness.chain.rest import advertised, at_rest, equals, held_back, home, owned, strength
from harness.errors import UsageError
from harness.faults.process import ProcessKill
from harness.predict.migration import Migration, Stays
from harness.predict.predict import predict
from harness.profile.folder import changed
from harness.select import VipOwner
from harness.simulate.simulate import simulate
from harness.steps import Hold, Inject
from harness.verdict import UNTIL_HEALED
from tests.predict.made import predicted, priorities, profile

VIP = str(profile().facts.vip)
ASKS = f"#!/bin/sh\ncurl -sfk --max-time 1 https://{VIP}:8443/livez\n"


def by_node(of, texts):
    """Return a profile with a check script of its own on some nodes."""
    files = {
        node: [replace(f, text=texts[node]) if f.text.startswith("#!") and node in texts else f for f in group]
        for node, group in of.files.items()
    }
    return changed(of, files)


@pytest.mark.parametrize(("weight", "advertises"), [("weight -20", 90), ("weight 0", 0)])
def test_a_check_that_always_fails_on_the_strongest_leaves_the_vip_to_the_next(weight, advertises):
    of = by_node(profile(keepalived={r"weight .*": weight}), {"m1": "#!/bin/sh\nexit 1\n"})
    chain = Chain(of)
    assert home(chain) == "m2" and advertised(chain)["m1"] == advertises
    found = predict(chain, chain.fails(Kind.PROXY_DEAD, "m2"), at_rest(chain))
    assert isinstance(found.move, Migration)
    played = simulate(compiled(of), [Inject(ProcessKill("haproxy", on=VipOwner())), Hold(30)], 20, seed=1, processes=1)
    assert dict(played.struck[0]) == {"m2": 20} and set(played.moved[0]) == set(found.move.heirs)
    beside = predict(chain, chain.fails(Kind.NODE_CRASH, "m1"), at_rest(chain))
    assert isinstance(beside.move, Stays) and not beside.move.wrong


def test_what_failed_before_moves_nothing_when_a_process_dies():
    found = predicted(profile(check="#!/bin/sh\nexit 1\n"), Kind.PROXY_DEAD)
    assert isinstance(found.move, Stays) and "fails whatever happens" in found.move.why


def test_where_the_check_passes_only_beside_the_vip_its_owner_keeps_it():
    of = profile(check=f"#!/bin/sh\nip addr | grep -q {VIP}\n")
    assert home(Chain(of)) == "m1" and advertised(Chain(of)) == {"m1": 112, "m2": 109, "m3": 108}


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
    assert strength(chain, home(chain), Standing(None, tuple(chain.machines))) is not None


@pytest.mark.parametrize(
    ("own", "found"),
    [((110, 109, 108), ("m1",)), ((110, 110, 108), ("m2", "m1")), ((110, 110, 110), ("m3", "m1", "m2"))],
)
def test_among_equals_any_may_have_the_vip(own, found):
    assert equals(Chain(profile(of_node=priorities(*own)))) == found


def test_equals_in_the_files_whose_check_fails_on_one_are_none():
    of = by_node(profile(of_node=priorities(110, 110, 100)), {"m2": "#!/bin/sh\nexit 1\n"})
    assert equals(Chain(of)) == ("m1",)


def test_who_was_first_among_equals_keeps_the_vip_and_what_is_predicted_of_it_holds():
    of = profile(of_node=priorities(110, 110, 110))
    chain = Chain(of)
    played = simulate(compiled(of), [Inject(ProcessKill("haproxy", on=VipOwner())), Hold(30)], 30, seed=1, processes=1)
    assert set(played.struck[0]) == set(equals(chain))
    for node in equals(chain):
        assert isinstance(predict(chain, chain.fails(Kind.PROXY_DEAD, node), owned(chain, node)).move, Migration)
