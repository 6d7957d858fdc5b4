"""The migration as tcpdump alone tells it, beside the harness' own figure: `python -m bench.independent`.

Both figures are of the same fault. This one comes from a capture on the client's wire and its own reading of it, and
shares nothing with the harness' analysis. A dead node shows between the last echo reply from its MAC and the next
ping, which are a millisecond apart; a dead haproxy as the first FIN or RST on connections that were open and idle; the
VIP's arrival, in both, as the first gratuitous ARP with another MAC.
"""

from __future__ import annotations

import contextlib
import re
import sys

from bench.capture import Witnessed, trial
from harness.clock import Bounds, unended

APART_S = 0.002


def main() -> None:
    """Run both trials, print the two figures of each side by side, and fail where they differ by more than 2 ms."""
    print(f"{'scenario':<14}{'tcpdump s':>20}{'harness s':>20}{'apart ms':>10}")
    worst = 0.0
    for name, migration in (("kill-node", of_a_node), ("kill-haproxy", of_a_haproxy)):
        seen = trial(name, lambda lab: contextlib.nullcontext())
        ours, theirs = seen.verdict.faults[0].vip_migration_s, migration(seen)
        if ours is None or unended(ours):
            sys.exit(f"{name}: the VIP never came back; look into the trial")
        least, most = (ours.min, ours.max) if isinstance(ours, Bounds) else (ours, ours)
        apart = max(0.0, theirs[0] - most, least - theirs[1])
        worst = max(worst, apart)
        figures = "".join(f"{f'{a:.4f}–{b:.4f}':>20}" for a, b in (theirs, (least, most)))
        print(f"{name:<14}{figures}{apart * 1000:>10.2f}")
    sys.exit(worst > APART_S)


def of_a_node(seen: Witnessed) -> tuple[float, float]:
    """Return the least and most seconds from the old owner's last echo reply, or the ping after it, to the arrival."""
    arrived = _arrivals(seen)[0]
    last = max(at for at, mac, said in seen.seen if mac == seen.old and "echo reply" in said and at < arrived)
    unanswered = min(at for at, _, said in seen.seen if "echo request" in said and at > last)
    return arrived - unanswered, arrived - last


def of_a_haproxy(seen: Witnessed) -> tuple[float, float]:
    """Return the seconds from the first end of an idle connection to the VIP's arrival."""
    ended = re.compile(rf"{re.escape(seen.vip)}\.\d+ > \S+\.3000\d: Flags \[(F|R)")
    dead = next((at for at, mac, said in seen.seen if mac == seen.old and ended.search(said)), None)
    if dead is None:
        sys.exit("the capture lacks the end of every idle connection: tcpdump lost packets; run it again")
    took = next(at for at in _arrivals(seen) if at > dead) - dead
    return took, took


def _arrivals(seen: Witnessed) -> list[float]:
    """Return when a gratuitous ARP for the VIP came from another than the old owner."""
    claim = re.compile(rf"Request who-has {re.escape(seen.vip)} .*tell {re.escape(seen.vip)}\b")
    return [at for at, mac, said in seen.seen if mac != seen.old and claim.match(said)]


if __name__ == "__main__":
    main()
