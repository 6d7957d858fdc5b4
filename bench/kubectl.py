"""The real kubectl beside the lab's own HTTP/2 clients: does its watch stall for as long as they are dark?

Run as `python -m bench.kubectl [IMAGE PROGRAM]`, by default the lab's own client and the kubectl in it: on `article`
six seats each have a `kubectl get configmaps -w`, and a node without the VIP falls silent for `HOLD_S`. Of kubectl the
packets tell, of the lab's clients their own requests.
"""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack

from testcontainers.core.container import DockerContainer

from harness.failover_lab import FailoverLab
from harness.faults.node import NodeCrash
from harness.figures import told
from harness.lab import engine as engines
from harness.lab import images
from harness.select import NotVipOwner

WORDS = ["get", "configmaps", "-n", "default", "-w", "-o", "name"]
GUESTS, TRIALS = 6, 3
BEGUN_S, HOLD_S = 8.0, 75.0


def main() -> None:
    """Print a row a trial: how long kubectl's watches were silent, and clients of the dead backend were dark."""
    engine = engines.find(print)
    image, program = sys.argv[1:] or (images.ensure(engine, "client", print), "kubectl")
    print("| kubectl's watches silent, s | HTTP/2 clients of the dead backend dark, s |\n|---|---|")
    for _ in range(TRIALS):
        with FailoverLab("article", engine=engine) as lab, ExitStack() as seated:
            for _ in range(GUESTS):
                guest = DockerContainer(image, env={"KUBECONFIG": "/root/config"})
                guest = guest.with_command([program, *WORDS]).with_kwargs(**lab.seat())
                seated.enter_context(guest.with_copy_into_container(lab.kubeconfig(), "/root/config"))
            time.sleep(BEGUN_S)
            with lab.fault(NodeCrash(NotVipOwner())) as fault:
                time.sleep(HOLD_S)
        node = fault.verdict.faults[0].node
        dark = [told(c.dark_s) for c in fault.verdict.clients if c.kind == "h2" and c.served_by == node]
        silent = [told(one.stall_s) for one in fault.verdict.guests]
        print(f"| {', '.join(silent)} | {', '.join(dark)} |", flush=True)


if __name__ == "__main__":
    main()
