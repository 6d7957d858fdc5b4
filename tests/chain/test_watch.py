import pytest

from harness.chain.look import Lookup, Question, Verdict
from harness.chain.sight import unknown
from harness.chain.watch import Keyword, counted, matched_by_nothing, watches
from harness.profile.keepalived import instances, parse, processes

INSTANCE = "vrrp_instance A {{\n interface eth0\n virtual_router_id 7\n{}\n}}\n"
HAPROXY = Lookup("haproxy")


def process(said):
    return processes(parse(f"vrrp_track_process p {{\n{said}\n}}\n", "k.conf", "m1"))["p"]


def watched(definition, said):
    (instance,) = instances(parse(f"{definition}\n{INSTANCE.format(said)}", "k.conf", "m1"))
    return watches(instance, {})


def test_one_that_runs_is_enough_by_default():
    assert counted(process("process haproxy")) == Question(HAPROXY, Verdict(True), Verdict(False))


def test_none_may_run_where_the_most_is_0():
    assert counted(process("process haproxy\n quorum_max 0")) == Question(HAPROXY, Verdict(False), Verdict(True))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("process haproxy\n quorum 2", "how many processes named haproxy there are is not known"),
        ("process haproxy\n quorum_max 3", "how many processes named haproxy there are is not known"),
        ("process /usr/sbin/haproxy -W", "whether its command line is `/usr/sbin/haproxy -W` is not known"),
        ("process haproxy\n param_match", "whether its command line is `haproxy` is not known"),
    ],
)
def test_what_no_file_tells_is_unknown_as_long_as_one_runs_and_fails_when_none_does(said, why):
    found = counted(process(said))
    assert isinstance(found, Question) and found.look == HAPROXY
    assert (unknown(found), found.no) == (why, Verdict(False))


@pytest.mark.parametrize(
    ("said", "nothing"),
    [
        ("process /usr/sbin/haproxy", True),
        ("process kube-controller-manager", True),
        ("process kube-apiserver", False),
        ("process /usr/sbin/haproxy\n full_command", False),
    ],
)
def test_a_bare_name_is_no_path_and_has_fifteen_bytes(said, nothing):
    assert matched_by_nothing(process(said)) is nothing


def test_an_instances_weight_takes_the_definitions_place():
    (own,) = watched(
        "vrrp_track_process p {\n process haproxy\n weight -5\n}", " track_process {\n  p weight 7 reverse\n }"
    )
    assert (own.name, own.weight, own.reverse, own.hears) == ("track_process p", 7, True, True)
    assert own.at("weight").line == 9 and own.at("process").line == 2


def test_delays_are_of_a_loss_and_of_a_fork():
    said = "process haproxy\n delay 2\n terminate_delay 3"
    one = watched(f"vrrp_track_process p {{\n{said}\n}}", " track_process {\n  p\n }")[0]
    two = watched(f"vrrp_track_process p {{\n{said}\n quorum 2\n}}", " track_process {\n  p\n }")[0]
    assert [(w.lost_s, w.found_s) for w in (one, two)] == [(3.0, 0.0), (3.0, 2.0)]


def test_a_file_is_unknown_and_may_mean_fault_whatever_its_weight():
    (file,) = watched("track_file f {\n file /run/f\n weight -5\n}", " track_file {\n  f\n }")
    assert (file.keyword, file.weight) == (Keyword.FILE, 0)
    assert unknown(file.seen) == "what is written into /run/f, and when, is not known"


def test_an_interface_stands():
    (link,) = watched("", " track_interface {\n  eth1 weight 5\n }")
    assert (link.name, link.weight) == ("track_interface eth1", 5) and not unknown(link.seen)
