from harness.chain.failure import Kind
from harness.clock import Bounds
from harness.predict.interval import Predicted
from tests.predict.made import predicted, profile

PINGED = Bounds(44.5, 45.5)  # 30 s of silence and 15 s of patience, each request half a second after the other


def bounds(predicted: Predicted) -> Bounds:
    assert predicted.bounds
    return predicted.bounds


def dark(made, kind, node="m1"):
    found = predicted(made, kind, node=node).clients
    return {name: one.bounds for (of, name), one in found.items() if of == "h2"}


def test_a_silent_bystander_leaves_its_own_clients_to_their_ping():
    assert dark(profile(), Kind.NODE_CRASH, "m2") == {"m1": Bounds(0, 0), "m2": PINGED, "m3": Bounds(0, 0)}


def test_sessions_that_are_cut_with_the_eviction_end_with_it():
    cut = profile(haproxy={"^( *server .*)$": r"\1 on-marked-down shutdown-sessions"})
    found = predicted(cut, Kind.NODE_CRASH, node="m2")
    out = bounds(found.evictions["m1", "master1"]["eviction_s"])
    assert found.clients["h2", "m2"].bounds == Bounds(out.min, out.max + 1)
    assert "takes the backend out" in found.clients["h2", "m2"].why


def test_a_slow_eviction_does_not_keep_a_client_longer_than_its_ping():
    cut = profile(haproxy={"^( *server .*)$": r"\1 on-marked-down shutdown-sessions inter 60s"})
    assert dark(cut, Kind.NODE_CRASH, "m2")["m2"].max == PINGED.max


def test_who_asks_a_silent_owner_is_reset_when_it_sends_again():
    found = predicted(profile(), Kind.NODE_CRASH)
    out = bounds(found.evictions["m2", "master"]["eviction_s"])
    least = bounds(found.measures["vip_migration_s"]).min  # dark for 2.57–3.57 s: sent again after 3 or 6.2
    # One that is dialled anew may meet the dead backend, until that is taken out after 12 s.
    assert found.clients["h2", "m2"].bounds == Bounds(least, out.max + 0.5)


def test_who_asks_a_dead_haproxy_is_refused_until_the_vip_moves():
    found = predicted(profile(), Kind.PROXY_DEAD)
    moves = bounds(found.measures["vip_migration_s"])
    assert set(dark(profile(), Kind.PROXY_DEAD)) == {"m1", "m2", "m3"}
    assert found.clients["h2", "m3"].bounds == Bounds(moves.min, moves.max + 0.5)


def test_where_the_vip_never_moves_it_is_dark_until_healing():
    found = predicted(profile("article-priority-99"), Kind.PROXY_DEAD)
    assert {one.ends for one in found.clients.values()} == {"until healed"}


def test_a_dead_apiserver_resets_its_own_clients():
    found = dark(profile(), Kind.APISERVER_DEAD, "m2")
    assert found["m1"] == found["m3"] == Bounds(0, 0)
    assert found["m2"].min == 0


def test_an_apiserver_that_hangs_is_known_by_its_silence():
    assert dark(profile(), Kind.APISERVER_HUNG, "m2")["m2"] == PINGED


def test_etcds_death_ends_no_connection():
    assert set(dark(profile(), Kind.ETCD_DEAD, "m2").values()) == {Bounds(0, 0)}


def test_nothing_is_said_of_connections_that_haproxy_makes_its_own():
    spoken = profile(haproxy={"mode +tcp": "mode http"})
    assert dark(spoken, Kind.NODE_CRASH, "m2") == {}


def test_where_equals_take_the_vip_at_once_a_client_may_believe_the_wrong_one_until_it_is_announced_again():
    """A client was dark for 37 s in a lab where the VIP had moved after 33: five seconds on it was announced again."""
    tied = predicted(profile("kubeadm"), Kind.PROXY_DEAD)
    moved, dark = tied.measures["vip_migration_s"].bounds, tied.clients["h2", "m1"].bounds
    assert moved and dark and dark == Bounds(moved.min, moved.max + 5 + 0.5)


def test_the_owners_own_client_is_told_by_nobody_where_its_proxy_lives_on_and_the_vip_goes():
    found = predicted(profile(), Kind.KEEPALIVED_STOPPED)
    assert found.clients["own", "m1"].bounds == Bounds(PINGED.min, bounds(found.measures["vip_migration_s"]).max + 45.5)
    for kind in (Kind.PROXY_DEAD, Kind.NODE_CRASH, Kind.KEEPALIVED_KILLED, Kind.VRRP_CUT):
        assert ("own", "m1") not in predicted(profile(), kind).clients, kind
    asking = predicted(profile("kubeadm"), Kind.PROXY_HUNG)
    assert bounds(asking.clients["own", "m1"]).min == PINGED.min


def test_where_the_vip_is_one_more_address_of_the_owners_network_its_own_client_is_met_as_anybody():
    """A lab of two-load-balancers: reset 2 ms after the other had the VIP, where a VIP without its prefix took 45 s."""
    assert not [
        of
        for of, _ in predicted(profile("two-load-balancers"), Kind.KEEPALIVED_STOPPED, node="lb1").clients
        if of == "own"
    ]
    alone = profile("two-load-balancers", keepalived={"10.20.30.10/24": "10.20.30.10"})
    assert ("own", "lb1") in predicted(alone, Kind.KEEPALIVED_STOPPED, node="lb1").clients
