"""A client of one's own in a lab: what its packets tell is what the prober saw."""

import time

import httpx
import pytest
from docker.errors import NotFound
from testcontainers.core.container import DockerContainer

from harness import judge, store
from harness.clock import Bounds, greatest
from harness.errors import UsageError
from harness.failover_lab import FailoverLab
from harness.faults.process import ProcessKill
from harness.lab import images
from harness.select import VipOwner
from harness.steps import Condition

EVERY_S = 0.05
POLLS = f"while :; do curl -sk -m 1 -o /dev/null $VIP/readyz; sleep {EVERY_S}; done"
FOLLOWS = "while :; do kubectl --kubeconfig /root/config get configmaps -w -o name >/dev/null 2>&1; sleep 1; done"


def guest(lab: FailoverLab, program: str) -> DockerContainer:
    image = DockerContainer(images.tag("client"), env={"VIP": lab.endpoint}).with_command(["sh", "-c", program])
    return image.with_kwargs(**lab.seat()).with_copy_into_container(lab.kubeconfig(), "/root/config")


def test_without_a_lab_there_is_nothing_to_break():
    with pytest.raises(UsageError, match="the lab is not up"):
        FailoverLab("article").seat()


@pytest.mark.lab
@pytest.mark.timeout(600)
def test_a_guests_figures_agree_with_the_probers(failover_lab):
    lab = failover_lab
    with guest(lab, POLLS) as polls, guest(lab, FOLLOWS) as follows:
        with lab.http() as http:
            assert http.get("/readyz").text == "ok"
            with pytest.raises(httpx.ConnectError, match="client to .*:1: .*refused"):
                http.get(f"https://{lab.profile.facts.vip}:1/")
        with lab.fault(ProcessKill("haproxy", on=VipOwner())) as fault:
            with pytest.raises(UsageError, match="outermost fault is over"):
                _ = fault.verdict
            lab.wait_for(Condition.VIP_MOVED, 15)
            time.sleep(3)
        own = [polls.get_wrapped_container(), follows.get_wrapped_container()]
    verdict = fault.verdict
    found = {g.seat: g for g in verdict.guests}
    blackout = verdict.faults[0].blackout_s
    assert isinstance(blackout, Bounds)
    polled = found["seat1"].dark_s
    assert polled.min <= blackout.max + EVERY_S and blackout.min <= polled.max + EVERY_S
    assert found["seat1"].dialled > found["seat1"].unanswered > 0
    stalled = found["seat2"].stall_s
    assert stalled is not None and stalled.min <= (greatest(verdict.faults[0].watch_stall_s) or 0.0) + 1
    assert {g.name for g in verdict.guests} == {images.tag("client").partition(":")[0]}
    with pytest.raises(UsageError, match="another fault wants another lab"), lab.fault(ProcessKill("etcd", VipOwner())):
        pass
    assert judge.judge(lab.folder) == verdict
    assert store.load_trial(lab.folder)[0].scenario.name == "by-hand"
    for container in own:
        with pytest.raises(NotFound):
            container.reload()
