import dataclasses

import pytest

from harness import assets
from harness.chain import compile as chains
from harness.chain.chain import Chain, master_down_s, skew_s
from harness.chain.look import Lookup, looks
from harness.chain.numbers import Balancer, HealthCheck, Numbers
from harness.chain.retries import Picks
from harness.chain.sight import Request, Way
from harness.profile.files import HAPROXY, KEEPALIVED
from harness.profile.folder import changed, find, load
from tests.predict.made import without_haproxy
from tests.simulate.chains import NODE, RETRIES, TRACK, sight


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


def balancer(of: Numbers) -> Balancer:
    found = of.nodes[0].balancer
    assert found is not None
    return found


def checks(of: Numbers) -> list[HealthCheck]:
    found = [server.check for server in balancer(of).servers if server.check is not None]
    assert len(found) == len(balancer(of).servers)
    return found


def test_the_article_in_numbers():
    of = chains.of(profile())
    assert [node.priority for node in of.nodes] == [110, 109, 108]
    assert of.nodes[0].tracks == (dataclasses.replace(TRACK, name="check_haproxy", sight=sight(Lookup("haproxy"))),)
    assert [(s.name, s.node) for s in balancer(of).servers] == [("master", 0), ("master1", 1), ("master2", 2)]
    assert balancer(of).retries == RETRIES
    check = checks(of)[0]
    assert (check.inter_s, check.fall, check.rise, check.layer7, check.connect_s) == (2.0, 3, 2, False, 2.0)
    assert of.remarks == ()


def test_kubeadm_in_numbers():
    of = chains.of(profile("kubeadm"))
    (track,) = of.nodes[0].tracks
    assert (track.fall, track.rise, track.weight, track.interval_s) == (10, 2, -2, 3.0)
    assert looks(track.sight) == [Request(Way.BALANCER, True, True, False, limit_s=2.0, port=8443)]
    assert (balancer(of).retries.most, balancer(of).retries.redispatch) == (1, -1)
    check = checks(of)[0]
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
    assert weighed.effective((False, False, True)) == 70
    assert weighed.effective((True, True, False)) == 100  # in FAULT, where it counts for nothing


def test_a_script_of_weight_0_is_a_fault_until_it_has_passed():
    plain, reverse = (dataclasses.replace(TRACK, weight=0, reverse=reverse) for reverse in (False, True))
    assert [plain.faulty(passes) for passes in (None, False, True)] == [True, True, False]
    assert [reverse.faulty(passes) for passes in (None, False, True)] == [True, False, True]
    assert not dataclasses.replace(TRACK, weight=2).faulty(False)


def test_a_reversed_weight_moves_the_vip_in_the_simulation_as_it_does_in_the_prediction():
    reversed_ = profile(keepalived=("weight 2", "weight 2 reverse"))
    node, chain = chains.of(reversed_).nodes[0], Chain(reversed_)
    assert [node.effective((passes,)) for passes in (True, False)] == [
        chain.priority("m1", failing) for failing in ((), {"check_haproxy"})
    ]


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
    of = chains.of(profile(haproxy=("balance     roundrobin", "balance source\n retries 5\n option redispatch 2")))
    assert balancer(of).retries == dataclasses.replace(RETRIES, most=5, redispatch=2, picks=Picks.SAME)
    assert of.remarks == ("balance source: clients are taken to be spread as the weights are",)


def test_redispatch_holds_where_haproxy_lets_it_hold():
    refused = chains.of(profile("kubeadm", haproxy=("balance     roundrobin", "no option redispatch")))
    assert balancer(refused).retries.redispatch is None
    # What stands in a later defaults section is of no account to what stands before it.
    last, more = "198.18.0.13:6443 check verify none", "\ndefaults\n no option redispatch\n retries 9"
    later = chains.of(profile("kubeadm", haproxy=(last, last + more)))
    assert (balancer(later).retries.redispatch, balancer(later).retries.most) == (-1, 1)


def test_checks_are_those_of_the_servers_own_backend():
    other = (
        "\nbackend other\n option httpchk\n http-check connect ssl\n http-check send uri /readyz\n server x 10.0.0.9:1"
    )
    of = chains.of(profile(haproxy=("198.18.0.13:6443 check", f"198.18.0.13:6443 check{other}")))
    assert [(check.secure, check.asks_ready) for check in checks(of)] == [(False, False)] * 3


def test_a_server_without_check_has_none():
    of = chains.of(profile(haproxy=("198.18.0.12:6443 check", "198.18.0.12:6443")))
    assert [server.check is None for server in balancer(of).servers] == [False, True, False]


def test_what_it_cannot_follow_is_said():
    unknown = chains.of(profile(keepalived=("/opt/keepalived-check/haproxy.sh", "/usr/local/bin/own-check")))
    (remark,) = unknown.remarks
    assert remark.startswith("check_haproxy is not understood (what `/usr/local/bin/own-check` does is not known)")
    other = chains.of(profile(haproxy=("198.18.0.12:6443", "198.18.0.99:6443")))
    assert not other.remarks and len(other.dedicated) == 1  # a machine of its own


def test_a_server_on_loopback_is_the_proxys_own_node():
    itself = chains.of(profile(haproxy=("198.18.0.12:6443", "127.0.0.1:6443")))
    servers = [[server.node for server in node.balancer.servers] for node in itself.nodes if node.balancer]
    assert servers == [[0, 0, 2], [0, 1, 2], [0, 2, 2]]


def test_without_a_haproxy_the_vip_leads_to_the_apiserver():
    asks = "#!/bin/sh\ncurl -sfk https://localhost:6443/readyz"
    first = chains.of(without_haproxy(check=asks)).nodes[0]
    assert first.balancer is None
    (probe,) = looks(first.tracks[0].sight)
    assert isinstance(probe, Request) and probe.way is Way.APISERVER  # the port that clients use is its own


def test_the_slowest_period_is_that_of_a_check_which_waits_in_vain():
    assert chains.of(profile()).slowest_s == 4.0
    assert chains.of(profile(keepalived=("interval 3", "interval 9"))).slowest_s == 9.0


def test_a_disabled_server_takes_no_part():
    article = profile()
    line = next(line for line in article.text("m1", HAPROXY).splitlines() if line.strip().startswith("server master2 "))
    retired = profile(haproxy=(line, f"{line} disabled"))
    assert [s.name for s in retired.servers["m1"]] == ["master", "master1"]
    assert [s.name for s in balancer(chains.of(retired)).servers] == ["master", "master1"]
