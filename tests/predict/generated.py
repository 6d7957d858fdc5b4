"""Configurations drawn by Hypothesis: three nodes as operators write them, with everything in them that decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st

from harness.chain.chain import Chain
from harness.chain.failure import Kind
from harness.chain.rest import at_rest, home
from harness.predict.predict import predict
from harness.predict.prediction import Prediction
from harness.profile.facts import Stated
from harness.profile.files import HAPROXY, KEEPALIVED, File
from harness.profile.folder import Profile, understood

NODES = {f"m{n}": f"10.0.0.1{n}" for n in (1, 2, 3)}
CHECK, SECOND = "/etc/keepalived/check.sh", "/etc/keepalived/second.sh"
LOOKUPS = ("killall -0 haproxy", "pidof haproxy || { logger 'haproxy is dead'; exit 1; }")
# What a check may be, by what it is to show: a name, a request to each thing there is, both of these, an unknown.
CHECKS = (
    *LOOKUPS,
    "if [ $(ps -C haproxy --no-header | wc -l) -eq 0 ]; then exit 1; fi",
    "curl -sfk --max-time 1 https://localhost:8443/livez",
    "curl -sfk --max-time 1 'https://localhost:8443/livez?exclude=etcd'",
    "curl -sfk --max-time 1 https://localhost:8443/readyz",
    "curl -sk --max-time 2 https://localhost:8443/",
    "curl -sfk https://localhost:8443/healthz",
    "curl -sfk --max-time 1 https://localhost:6443/readyz",
    "curl -sfk --max-time 1 'https://localhost:6443/livez?exclude=etcd' && pidof haproxy",
    "nc -z -w 1 localhost 8443",
    "for n in 1 2; do curl -sfk --max-time 0.4 https://localhost:8443/readyz && exit 0; done; exit 1",
    "curl -sfk --max-time 1 https://10.0.0.100:8443/livez",
    "ip addr | grep -q 10.0.0.100 || exit 0\ncurl -sfk --max-time 1 https://10.0.0.100:8443/livez",
    "pidof haproxy || { systemctl stop keepalived; exit 1; }",
    "pidof haproxy || /usr/local/bin/heal-haproxy",
    "/usr/local/bin/own-check",
    "exit 0",
)


@dataclass(frozen=True)
class Drawn:
    """What was drawn, shown where a test fails."""

    priorities: tuple[int, ...]
    states: tuple[str, ...]
    extra: tuple[str, ...]
    version: int
    check: str
    shebang: bool
    tracked: bool
    weight: int
    interval: int
    fall: int
    rise: int
    server: str
    backend: str
    servers: Mapping[str, str] = field(default_factory=dict)  # by node, where they are not all the same
    process: str = ""  # what a vrrp_track_process says, where one is tracked
    strict: str = ""
    starts: str = ""
    reverse: bool = False
    second: str = ""  # a second check, where there is one, and what its vrrp_script says besides
    of_second: str = ""
    group: str = ""  # a vrrp_sync_group around the instance, where there is one
    watched_file: str = ""  # what a vrrp_track_file says, where one is tracked

    def keepalived(self, place: int) -> str:
        weight = f"    weight {self.weight}{' reverse' if self.reverse else ''}\n"
        names = (["check"] if self.tracked else []) + (["second"] if self.second else [])
        tracked = f"    track_script {{\n        {chr(10).join(names)}\n    }}\n" if names else ""
        second = f'vrrp_script second {{\n    script "{SECOND}"\n{self.of_second}}}\n' if self.second else ""
        tracked += "    track_process {\n        proxy\n    }\n" if self.process else ""
        process = f"vrrp_track_process proxy {{\n{self.process}}}\n" if self.process else ""
        tracked += "    track_file {\n        drain\n    }\n" if self.watched_file else ""
        process += f"vrrp_track_file drain {{\n{self.watched_file}}}\n" if self.watched_file else ""
        process += (
            f"vrrp_sync_group VG_1 {{\n    group {{\n        VI_1\n    }}\n{self.group}}}\n" if self.group else ""
        )
        return (
            f"global_defs {{\n    script_user root\n    vrrp_version {self.version}\n{self.strict}{self.starts}}}\n"
            f"{process}"
            f'vrrp_script check {{\n    script "{CHECK}"\n    interval {self.interval}\n{weight}'
            f"    fall {self.fall}\n    rise {self.rise}\n}}\n{second}"
            f"vrrp_instance VI_1 {{\n    state {self.states[place]}\n    interface eth0\n    virtual_router_id 77\n"
            f"    priority {self.priorities[place]}\n    advert_int 1\n{self.extra[place]}"
            f"    virtual_ipaddress {{\n        10.0.0.100\n    }}\n{tracked}}}\n"
        )

    @property
    def haproxy(self) -> str:
        servers = "".join(f"    server {n} {a}:6443 {self.servers.get(n, self.server)}\n" for n, a in NODES.items())
        return (
            "defaults\n    mode tcp\n    timeout connect 2s\n    timeout client 2h\n    timeout server 2h\n"
            "frontend k8s\n    bind *:8443\n    default_backend masters\n"
            f"backend masters\n{self.backend}{servers}"
        )

    @property
    def profile(self) -> Profile:
        text = f"{'#!/bin/sh' if self.shebang else ''}\n{self.check}\n"
        files = {
            node: [
                File(KEEPALIVED, self.keepalived(place), source=f"{node}/keepalived.conf"),
                File(HAPROXY, self.haproxy, source="haproxy.cfg"),
                File(CHECK, text, 0o755, source="etc/keepalived/check.sh"),
                *([File(SECOND, f"#!/bin/sh\n{self.second}\n", 0o755, source="second.sh")] if self.second else []),
            ]
            for place, node in enumerate(NODES)
        }
        return understood("drawn", Path("drawn"), files, Stated())

    @property
    def losing_its_proxy(self) -> Prediction:
        """Return what is predicted for the death of the owner's haproxy."""
        chain = Chain(self.profile)
        return predict(chain, chain.fails(Kind.PROXY_DEAD, home(chain)), at_rest(chain))


