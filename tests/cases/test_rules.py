"""What lint and predict say of files that people really have: what is right about them, and nothing that is false."""

from pathlib import Path

import pytest

from harness.chain import compile as chains
from harness.chain.failure import Kind
from harness.chain.router import Router
from harness.clock import Bounds
from harness.errors import UsageError
from harness.predict.predict import predict
from harness.predict.walk import at_rest
from harness.profile import folder as profiles

CASES = Path(__file__).parent
PLAIN, TWICE = "r18b-installer-4643-plain", "r04c-ssl-on-tcp"


def predicted(case: str, kind: Kind, home: bool):
    router = Router(profiles.load(CASES / case))
    node = router.home if home else next(n for n in router.masters if n != router.home)
    return predict(router, router.fails(kind, node), at_rest(router))


@pytest.mark.parametrize("kind", [Kind.NODE_CRASH, Kind.PROXY_DEAD, Kind.APISERVER_DEAD, Kind.ETCD_DEAD])
@pytest.mark.parametrize("home", [True, False])
@pytest.mark.parametrize(("case", "why"), [(PLAIN, "asks in the clear"), (TWICE, "TLS in TLS")])
def test_where_nothing_works_from_the_start_nothing_is_predicted_to(case, why, kind, home):
    measures = predicted(case, kind, home).measures
    for name in ("blackout_s", "healing_blackout_s", "recovery_s"):
        assert measures[name].lasts and why in measures[name].why
    assert not {"first_answer_s", "client_fresh_s", "write_gap_s"} & measures.keys()


@pytest.mark.parametrize(("case", "why"), [(PLAIN, "asks in the clear"), (TWICE, "TLS in TLS")])
def test_nor_is_it_simulated(case, why):
    with pytest.raises(UsageError, match=f"{case}: no client is ever served through m1: .*{why}"):
        chains.of(profiles.load(CASES / case))


@pytest.mark.parametrize("home", [True, False])
@pytest.mark.parametrize("kind", [Kind.NODE_CRASH, Kind.ETCD_DEAD])
def test_of_two_masters_eithers_death_is_dark_until_it_is_back(kind, home):
    blackout = predicted("r11-k3s-5299-two-masters", kind, home).measures["blackout_s"]
    assert blackout.lasts and "1 of etcd's 2 members is left" in blackout.why


def test_a_hello_that_nobody_answers_takes_the_checks_own_limit():
    """Seen with haproxy 2.6.12: `timeout check 4s` had the check of a server that hangs take 4001 ms."""
    evictions = predicted("f24-ssl-hello-chk", Kind.APISERVER_HUNG, False).evictions
    assert {row["eviction_s"].bounds for row in evictions.values()} == {Bounds(10.0, 12.0)}
    mute = predicted("f24-ssl-hello-chk", Kind.APISERVER_MUTE, False).evictions
    assert all(row["eviction_s"].bounds is None for row in mute.values())
