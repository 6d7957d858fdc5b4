"""How many masters there are, and how many of them may die: E01."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from harness.lint.rule import Problem, Severity, rule
from harness.lint.setup import Setup
from harness.profile.haproxy import Server
from harness.profile.machines import APISERVER_PORT, Behind
from harness.profile.service import Listener, local, several
from harness.profile.where import Where

# Of an installer: there until the cluster stands, and no member of etcd for long.
BOOTSTRAP = "bootstrap"


@rule("E01", "etcd's members", "https://etcd.io/docs/v3.4/faq/#what-is-failure-tolerance")
def members(setup: Setup) -> Iterator[Problem]:
    """With a member of etcd on every master, an even number of them bears no more deaths than one less does.

    A quorum is more than half. Two masters bear none: either's death leaves nothing that can be written until it is
    back, and there are two that may die. An installer's bootstrap server does not count, nor does an address of the
    proxy's own node beside the masters'. One that is disabled may have a member or not, and where there are addresses
    of both families nobody can tell which are one master's.

    Confirmed: in a lab of two masters, where the other's apiserver was not ready once an etcd was dead.

    Remedy: three masters, or five; or an etcd of its own.
    """
    found: dict[str, _Masters] = {}
    for proxy in setup.proxies:
        for one in proxy.services:
            found.setdefault(one.backend, _Masters()).add(proxy.path, one)
    for name, masters in found.items():
        counts = sorted({len(masters.serving), len(masters.listed)})
        if masters.uncounted or masters.twofold or not masters.serving or not _few(counts[0]):
            continue
        sure = all(_few(count) for count in counts) or counts[0] == 1
        told = f"{name} has {_counted(counts[0])}"
        if len(counts) > 1:
            told = f"without those that are disabled {told}"
        for where in masters.places:
            yield Problem(where, Severity.ERROR if sure else Severity.WARNING, told)
    known = len(setup.profile.facts.masters) if setup.profile else 0
    if known and known % 2 == 0 and not setup.proxies and setup.asks_apiserver:
        yield Problem(setup.confs[0].instances[0][0].place, Severity.ERROR, f"there are {_counted(known)}")


@dataclass
class _Masters:
    """The addresses of a backend's masters in all files, one of which may lack its own node's."""

    serving: set[str] = field(default_factory=set)
    listed: set[str] = field(default_factory=set)
    places: list[Where] = field(default_factory=list)
    uncounted: bool = False  # a name may stand for any number, a loopback for each node

    @property
    def twofold(self) -> bool:
        """Say whether there are addresses of both families, of which one master may have one each."""
        return len({":" in address for address in self.listed}) > 1

    def add(self, path: str, one: Listener) -> None:
        serving, listed = _masters(one.servers), _masters(one.listed)
        self.uncounted |= bool(several(listed)) or (not serving and bool(one.servers))
        self.serving |= {server.address for server in serving}
        self.listed |= {server.address for server in listed}
        if serving:
            self.places.append(Where(path, min(server.at("").line for server in serving)))


def _masters(servers: Sequence[Behind]) -> list[Server]:
    return [
        server
        for server in servers
        if isinstance(server, Server)
        and server.port == APISERVER_PORT
        and not local(server.address)
        and BOOTSTRAP not in f"{server.name} {server.address}".lower()
    ]


def _few(masters: int) -> bool:
    """Say whether so many masters bear no more deaths than fewer do, or none."""
    return masters < 3 or masters % 2 == 0


def _counted(masters: int) -> str:
    """Return what so many masters, each with a member of etcd, come to."""
    if masters == 1:
        return "1 master: when it dies nothing serves until it is back; three bear a death"
    if masters == 2:
        return (
            "2 masters: with a member of etcd on each a quorum takes both, so either's death leaves no quorum, nothing "
            "can be written until it is back, and there are two that may die; three bear a death"
        )
    borne = (masters - 1) // 2
    deaths = "a death" if borne == 1 else f"{borne} deaths"
    return f"{masters} masters: with a member of etcd on each they bear {deaths}, as {masters - 1} do"
