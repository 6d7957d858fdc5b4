"""The migration as tcpdump alone tells it, beside the harness' own figure: `python -m bench.independent`.

Both figures are of the same fault. This one comes from a capture on the client's wire and its own reading of it, and
shares nothing with the harness' analysis. A dead node shows as the last echo reply from its MAC, to pings a
millisecond apart; a dead haproxy as the first FIN or RST on connections that were open and idle; the VIP's arrival,
in both, as the first gratuitous ARP with another MAC.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from pathlib import Path

from harness import assets, catalogue, runner, store
from harness.campaign import judge
from harness.lab import engine
from harness.lab import lab as labs
from harness.model.timers import Timers
from harness.profile import folder as profiles

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


def main() -> None:
    """Run both trials, print the two figures of each side by side, and fail where they differ by more than 2 ms."""
    print(f"{'scenario':<14}{'tcpdump s':>12}{'harness s':>20}{'apart ms':>10}")
    worst = 0.0
    for name in ("kill-node", "kill-haproxy"):
        ours, theirs = trial(name)
        least, most = (ours["min"], ours["max"]) if isinstance(ours, dict) else (ours, ours)
        apart = max(0.0, theirs - most, least - theirs)
        worst = max(worst, apart)
        print(f"{name:<14}{theirs:>12.4f}{f'{least:.4f}–{most:.4f}':>20}{apart * 1000:>10.2f}")
    sys.exit(worst > 0.002)


def trial(name: str) -> tuple[object, float]:
    """Return the harness' migration and the capture's, both in seconds."""
    profile, scenario = profiles.load(profiles.find("article", assets.PROFILES)), catalogue.find(name)
    with tempfile.TemporaryDirectory() as scratch, labs.up(engine.find(print), profile, lambda text: None) as lab:
        labs.await_steady(lab, within_s=60)
        old = lab.nodes[lab.live.vip_owner].run("cat", "/sys/class/net/eth0/address").strip()
        vip, port = str(lab.plain.facts.vip), str(lab.plain.facts.port)
        lab.client.container.exec_run(["sh", "-c", TCPDUMP], detach=True)
        time.sleep(1)
        lab.client.container.exec_run(["python3", "-c", WITNESS, vip, port], detach=True)
        runner.start_clients(lab, runner.Rates())
        played = runner.Trial(scenario, lab, Timers(profile), lambda text: None)
        played.play()
        runner.stop_clients(lab)
        folder = store.trial_folder(Path(scratch), name)
        runner.collect(played, name, folder)
        lines = (folder / "logs/client/log/independent.txt").read_text().splitlines()
        return judge(folder).faults[0].vip_migration_s, migration(lines, name, vip, old)


def migration(lines: list[str], name: str, vip: str, old: str) -> float:
    """Return the seconds from a fault to the VIP's arrival, as a capture's lines show both."""
    seen = [(float(m["at"]), m["mac"], m["said"]) for line in lines if (m := LINE.match(line))]
    claim = f"Request who-has {vip}"
    arrivals = [at for at, mac, said in seen if mac != old and claim in said and f"tell {vip}" in said]
    if name == "kill-node":
        replies = [at for at, mac, said in seen if mac == old and "echo reply" in said and at < arrivals[0]]
        return arrivals[0] - replies[-1]
    ended = re.compile(rf"{re.escape(vip)}\.\d+ > \S+\.3000\d: Flags \[(F|R)")
    dead = next((at for at, mac, said in seen if mac == old and ended.search(said)), None)
    if dead is None:
        sys.exit("the capture lacks the end of every idle connection: tcpdump lost packets; run it again")
    return next(at for at in arrivals if at > dead) - dead


if __name__ == "__main__":
    main()
