"""A client of one's own in a lab: what its packets tell is what the prober saw."""

import time
from itertools import pairwise

import httpx
import pytest
from docker.errors import NotFound
from testcontainers.core.container import DockerContainer

from bench.watched import seen_by, watcher
from harness import judge, store
from harness.agent.watcher import AGAIN_S
from harness.analysis.outages import watched
from harness.clock import NS, Bounds, greatest
from harness.errors import UsageError
from harness.events import Segment, Watch
from harness.failover_lab import FailoverLab
from harness.faults.process import ProcessKill
from harness.lab import images
from harness.onsite.instruments import STREAMS, Instruments
from harness.onsite.preflight import NEWS
from harness.select import VipOwner
from harness.steps import Condition

EVERY_S, DEADLINE_S, RATE = 0.05, 1, 20.0
POLLS = f"while :; do curl -sk -m {DEADLINE_S} -o /dev/null $VIP/readyz; sleep {EVERY_S}; done"
FOLLOWS = "while :; do kubectl --kubeconfig /root/config get configmaps -w -o name >/dev/null 2>&1; sleep 1; done"


def guest(lab: FailoverLab, program: str) -> DockerContainer:
    image = DockerContainer(images.tag("client"), env={"VIP": lab.endpoint}).with_command(["sh", "-c", program])
    return image.with_kwargs(**lab.seat()).with_copy_into_container(lab.kubeconfig(), "/root/config")


def test_without_a_lab_there_is_nothing_to_break():
    with pytest.raises(UsageError, match="the lab is not up"):
        FailoverLab("article").seat()


@pytest.mark.lab
@pytest.mark.alone
@pytest.mark.timeout(600)
def test_a_guests_figures_agree_with_the_probers_and_so_do_a_watchers(failover_lab, tmp_path):
    lab = failover_lab
    instruments = Instruments(RATE, wire=True, follows=True)
    with (
        guest(lab, POLLS) as polls,
        guest(lab, FOLLOWS) as follows,
        watcher(lab, tmp_path, images.tag("client"), instruments, NEWS[1]) as watches,
    ):
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
        heard = seen_by(watches.get_wrapped_container(), ends_s=2)
    seen = watched(heard, "", "")
    verdict = fault.verdict
    found = {g.seat: g for g in verdict.guests}
    blackout = verdict.faults[0].blackout_s
    assert isinstance(blackout, Bounds)
    polled = found["seat1"].dark_s
    _, told = store.load_trial(lab.folder)
    dialled = [e.t_ns for e in told.of(Segment, "seat1", syn=True, outgoing=True)]
    again_s = max(later - one for one, later in pairwise(dialled)) / NS + found["seat1"].usual_s
    assert polled.min <= blackout.max + again_s and blackout.min <= polled.max + again_s
    assert found["seat1"].dialled > found["seat1"].unanswered > 0
    for stream in ("fresh", "kept"):
        worst = max((one.lasted_s for one in seen.outages if one.stream == stream), key=lambda one: one.max)
        assert worst.min <= blackout.max + 1 / RATE and blackout.min <= worst.max + 1 / RATE
    broken = [e.data for e in heard.of(Watch) if e.data.error is not None and e.data.chunks > 1]
    assert {one.stream for one in broken} == set(range(STREAMS))  # each was cut off, with the proxy
    # A SYN is sent again after 1, 3, 7 ... s: one that was sent as it broke waits as long again, and a second more.
    silent = [one.lasted_s.min for one in seen.outages if one.stream.startswith("watch")]
    assert all(least_s <= 2 * blackout.max + 1 + AGAIN_S + again_s for least_s in silent), (silent, blackout)
    home, heir, *_ = [one.macs for one in seen.held if one.macs]  # and back again, after healing
    assert home != heir and {speaker.vrid for speaker in seen.speakers} == {60}
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
