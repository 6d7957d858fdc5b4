import pytest

from harness.faults.node import NodeCrash
from harness.faults.process import ProcessKill
from harness.select import EtcdLeader, Master, Node, NotVipOwner, Seen, VipOwner, meant

STACKED = Seen("m1", ["m1", "m2", "m3"], ["m1", "m2", "m3"], ["m1", "m2", "m3"], etcd_leader="m2")
APART = Seen("lb1", ["cp1", "cp2", "lb1", "lb2"], ["lb1", "lb2"], ["cp1", "cp2"])


@pytest.mark.parametrize(
    ("fault", "stacked", "apart"),
    [
        (ProcessKill("kube-apiserver", NotVipOwner()), "m2", "cp1"),
        (ProcessKill("etcd", NotVipOwner()), "m2", "cp1"),
        (ProcessKill("haproxy", NotVipOwner()), "m2", "lb2"),
        (ProcessKill("haproxy", VipOwner()), "m1", "lb1"),
        (ProcessKill("kube-apiserver", VipOwner()), "m1", None),
        (ProcessKill("rsyslogd", VipOwner()), "m1", "lb1"),
        (NodeCrash(VipOwner()), "m1", "lb1"),
        (NodeCrash(Master()), "m1", "cp1"),
        (NodeCrash(Node("m3")), "m3", None),
        (NodeCrash(EtcdLeader()), "m2", None),
        (ProcessKill("etcd", EtcdLeader()), "m2", None),
        (ProcessKill("haproxy", Node("cp1")), None, None),
    ],
)
def test_a_fault_means_a_node_that_has_what_it_breaks(fault, stacked, apart):
    assert (meant(fault, STACKED), meant(fault, APART)) == (stacked, apart)


def test_a_master_that_is_off_is_not_picked_again():
    assert meant(NodeCrash(Master()), Seen("lb1", ["cp2", "lb1"], ["lb1"], ["cp2"])) == "cp2"
    assert meant(NodeCrash(Master()), Seen("lb1", ["lb1"], ["lb1"], [])) is None
