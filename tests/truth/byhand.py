"""Faults of known length, made and stamped inside a container: `python3 byhand.py DEED ...` prints its stamps.

Nothing here is shared with the harness: what it prints is what the harness' figures are held against.
"""

import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable

REST_S = 0.2  # starting and ending a process costs as much as serving many requests: kept apart from the fault


def stamped(*command):
    """Run a command; return the monotonic stamps before and after it."""
    before = time.monotonic_ns()
    subprocess.run(command, check=True)
    return before, time.monotonic_ns()


def sleep_until(moment_ns):
    time.sleep(max(0, (moment_ns - time.monotonic_ns()) / 1e9))


def netlink(kind, flags, body):
    """Have the kernel change something; return the monotonic stamps before the request and after its answer."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        before = time.monotonic_ns()
        kernel.send(struct.pack("=IHHII", 16 + len(body), kind, flags | 0x5, 1, 0) + body)  # REQUEST | ACK
        answer = kernel.recv(4096)
        after = time.monotonic_ns()
    code = struct.unpack_from("=i", answer, 16)[0]
    if code:
        raise OSError(-code, "netlink")
    return before, after


def attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def address(vip, add):
    """Add the VIP to eth0, or remove it."""
    raw = socket.inet_aton(vip)
    head = struct.pack("=BBBBI", socket.AF_INET, 32, 0, 0, socket.if_nametoindex("eth0"))
    kind, flags = (20, 0x600) if add else (21, 0)  # RTM_NEWADDR with CREATE | EXCL, RTM_DELADDR
    return netlink(kind, flags, head + attribute(2, raw) + attribute(1, raw))


def neighbour(vip, mac, state):
    """Have frames for the VIP go to a MAC."""
    head = struct.pack("=BBHiHBB", socket.AF_INET, 0, 0, socket.if_nametoindex("eth0"), state, 0, 0)
    return netlink(28, 0x500, head + attribute(1, socket.inet_aton(vip)) + attribute(2, mac))  # CREATE | REPLACE


def drop(vip, owner_mac, length_ms):
    """Lose everything that leaves for the VIP, for a time: its frames go to a MAC that nobody has."""
    on = neighbour(vip, bytes.fromhex("020000000001"), 0x80)  # PERMANENT
    sleep_until(on[1] + int(length_ms) * 1_000_000)
    return {"on": on, "off": neighbour(vip, bytes.fromhex(owner_mac.replace(":", "")), 0x02)}  # REACHABLE


def refuse(port, length_ms):
    """Refuse new connections to a port for a time; return how many packets the kernel's own counter saw refused."""
    rule = ["-p", "tcp", "--dport", port, "--syn", "-j"]
    subprocess.run(["iptables", "-w", "-N", "REFUSED"], check=True)
    subprocess.run(
        ["iptables", "-w", "-A", "REFUSED", "-p", "tcp", "-j", "REJECT", "--reject-with", "tcp-reset"], check=True
    )
    on = stamped("iptables", "-w", "-I", "INPUT", *rule, "REFUSED")
    sleep_until(on[1] + int(length_ms) * 1_000_000)
    # The way in is closed first; the chain behind it keeps its count.
    off = stamped("iptables", "-w", "-D", "INPUT", *rule, "REFUSED")
    said = subprocess.run(["iptables", "-w", "-L", "REFUSED", "-vnx"], capture_output=True, text=True, check=True)
    packets = int(said.stdout.splitlines()[2].split()[0])
    stamped("iptables", "-w", "-F", "REFUSED")
    stamped("iptables", "-w", "-X", "REFUSED")
    return {"on": on, "off": off, "packets": packets}


def freeze(length_ms):
    """Stop every haproxy of this machine for a time: connections are accepted by the kernel, and nobody serves them."""
    pids = [int(n) for n in subprocess.run(["pidof", "haproxy"], capture_output=True).stdout.split()]
    on = signalled(pids, signal.SIGSTOP)
    sleep_until(on[1] + int(length_ms) * 1_000_000)
    return {"on": on, "off": signalled(pids, signal.SIGCONT)}


def signalled(pids, number):
    before = time.monotonic_ns()
    for pid in pids:
        os.kill(pid, number)
    return before, time.monotonic_ns()


def take(vip):
    """Add the VIP and announce it."""
    on = address(vip, add=True)
    announce(vip)
    return {"on": on}


def leave(vip):
    """Remove the VIP."""
    return {"off": address(vip, add=False)}


def hold(vip, length_ms):
    """Have the VIP for a time."""
    on = take(vip)["on"]
    sleep_until(on[1] + int(length_ms) * 1_000_000)
    return {"on": on, "off": address(vip, add=False)}


def announce(vip):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
        wire.bind(("eth0", 0))
        mac = fcntl.ioctl(wire, 0x8927, struct.pack("256s", b"eth0"))[18:24]  # SIOCGIFHWADDR
        address = socket.inet_aton(vip)
        head = b"\xff" * 6 + mac + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1)
        wire.send(head + mac + address + b"\xff" * 6 + address)


if __name__ == "__main__":
    deed, *words = sys.argv[1:]
    time.sleep(REST_S)
    deeds: dict[str, Callable[..., object]]
    deeds = {"drop": drop, "refuse": refuse, "freeze": freeze, "take": take, "leave": leave, "hold": hold}
    print(json.dumps(deeds[deed](*words)))
    sys.stdout.flush()
    time.sleep(REST_S)
