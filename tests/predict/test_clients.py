import pytest

from harness.chain.failure import Kind
from harness.predict.clients import WHEEL_S
from tests.predict.made import interval, median_s, predicted, profile


def near(*seconds):
    return pytest.approx(seconds, abs=0.01)


def test_a_silent_owner_and_a_connection_of_each_kind():
    found = predicted(profile(), Kind.NODE_CRASH)  # dark for 2.57–3.57 s
    assert interval(found, "client_fresh_s") == (1, 7)  # a SYN at 0 is sent again at 1, 3 and 7 s
    assert found.measures["client_fresh_s"].shares_s == (1, 3, 3)
    assert interval(found, "client_kept_s") == near(3.0, 6.2)
    assert interval(found, "client_watch_s") == near(2.566, 30)
    assert interval(found, "watch_stall_s") == (29.75, 30 + WHEEL_S)
    # Half of the keepalives that come at any time within 30 s come within 15.
    assert median_s(found.measures["client_watch_s"]) == pytest.approx(15, abs=0.2)


def test_a_dead_haproxy_resets_and_refuses():
    found = predicted(profile(), Kind.PROXY_DEAD)
    assert interval(found, "client_fresh_s") == interval(found, "vip_migration_s")
    assert interval(found, "client_kept_s") == interval(found, "client_watch_s") == (0, 0)


def test_a_hung_haproxy_takes_everything_and_answers_nothing():
    found = predicted(profile("kubeadm"), Kind.PROXY_HUNG)  # dark for 31.61–35.61 s
    assert interval(found, "client_fresh_s") == (0, 10)
    assert interval(found, "client_kept_s") == near(31.61, 35.61)
    assert interval(found, "client_watch_s") == near(31.61, 65.61)
    assert "connect_blackout_s" not in found.measures


def test_a_long_election_leaves_a_first_keepalive_without_an_answer():
    found = predicted(profile(keepalived={"advert_int 1": "advert_int 12"}), Kind.NODE_CRASH)
    assert interval(found, "watch_stall_s") == (29.75, 60 + WHEEL_S)


def sent_to_a_dead_backend(made, kind):
    rows = predicted(made, kind, node="m2").evictions
    return next((row.get("misrouted_s") for (balancer, _), row in rows.items() if balancer == "m1"), None)


def test_without_redispatch_a_connection_stays_with_its_dead_backend():
    refused = sent_to_a_dead_backend(profile(), Kind.APISERVER_DEAD)
    assert (refused.bounds.max, refused.why) == (3, "1 connection in 3 is tried there 4 times, then closed")
    assert [str(one.where).rpartition("/")[2] for one in refused.settings] == ["haproxy.cfg:14"]
    assert sent_to_a_dead_backend(profile(), Kind.NODE_CRASH).bounds.max == 40  # four times timeout connect


def test_with_redispatch_it_is_tried_elsewhere():
    refused = sent_to_a_dead_backend(profile("kubeadm"), Kind.APISERVER_DEAD)
    # A retry takes another's turn: of three choices one is the dead one's, and they serve two connections.
    assert (refused.bounds.max, refused.why) == (0, "1 connection in 2 is tried there, and then elsewhere")
    assert refused.settings[0].text == "option redispatch"
    assert sent_to_a_dead_backend(profile("kubeadm"), Kind.NODE_CRASH).bounds.max == 5


GROUP = r"(upstream kubernetes_master \{)"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {},
            "1 connection in 3 is tried there, then elsewhere; until 1 failed: then it is left out for 10 s, and tried",
        ),
        ({GROUP: r"\1 hash $remote_addr consistent;"}, "by its hash 1 client in 3 is tried there, then elsewhere"),
        ({GROUP: r"\1 least_conn;"}, "up to every new connection (who is dead holds none) is tried there"),
        ({r"(198.18.0.1[13]:6443) ": r"\1 backup "}, "every connection is tried there, then elsewhere; until 1"),
        ({"198.18.0.12:6443 ": "198.18.0.12:6443 weight=2 "}, "1 connection in 2 is tried there"),
        ({r"^(stream \{)": r"\1 proxy_next_upstream off;"}, "1 connection in 3 is tried there, then closed; until 1"),
        (
            {"max_fails=1": "max_fails=0"},
            "1 connection in 3 is tried there, then elsewhere: max_fails 0 never leaves it",
        ),
    ],
)
def test_nginx_learns_of_a_dead_backend_from_its_clients_alone(change, told):
    made = profile("nginx", haproxy=change)
    refused = sent_to_a_dead_backend(made, Kind.APISERVER_DEAD)
    assert refused.bounds.max == 0 and refused.why.startswith(told)
    assert sent_to_a_dead_backend(made, Kind.NODE_CRASH).bounds.max == 2  # proxy_connect_timeout
    hung = sent_to_a_dead_backend(made, Kind.APISERVER_MUTE)  # it has connected: nothing else is tried
    assert hung.bounds.max == 600 and "answered by nobody until nginx cuts it" in hung.why


def test_a_backup_of_nginx_is_sent_nothing_while_another_serves():
    backup = {"198.18.0.12:6443 ": "198.18.0.12:6443 backup "}
    assert sent_to_a_dead_backend(profile("nginx", haproxy=backup), Kind.APISERVER_DEAD) is None


def test_a_hung_backend_keeps_it_until_haproxy_cuts_it():
    assert sent_to_a_dead_backend(profile("kubeadm"), Kind.APISERVER_MUTE).bounds.max == 35
    assert sent_to_a_dead_backend(profile(haproxy={".*timeout server.*": ""}), Kind.APISERVER_HUNG) is None


def test_where_haproxy_speaks_tls_itself_a_hung_backend_does_not_even_connect():
    tls = profile("kubeadm", haproxy={"check verify none": "check ssl verify none"})
    hung = sent_to_a_dead_backend(tls, Kind.APISERVER_HUNG)
    assert (hung.bounds.max, hung.why) == (5, "up to 38 % of all connections are tried there, and then elsewhere")
    assert sent_to_a_dead_backend(tls, Kind.APISERVER_MUTE).bounds.max == 35


def test_a_node_that_is_shut_down_refuses_at_first_and_is_silent_then():
    assert sent_to_a_dead_backend(profile("kubeadm"), Kind.NODE_STOP).bounds.max == 5


def test_who_is_sent_to_a_dead_backend_depends_on_the_algorithm():
    def said(*lines):
        made = profile(haproxy={"balance +roundrobin": "\n ".join(lines)})
        return sent_to_a_dead_backend(made, Kind.APISERVER_DEAD)

    assert said("balance leastconn", "option redispatch").why == (
        "up to every new connection (who is dead holds none) is tried there, and then elsewhere"
    )
    assert said("balance first") is None  # m1's server gets them all
    assert said("balance source", "option redispatch 2").why == (
        "by its hash 1 client in 3 is tried there 4 times, then closed"
    )
    assert (
        said("stick on src").why == "every connection of a client that sticks to it is tried there 4 times, then closed"
    )
    assert said("mode http").why == "1 connection in 3 is tried there 4 times, then answered 503"
    assert said("retries 0").why == "1 connection in 3 is tried there once, then closed"
    backups = {"(server master[02]? .*)": r"\1 backup"}
    assert sent_to_a_dead_backend(profile(haproxy=backups), Kind.APISERVER_DEAD).why.startswith("every connection is")
