"""What an outage is to client libraries that people use: how long each waits, by the packets beside it.

Run as `python -m bench.guests`: an image with the official Python client, kr8s and kopf is made, two of each sit in a
lab on `article`, and a node falls silent for `HOLD_S`: one beside the VIP, then its owner. Rows for docs/clients.md.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import docker
from testcontainers.core.container import DockerContainer

from harness.contracts import Selector
from harness.failover_lab import FailoverLab
from harness.faults.node import NodeCrash
from harness.figures import told
from harness.lab import engine as engines
from harness.lab import images
from harness.select import NotVipOwner, VipOwner
from harness.verdict import Guest

PACKAGES = ["kubernetes", "kr8s", "kopf"]
PROGRAMS = Path(__file__).parents[1] / "examples/guests"
COMMANDS = {
    "kubernetes": ["python3", "/opt/guests/kubernetes_client.py"],
    "kr8s": ["python3", "/opt/guests/kr8s_client.py"],
    "kopf": [
        "python3",
        "-m",
        "kopf",
        "run",
        "--quiet",
        "--standalone",
        "-n",
        "default",
        "/opt/guests/kopf_operator.py",
    ],
}
EACH, TRIALS = 2, 3
BEGUN_S, HOLD_S = 8.0, 75.0
TAG = "failover-harness/guests:bench"


def image(engine: docker.DockerClient) -> str:
    """Make an image of the lab's own client and the libraries, as pip finds them here; return its tag."""
    with tempfile.TemporaryDirectory() as folder, io.BytesIO() as context:
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--target", folder, *PACKAGES], check=True)
        base = images.ensure(engine, "client", print)
        text = f"FROM {base}\nCOPY site/ /opt/site/\nCOPY guests/ /opt/guests/\nENV PYTHONPATH=/opt/site\n".encode()
        with tarfile.open(fileobj=context, mode="w") as tar:
            tar.add(folder, "site")
            tar.add(PROGRAMS, "guests")
            about = tarfile.TarInfo("Dockerfile")
            about.size = len(text)
            tar.addfile(about, io.BytesIO(text))
        context.seek(0)
        engine.images.build(fileobj=context, custom_context=True, tag=TAG, rm=True)
    return TAG


def trial(engine: docker.DockerClient, on: Selector) -> Iterator[tuple[str, Guest]]:
    """Yield each library with what became of one guest that has it."""
    with FailoverLab("article", engine=engine) as lab, ExitStack() as seated:
        libraries = [name for name in COMMANDS for _ in range(EACH)]
        for name in libraries:
            guest = DockerContainer(TAG, env={"KUBECONFIG": "/root/config", "HOME": "/root"})
            guest = guest.with_command(COMMANDS[name]).with_kwargs(**lab.seat())
            seated.enter_context(guest.with_copy_into_container(lab.kubeconfig(), "/root/config"))
        time.sleep(BEGUN_S)
        with lab.fault(NodeCrash(on)) as fault:
            time.sleep(HOLD_S)
        print(f"{fault.verdict.outcome}: {[f.message for f in fault.verdict.findings]}", file=sys.stderr)
        by_seat = {guest.seat: guest for guest in fault.verdict.guests}
        yield from ((name, by_seat[f"seat{number}"]) for number, name in enumerate(libraries, 1))


def main() -> None:
    """Print a row a library and fault: each guest's own figures, in seconds."""
    engine = engines.find(print)
    image(engine)
    print("| fault | library | waited for an answer | a watch silent |\n|---|---|---|---|")
    for title, on in (("a node without the VIP falls silent", NotVipOwner()), ("its owner does", VipOwner())):
        rows: dict[str, list[Guest]] = {name: [] for name in COMMANDS}
        for _ in range(TRIALS):
            for name, guest in trial(engine, on):
                rows[name].append(guest)
        for name, guests in rows.items():
            waited = ", ".join(told(g.dark_s) for g in guests)
            silent = ", ".join(told(g.stall_s) for g in guests)
            print(f"| {title} | {name} | {waited} | {silent} |", flush=True)


if __name__ == "__main__":
    main()
