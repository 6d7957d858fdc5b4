import dataclasses

import pytest

from harness import assets
from harness.model import chain as chains
from harness.model.probes import Lookup, Request, Way
from harness.model.timers import master_down_s, skew_s
from harness.profile.files import HAPROXY, KEEPALIVED
from harness.profile.folder import changed, find, load
from tests.model.chains import NODE, TRACK


def profile(name="article", **replaced):
    """A shipped profile, with words of its files replaced."""
    plain = load(find(name, assets.PROFILES))
    paths = {"keepalived": KEEPALIVED, "haproxy": HAPROXY}

    def text(file):
        for kind, (old, new) in replaced.items():
            if file.path == paths[kind]:
                assert old in file.text
                return file.text.replace(old, new)
        return file.text

    files = {n: [dataclasses.replace(f, text=text(f)) for f in group] for n, group in plain.files.items()}
    return changed(plain, files)


def test_the_article_in_numbers():
    of = chains.of(profile())
    assert [node.priority for node in of.nodes] == [110, 109, 108]
    first = of.nodes[0]
    assert first.tracks == (dataclasses.replace(TRACK, name="check_haproxy", probes=(Lookup("haproxy"),)),)
    assert [(s.name, s.node) for s in first.balancer.servers] == [("master", 0), ("master1", 1), ("master2", 2)]
    assert (first.balancer.retries, first.balancer.redispatches, first.balancer.connect_s) == (3, False, 10.0)
    check = first.balancer.servers[0].check
    assert (check.inter_s, check.fall, check.rise, check.layer7, check.connect_s) == (2.0, 3, 2, False, 2.0)
    assert of.remarks == ()


def test_kubeadm_in_numbers():
    first = chains.of(profile("kubeadm")).nodes[0]
    (track,) = first.tracks
    assert (track.fall, track.rise, track.weight, track.interval_s) == (10, 2, -2, 3.0)
    assert track.probes == (Request(Way.BALANCER, minds=True, asks_ready=True, connects=False, limit_s=2.0),)
    assert (first.balancer.retries, first.balancer.redispatches, first.balancer.rotates) == (1, True, True)
    check = first.balancer.servers[0].check
    assert (check.layer7, check.secure, check.asks_ready, check.connect_s, check.answer_s) == (True, True, True, 2, 10)


@pytest.mark.parametrize("priority", [1, 99, 110, 254])
@pytest.mark.parametrize(("version", "advert_int_s"), [(2, 1.0), (2, 3.0), (3, 0.1), (3, 1.0)])
def test_its_timers_are_those_of_the_predictions_to_a_microsecond(priority, version, advert_int_s):
    (instance,) = profile().instances["m1"]
    instance = dataclasses.replace(instance, version=version, advert_int_s=advert_int_s)
    node = dataclasses.replace(NODE, version=version, advert_int_s=advert_int_s)
    assert node.skew_s(priority, advert_int_s) == pytest.approx(skew_s(priority, instance), abs=1e-6)
    assert node.down_s(priority, advert_int_s) == pytest.approx(master_down_s(priority, instance), abs=1e-6)


def test_an_effective_priority_is_what_scripts_make_of_it():
    weighed = dataclasses.replace(
        NODE, tracks=tuple(dataclasses.replace(TRACK, weight=weight) for weight in (20, -30, 0))
    )
    assert weighed.effective((True, True, True)) == 120
    assert weighed.effective((None, None, None)) == 100  # before their first result nothing is added or taken
    assert weighed.effective((False, False, False)) == 70
    assert dataclasses.replace(weighed, priority=250).effective((True, True, True)) == 254
    assert dataclasses.replace(weighed, priority=20).effective((False, False, True)) == 1
    assert dataclasses.replace(weighed, priority=255).effective((False, False, False)) == 255


def test_what_starts_as_master_preempts_at_once_whatever_it_says():
    said = profile(keepalived=("priority", "nopreempt\n    preempt_delay 60\n    priority"))
    first, second, _ = chains.of(said).nodes
    assert (first.preempts, first.preempt_delay_s) == (True, 0.0)  # state MASTER: keepalived clears both
    assert (second.preempts, second.preempt_delay_s) == (False, 0.0)  # and a delay beside nopreempt


def test_the_second_announcement_is_the_instances_or_everybodys():
    assert chains.of(profile()).nodes[0].garp_again_s == 5
    every = profile(keepalived=("router_id LVS", "router_id LVS\n    vrrp_garp_master_delay 2"))
    assert chains.of(every).nodes[0].garp_again_s == 2
    own = profile(keepalived=("advert_int 1", "advert_int 1\n    garp_master_delay 1"))
    assert chains.of(own).nodes[0].garp_again_s == 1


def test_balance_retries_and_redispatch_are_read():
    of = chains.of(profile(haproxy=("balance     roundrobin", "balance leastconn\n retries 5\n option redispatch")))
    through = of.nodes[0].balancer
    assert (through.rotates, through.retries, through.redispatches) == (False, 5, True)


def test_a_server_without_check_has_none():
    of = chains.of(profile(haproxy=("198.18.0.12:6443 check", "198.18.0.12:6443")))
    assert [server.check is None for server in of.nodes[0].balancer.servers] == [False, True, False]


def test_what_it_cannot_follow_is_said():
    unknown = chains.of(profile(keepalived=("/opt/keepalived-check/haproxy.sh", "/usr/local/bin/own-check")))
    assert unknown.remarks == ("what /usr/local/bin/own-check looks at is not known; taken as always passing",)
    outside = chains.of(profile(haproxy=("198.18.0.12:6443", "198.18.9.9:6443")))
    assert outside.remarks == ("haproxy server master1 is none of the nodes; left out",)
    assert len(outside.nodes[0].balancer.servers) == 2


def test_without_a_haproxy_the_vip_leads_to_the_apiserver():
    straight = dataclasses.replace(profile("kubeadm"), servers={})
    first = chains.of(straight).nodes[0]
    assert first.balancer is None
    assert first.tracks[0].probes[0].way is Way.APISERVER  # the port that clients use is its own


def test_the_slowest_period_is_that_of_a_check_which_waits_in_vain():
    assert chains.of(profile()).slowest_s == 4.0
    assert chains.of(profile(keepalived=("interval 3", "interval 9"))).slowest_s == 9.0
