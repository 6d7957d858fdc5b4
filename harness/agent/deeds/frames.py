"""What keeps frames off a node's links, ARP and all, while no link goes down and no daemon is told of it."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterable, Sequence

from harness.agent.deeds.deed import Unproven

# One instruction of classic BPF, `ret TC_ACT_SHOT`, for every frame.
_DROP = 'bpf bytecode "1,6 0 0 2" direct-action'
# The same for ARP in which who asks and who is asked for are one: ldh [12]; jeq #ETH_P_ARP; ld [28]; st M[0]; ld [38];
# tax; ld M[0]; jeq x; ret TC_ACT_SHOT; ret TC_ACT_OK.
_ANNOUNCES = (
    'bpf bytecode "10,40 0 0 12,21 0 7 2054,32 0 0 28,2 0 0 0,32 0 0 38,7 0 0 0,96 0 0 0,29 0 1 0,6 0 0 2,6 0 0 0" '
    "direct-action"
)
WAYS = ("egress", "ingress")


def drop(ways: Sequence[str] = WAYS) -> None:
    """Let no frame out, or in, or neither; raise Unproven where the kernel cannot."""
    _keep_back("frames still pass", ways, _DROP)


def mute() -> None:
    """Let out no ARP that announces an address; raise Unproven where the kernel cannot."""
    _keep_back("addresses are still announced", ("egress",), _ANNOUNCES)


def let() -> None:
    """Let all frames pass again; raise Unproven where some do not."""
    batch("tc", (f"qdisc del dev {link} clsact" for link in _links()))  # fails where there is none to take away
    left = subprocess.run(["tc", "qdisc", "show"], capture_output=True, text=True).stdout
    if "clsact" in left:
        raise Unproven(f"frames are still dropped: {left.strip()}")


def _keep_back(else_what: str, ways: Sequence[str], program: str) -> None:
    if said := batch("tc", (line for link in _links() for line in dropping(link, ways, program))):
        raise Unproven(f"{else_what}: {said}; this kernel may lack sch_clsact or cls_bpf")


def dropping(link: str, ways: Sequence[str] = WAYS, program: str = _DROP) -> list[str]:
    """Return the lines of tc(8) that have every frame of a link dropped, or those that another program picks."""
    return [f"qdisc add dev {link} clsact", *(f"filter add dev {link} {way} {program}" for way in ways)]


def batch(program: str, lines: Iterable[str]) -> str:
    """Have tc(8) or ip(8) do some lines; return what it has to say against them."""
    done = subprocess.run([program, "-force", "-batch", "-"], input="\n".join(lines), capture_output=True, text=True)
    return " ".join(done.stderr.split())


def _links() -> list[str]:
    return [name for _, name in socket.if_nameindex() if name != "lo"]
