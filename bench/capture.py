"""A trial with a witness of its own: pings a millisecond apart, idle connections, and tcpdump on the client's wire."""

from __future__ import annotations

import contextlib
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness import assets, catalogue, runner, store
from harness.history import History
from harness.judge import judge
from harness.lab import clients, engine, gate
from harness.lab import lab as labs
from harness.lab.clients import Rates
from harness.lab.lab import Lab
from harness.profile import folder as profiles
from harness.verdict import Verdict

CAPTURE = "/var/log/independent.txt"
TCPDUMP = f"tcpdump -i eth0 -l -n -e -tt --time-stamp-precision=nano -s 96 -B 16384 > {CAPTURE} 2>/dev/null"
WITNESS = """
import socket, struct, sys, time
vip, port = sys.argv[1], int(sys.argv[2])
idle = [socket.socket() for _ in range(5)]
for n, s in enumerate(idle):
    s.bind(("", 30001 + n)); s.connect((vip, port))
ping = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
ping.setblocking(False)
due = time.monotonic()
for n in range(20_000):
    head = struct.pack("!BBHHH", 8, 0, 0, 0x4648, n & 0xFFFF)
    total = sum(struct.unpack("!4H", head))
    total = (total & 0xFFFF) + (total >> 16)
    try: ping.sendto(head[:2] + struct.pack("!H", ~total & 0xFFFF) + head[4:], (vip, 0))
    except OSError: pass
    due += 0.001
    time.sleep(max(0, due - time.monotonic()))
"""
LINE = re.compile(r"^(?P<at>\d+\.\d+) (?P<mac>[0-9a-f:]{17}) > \S+ .*?: (?P<said>.*)$")


@dataclass(frozen=True)
class Witnessed:
    """The harness' verdict and history, and the capture: (s, sender's MAC, what tcpdump says); `old` owned the VIP."""

    verdict: Verdict
    history: History
    seen: list[tuple[float, str, str]]
    vip: str
    old: str


def trial(name: str, beside: Callable[[Lab], contextlib.AbstractContextManager[None]]) -> Witnessed:
    """Play a scenario on the article's profile with the witness at work, and within what `beside` makes of the lab."""
    profile, scenario = profiles.load(profiles.find("article", assets.PROFILES)), catalogue.find(name)
    with tempfile.TemporaryDirectory() as scratch, labs.up(engine.find(print), profile, lambda text: None) as lab:
        gate.await_steady(lab, within_s=60)
        old = lab.nodes[lab.live.vip_owner or ""].run("cat", "/sys/class/net/eth0/address").strip()
        vip, port = str(lab.plain.facts.vip), str(lab.plain.facts.port)
        lab.client.container.exec_run(["sh", "-c", TCPDUMP], detach=True)
        time.sleep(1)
        lab.client.container.exec_run(["python3", "-c", WITNESS, vip, port], detach=True)
        clients.start(lab, Rates())
        played = runner.Trial(scenario, lab, lambda text: None)
        with beside(lab):
            played.play()
        clients.stop(lab)
        folder = store.trial_folder(Path(scratch), name, profile.name)
        runner.collect(played, name, folder)
        lines = (folder / "logs/client/log/independent.txt").read_text().splitlines()
        seen = [(float(m["at"]), m["mac"], m["said"]) for line in lines if (m := LINE.match(line))]
        return Witnessed(judge(folder), store.load_trial(folder)[1], seen, vip, old)
