from harness.chain.failure import Kind
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
