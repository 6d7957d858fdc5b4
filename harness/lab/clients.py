"""What a lab's clients ask, how often, and from when to when."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.agent.emit import EVENTS
from harness.lab.lab import Lab
from harness.predict.timers import APISERVER_TIMEOUT_S

ON_NODE, BESIDE = "on-node", ("writer", "watcher", "h2")
# Waits until each agent has written that it has begun, 5 s at most.
_BEGUN = (
    f'n=0; for agent; do until [ -s {EVENTS}/"$agent".jsonl ] || [ $n -ge 100 ]; '
    "do sleep 0.05; n=$((n + 1)); done; done"
)


@dataclass(frozen=True)
class Rates:
    """What the clients do: requests a second on fresh and on kept connections, their deadline; and the writer's period.

    A write may take longer than the apiservers need to refuse it, so that a refusal is told from a hang.
    """

    fresh: float = 100.0
    kept: float = 100.0
    deadline_s: float = 1.0
    write_period_s: float = 0.05
    write_deadline_s: float = 2 * APISERVER_TIMEOUT_S

    def divided(self, by: float) -> Rates:
        """Return as many fewer requests; writes stay, as quorum is told by them."""
        return replace(self, fresh=self.fresh / by, kept=self.kept / by)


def start(lab: Lab, rates: Rates) -> None:
    """Start the writer, the watcher, the HTTP/2 clients and the prober, once that is there which the prober reads.

    On every node one more asks, as a kubelet does. The prober is last, and alone: what else begins takes processors,
    and would be taken for how long the chain's answers take.
    """
    prober = f"--rate-fresh {rates.fresh} --rate-kept {rates.kept} --deadline {rates.deadline_s}\n"
    writer = f"--period {rates.write_period_s} --deadline {rates.write_deadline_s}\n"
    lab.client.put({"/etc/harness/prober.args": (prober, 0o644), "/etc/harness/writer.args": (writer, 0o644)})
    # Where it cannot be put, the prober's reads fail, which puts the steady state in doubt.
    lab.client.run("python3", "-m", "harness.agent.configmap", check=False)
    for node in lab.nodes.values():
        node.service("once", ON_NODE)
    for service in BESIDE:
        lab.client.service("once", service)
    lab.client.run("sh", "-c", _BEGUN, "sh", *BESIDE, check=False)
    for node in lab.nodes.values():
        node.run("sh", "-c", _BEGUN, "sh", "h2", check=False)
    lab.client.service("once", "prober")


def stop(lab: Lab) -> None:
    """Let all end what is under way, and the writer read back what it wrote."""
    for service in ("prober", "h2", "watcher", "writer"):
        lab.client.run("sv", "-w", "45", "down", f"/etc/sv/{service}", check=False)
    for node in (one for one in lab.nodes.values() if one.powered):
        node.run("sv", "-w", "45", "down", f"/etc/sv/{ON_NODE}", check=False)