PROCESSES = (
    "    process haproxy\n",
    "    process haproxy\n    terminate_delay 1.5\n",
    "    process kube-apiserver\n",
    "    process haproxy\n    quorum 2\n",
    "    process haproxy\n    quorum_max 0\n    weight -2\n",
)


# A group that says nothing, one whose members' weights count, one that tracks the check itself.
GROUPS = ("    # alone\n", "    sync_group_tracking_weight\n", "    track_script {\n        check\n    }\n")
FILES = ("    file /etc/keepalived/drain\n", "    file /etc/keepalived/drain\n    weight -20\n")


@st.composite
def tracked_process(draw: st.DrawFn) -> str:
    """Return what a vrrp_track_process says; mostly nothing."""
    if draw(st.integers(0, 2)):
        return ""
    said = draw(st.sampled_from(PROCESSES))
    weight = draw(st.one_of(st.integers(-60, 60), st.sampled_from([0, -20, 2])))
    # Not in reverse: that a failure lifts a bystander above the owner is not predicted (docs/theory.md).
    return said if "weight" in said or not weight else f"{said}    weight {weight}\n"


@st.composite
def second_check(draw: st.DrawFn) -> tuple[str, str]:
    """Return a second check and what its vrrp_script says; mostly none."""
    if draw(st.integers(0, 3)):
        return "", ""
    weight = draw(st.one_of(st.integers(-60, 60), st.sampled_from([0, -20, 2])))
    said = [f"interval {draw(st.integers(1, 4))}", f"fall {draw(st.integers(1, 4))}", f"rise {draw(st.integers(1, 3))}"]
    return draw(st.sampled_from(CHECKS)), "".join(f"    {one}\n" for one in [*said, f"weight {weight}"])


@st.composite
def ranked(draw: st.DrawFn) -> tuple[int, ...]:
    """Return priorities, no two close but equal ones: of these any may be first. The first may be the address owner."""
    found = draw(st.lists(st.integers(10, 25).map(lambda n: 6 * n), min_size=3, max_size=3, unique=True))
    if draw(st.integers(0, 7)) == 0:
        same, to = draw(st.permutations(range(3)))[:2]
        found[same] = found[to]
    return (255, *found[1:]) if draw(st.integers(0, 11)) == 0 else tuple(found)


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    """Return a configuration."""
    backup = draw(st.booleans())
    extra = st.sampled_from(["", "", "", "    nopreempt\n", "    preempt_delay 5\n"])
    asks = draw(st.booleans())
    check = draw(st.sampled_from(CHECKS))
    inter = draw(st.sampled_from([1, 2, 3]))
    counts = f"inter {inter}s fall {draw(st.integers(1, 4))} rise {draw(st.integers(1, 3))}"
    second, of_second = draw(second_check())
    weights = st.one_of(st.integers(-60, 60), st.sampled_from([0, 0, -20, 2]))
    return Drawn(
        priorities=draw(ranked()),
        states=tuple("BACKUP" if backup else draw(st.sampled_from(["MASTER", "BACKUP"])) for _ in NODES),
        extra=tuple(draw(extra) for _ in NODES),
        version=draw(st.sampled_from([2, 3])),
        check=check,
        shebang=draw(st.sampled_from([True, True, True, True, True, True, True, False])),
        tracked=draw(st.sampled_from([True, True, True, True, True, True, True, False])),
        weight=draw(weights),
        interval=draw(st.integers(1, 4)),
        fall=draw(st.integers(1, 4)),
        rise=draw(st.integers(1, 3)),
        process=draw(tracked_process()),
        reverse=check in LOOKUPS and draw(st.integers(0, 5)) == 0,
        second=second,
        of_second=of_second,
        group=draw(st.sampled_from(["", "", "", "", "", *GROUPS])),
        watched_file=draw(st.sampled_from(["", "", "", "", "", "", "", "", *FILES])),
        starts=draw(st.sampled_from(["", "", "", "", "", "    vrrp_startup_delay 4.5\n"])),
        # A check that asks the VIP then never passes: there is no rest to begin from.
        strict=draw(st.sampled_from(["", "", "", "", "", "    vrrp_strict\n"]))
        if "10.0.0.100" not in check + second
        else "",
        server=f"check {counts}{' check-ssl verify none' if asks else ''}" if draw(st.integers(0, 9)) else "",
        backend=draw(st.sampled_from(["", "    option redispatch\n", "    retries 1\n"]))
        + ("    option httpchk GET /readyz\n" if asks else ""),
    )
