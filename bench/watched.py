"""`harness watch` beside the trial that it watches: are the outages the same?

Run as `python -m bench.watched`: a lab on `article`, in a seat of which `harness watch`'s agents ask as often as the
trial's own prober, while haproxy dies on the VIP's owner, or the owner falls silent. Each has its own bounds.
"""

from __future__ import annotations

import io
import shlex
import tarfile
import tempfile
import time
from pathlib import Path

import docker
from docker.models.containers import Container
from testcontainers.core.container import DockerContainer

from harness import history
from harness.agent.emit import EVENTS
from harness.analysis.outages import watched
from harness.clock import Bounds
from harness.contracts import Fault
from harness.failover_lab import FailoverLab
from harness.faults.node import NodeCrash
from harness.faults.process import ProcessKill
from harness.figures import told
from harness.history import History
from harness.lab import engine as engines
from harness.lab import images
from harness.lab.clients import Rates
from harness.onsite.instruments import Instruments
from harness.onsite.target import Target
from harness.select import VipOwner
from harness.steps import Condition

RATE, TRIALS, WITHIN_S = 100.0, 3, 15
ENDS_S = 7  # an agent's patience with what is under way, and more


def watcher(lab: FailoverLab, folder: Path, image: str, instruments: Instruments, news: str = "") -> DockerContainer:
    """Return a guest that watches the VIP as `harness watch` does from a machine beside the cluster."""
    briefing, facts = lab.lab.site.briefing, lab.profile.facts
    target = Target(str(facts.vip), facts.port, briefing.authority.pem.encode(), briefing.token, news=news)
    commands = instruments.commands(target.written(folder, "eth0"), EVENTS)
    programs = " & ".join(shlex.join(["python3", *words[1:]]) for words in commands)
    guest = DockerContainer(image).with_command(["sh", "-c", f"{programs} & wait"]).with_kwargs(**lab.seat())
    for path in folder.iterdir():
        guest.with_copy_into_container(path, str(path))
    return guest


def seen_by(container: Container, ends_s: int) -> History:
    """Return what it has seen, once its agents have had so long to write all of it."""
    container.exec_run(["sh", "-c", f"pkill -TERM -f harness.agent; sleep {ends_s}"])
    archive, _ = container.get_archive(str(EVENTS))
    with tarfile.open(fileobj=io.BytesIO(b"".join(archive))) as tar:
        files = [found.read() for member in tar if (found := tar.extractfile(member))]
    return History([event for text in files for event in history.decode(text.splitlines(), "watcher")])


def trial(engine: docker.DockerClient, image: str, fault: Fault) -> tuple[Bounds, Bounds]:
    """Return the blackout by the trial's own prober, and the longest outage that the watcher saw."""
    rates = Rates(fresh=RATE, kept=RATE / 10)
    with tempfile.TemporaryDirectory() as folder, FailoverLab("article", engine=engine, rates=rates) as lab:
        with watcher(lab, Path(folder), image, Instruments(RATE, wire=True)) as watches:
            time.sleep(5)
            with lab.fault(fault) as broken:
                lab.wait_for(Condition.VIP_MOVED, WITHIN_S)
                time.sleep(3)
            heard = seen_by(watches.get_wrapped_container(), ENDS_S)
        outages = [one.lasted_s for one in watched(heard, "", "").outages if one.stream == "fresh"]
        blackout = broken.verdict.faults[0].blackout_s
        assert isinstance(blackout, Bounds)
        return blackout, max(outages, key=lambda one: one.min)  # healing may have had another


def apart_s(one: Bounds, other: Bounds) -> float:
    """Return by how much two intervals miss each other; 0 where they overlap."""
    return max(0.0, one.min - other.max, other.min - one.max)


def main() -> None:
    """Print a row a trial: both intervals, and by how much they are apart."""
    engine = engines.find(print)
    image = images.ensure(engine, "client", print)
    print("| fault | by the trial, s | by `harness watch`, s | apart, s |\n|---|---|---|---|")
    for fault in (ProcessKill("haproxy", VipOwner()), NodeCrash(VipOwner())):
        for _ in range(TRIALS):
            own, others = trial(engine, image, fault)
            print(f"| {type(fault).__name__} | {told(own)} | {told(others)} | {apart_s(own, others):.3f} |", flush=True)


if __name__ == "__main__":
    main()
