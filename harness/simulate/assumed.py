"""What a profile does not say and a simulation needs: each figure with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

Range = tuple[float, float]  # a time drawn uniformly between two, in seconds


@dataclass(frozen=True)
class Assumed:
    """Times in seconds: a pair is a range, `_mean` the mean of an exponential; the defaults are a quiet lab's."""

    # Adverts leave late by a median of 0.5 ms, 2.4 ms at the 90th percentile, 7.3 ms at most (examples/, 68 intervals
    # of 1 s on the client's wire). On a machine with more to do than cores it is tens of milliseconds.
    late_s_mean: float = 0.001
    # MASTER's first advert → its address: 0.5–2.1 ms; → the loser's address gone: 0.6–4.4 ms (examples/, 13 moves).
    assign_s: Range = (0.0005, 0.0021)
    withdraw_s: Range = (0.0006, 0.0044)
    # Address → first gratuitous ARP on the client's wire: 0.0–0.3 ms (examples/).
    announce_s: Range = (0.0, 0.0003)
    # A shell and killall: 8–25 ms; a shell and curl with TLS through haproxy: 25–60 ms (two cores, Debian 12).
    lookup_s: Range = (0.008, 0.025)
    request_s: Range = (0.025, 0.060)
    # A process' start or exit → the kernel has told a listener: 0.2–4.5 ms (60 kills, two busy cores).
    heard_s: Range = (0.0002, 0.0045)
    # A daemon's start → it serves, alone: haproxy 0.09–0.15 s (examples/never-fails-over).
    start_s: Range = (0.09, 0.15)
    # Power on → the daemons are started, → keepalived's timers run, → the others serve, who start beside each other.
    # In a container keepalived's run after 0.25–0.35 s (its first MASTER less its master-down time) and haproxy answers
    # after 0.44–0.51 s (examples/kill-two-masters). A machine takes a minute or more to boot: change that one.
    boot_s: Range = (0.15, 0.22)
    keepalived_start_s: Range = (0.06, 0.13)
    boot_start_s: Range = (0.25, 0.33)
    # Power on → what powers it on has made sure and goes on to the next: 0.5–0.9 s (examples/kill-two-masters).
    powered_s: Range = (0.5, 0.9)
    # How long an apiserver holds a request that needs etcd (the lab's stub is started with --etcd-timeout 2s).
    etcd_patience_s: float = 2.0
    # etcd is gone → /readyz says so to everybody: it asks once a second, and waits 2 s (harness/chain/health.py), and
    # somebody always asks: the lab's prober does so 50 times a second at each apiserver. So one in 25 who ask for
    # health is held meanwhile: each of the two checks asks once a second.
    unready_s: Range = (2.0, 3.0)
    held: float = 0.04
    # One request in so many reads: the lab's prober's do (agent/prober.py), and the others ask for health.
    reads: float = 0.25
    # New connections a second through the VIP: the lab's prober opens so many (agent/prober.py).
    fresh_per_s: float = 100.0
    # Linux sends a SYN again after 1, 3 and 7 s (TCP_TIMEOUT_INIT 1 s, doubling), a segment after 0.2 s, doubling.
    syn_again_s: tuple[float, ...] = (1.0, 3.0, 7.0, 15.0, 31.0)
    resent_s: float = 0.2
    # Linux asks anew for a neighbour that answers no longer after 0.5–1.5 times 30 s (base_reachable_time), 5 s more
    # (delay_first_probe_time) and three probes 1 s apart, its timers late by up to 8/63: 48.3 and 56.9 s were seen.
    asks_anew_s: Range = (23.0, 59.7)
    # Whether every keepalived has started just now, together, as in a lab: the owner's checks and adverts then keep the
    # distance that its master-down time gave them. In a chain that has run for long they drift apart.
    together: bool = False


QUIET_LAB = Assumed()
