from harness.chain.failure import Kind
from harness.profile.files import File
from harness.profile.folder import changed
from tests.predict.made import predicted, profile

OF_THE_OWNER = "#!/bin/sh\nip addr | grep -q 198.18.0.100 || exit 0\npidof haproxy\n"


def test_a_check_that_only_the_owner_makes_gives_the_vip_back_to_who_lost_it():
    found = predicted(profile("kubeadm", check=OF_THE_OWNER), Kind.PROXY_DEAD)
    dark = found.measures["blackout_s"]
    assert found.measures["vip_migration_s"].bounds is not None  # it does move
    assert dark.open
    assert dark.why == "without the VIP m1's checks pass again: it takes the VIP back from m3, and loses it again"
    assert not {"failback_s", "recovery_s"} & found.measures.keys()
    assert not found.clients


def test_who_does_not_preempt_leaves_it_there():
    kept = profile("kubeadm", check=OF_THE_OWNER, of_node={"m1": {"state MASTER": "state BACKUP\n    nopreempt"}})
    assert not predicted(kept, Kind.PROXY_DEAD).measures["blackout_s"].open


def test_two_who_do_not_hear_each_other_both_have_it_and_nothing_is_claimed_of_clients():
    alone = profile(of_node={"m2": {r"virtual_router_id \d+": "virtual_router_id 99"}})
    found = predicted(alone, Kind.NODE_CRASH)
    assert "do not hear each other (their virtual_router_id differs): both have the VIP" in found.move.why
    assert found.depends == found.move.why
    assert all(one.open for one in found.measures.values())


def test_who_is_left_out_of_the_unicast_peers_does_not_hear():
    left_out = profile("unicast", of_node={"m1": {r"^ *198\.18\.0\.12 *\n": ""}})
    assert "m1 does not list 198.18.0.12 among its unicast peers" in predicted(left_out, Kind.NODE_CRASH).move.why
    assert "do not hear" not in predicted(profile("unicast"), Kind.NODE_CRASH).move.why


BOUND = {r"bind +\*:8443": "bind 198.18.0.100:8443"}


def test_a_proxy_that_binds_the_vip_does_not_run_where_it_comes_to():
    plain = profile(haproxy=BOUND)
    found = predicted(plain, Kind.NODE_CRASH)
    assert found.measures["vip_migration_s"].bounds is not None
    dark = found.measures["blackout_s"]
    assert dark.depends == "on whether net.ipv4.ip_nonlocal_bind is 1 there, which no file here says"
    assert dark.bounds and dark.otherwise == "until healed"
    said = File("/etc/sysctl.conf", "net.ipv4.ip_nonlocal_bind = 0\n")
    found = predicted(changed(plain, {n: [*group, said] for n, group in plain.files.items()}), Kind.NODE_CRASH)
    assert found.measures["blackout_s"].ends == "until healed"
    assert "m2's haproxy does not run there" in found.measures["blackout_s"].why
    anywhere = {r"bind +\*:8443": "bind 198.18.0.100:8443 transparent"}
    assert predicted(profile(haproxy=anywhere), Kind.NODE_CRASH).measures["blackout_s"].bounds is not None
