"""Every rule that speaks of an error, confirmed: a lab on the broken files shows what the rule says.

None of these needs a precise figure, so the labs run side by side, and the tests only ask what became of each.
"""

import json
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import pytest

from harness.agent.deeds.link import CutOff
from harness.agent.deeds.process import Signal
from harness.chain.chain import master_down_s
from harness.errors import UnsteadyError
from harness.lab import gate, preflight
from harness.lab import lab as labs
from harness.lab.lab import Lab
from harness.lab.machine import Machine
from harness.lint.rule import Severity
from harness.profile import folder
from tests.lint.files import Change, codes, made
from tests.lint.test_rules import ALL, BROKEN, CHECK, M1, M2, MULTICAST, PROXY

pytestmark = pytest.mark.lab
LABS = 4
OF_A_FAULT = {"fault": "by hand", "index": 0, "action": "inject"}
TRACKED = "    track_script {\n        check_apiserver\n    }\n"
# The owner's check asks its own haproxy: fall 2 of interval 2 with its limit, a master-down time, and three more.
STAYS_S = 3 * 2 + 4.6 + 3
PATIENCE_S = 100.0  # what does come about takes a few seconds, and nobody knows how many on a busy machine


@dataclass(frozen=True)
class Claim:
    """What a lab on broken files is to show; `nodes` other than three stand in a profile.toml."""

    code: str
    changes: list[Change]
    shows: Callable[[Lab], None]
    nodes: int = 3


def masters(lab: Lab) -> list[str]:
    """Return the nodes that hold a VIP, by the kernel's own word."""
    ask = ["ip", "-o", "-4", "addr", "show", "to", "10.0.0.100/31"]
    return [name for name, node in lab.nodes.items() if " 10.0.0.10" in node.ask(*ask)]


def comes_about(shown: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not shown():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def settled(lab: Lab) -> None:
    instances = [group[0] for group in lab.plain.instances.values()]
    time.sleep(max(master_down_s(i.priority, i) for i in instances) + 3)


def kill_on_owner(lab: Lab, process: str = "haproxy") -> str:
    gate.await_steady(lab, within_s=PATIENCE_S)
    comes_about(lambda: len(masters(lab)) == 1)  # a busy machine may have it move once more
    (owner,) = masters(lab)
    lab.nodes[owner].act(Signal(process, "KILL"), **OF_A_FAULT)
    return owner


def vip_never_moves(lab: Lab) -> None:
    owner = kill_on_owner(lab)
    time.sleep(STAYS_S)
    assert masters(lab) == [owner]


def vip_moves(lab: Lab) -> None:
    owner = kill_on_owner(lab)
    comes_about(lambda: masters(lab) != [owner])


def goes_to_and_fro(lab: Lab) -> None:
    owner = kill_on_owner(lab)
    for _ in range(2):
        comes_about(lambda: masters(lab) not in ([], [owner]))
        comes_about(lambda: masters(lab) == [owner])


def two_masters(lab: Lab) -> None:
    settled(lab)
    comes_about(lambda: len(masters(lab)) >= 2)
    time.sleep(3)
    comes_about(lambda: len(masters(lab)) >= 2)  # still, or again where a busy machine has had one fall silent


def there_twice(lab: Lab) -> None:
    ask = ["ip", "-o", "-4", "addr", "show", "to", "10.0.0.12"]
    comes_about(lambda: [name for name, node in lab.nodes.items() if node.ask(*ask)] == ["m1", "m2"])


def taken_for_backup(lab: Lab) -> None:
    settled(lab)
    complaint = "unknown state 'master', defaulting to BACKUP"
    comes_about(lambda: complaint in lab.nodes["m1"].ask("sh", "-c", "cat /var/log/harness/keepalived/*"))


def there_and_reached_by_nobody(lab: Lab) -> None:
    with pytest.raises(UnsteadyError, match="vrrp_strict has keepalived drop what is sent to it") as told:
        gate.await_steady(lab, within_s=PATIENCE_S)
    assert told.value.certain and set(answers(lab, 3)) == {"000"}
    comes_about(lambda: bool(masters(lab)))  # a busy machine may have its adverts come too late for a moment


def fails_although_all_is_well(lab: Lab) -> None:
    comes_about(lambda: lab.unsteady() is None)  # but for what the owner advertises
    said = r"check_apiserver(?:\) failed|` now returning)"
    with pytest.raises(UnsteadyError, match=f"once its checks pass; it said last: .*{said}"):
        gate.await_steady(lab, within_s=20)


def never_taken_out(lab: Lab) -> None:
    settled(lab)
    lab.nodes["m2"].act(CutOff("eth0"), **OF_A_FAULT)
    time.sleep(8)
    comes_about(lambda: any("no check" in said for said in statuses(lab)))
    assert answers(lab, 9).count("000") >= 2


def every_backend_is_out(lab: Lab) -> None:
    comes_about(lambda: set(statuses(lab)) == {"DOWN"})
    assert set(answers(lab, 3)) == {"000"}


def green_and_of_no_use(lab: Lab) -> None:
    comes_about(lambda: set(statuses(lab)) == {"UP"})
    assert set(answers(lab, 6)) == {"000"}
    assert set(statuses(lab)) == {"UP"}


def nobody_ever_has_it(lab: Lab) -> None:
    settled(lab)
    assert masters(lab) == []


def haproxy_dies_at_the_first_retry(lab: Lab) -> None:
    with suppress(UnsteadyError):  # on a busy machine it retries, and dies, before the first steady state
        kill_on_owner(lab, "kube-apiserver")
    comes_about(lambda: bool(answers(lab, 3)) and not all(map(runs_haproxy, lab.nodes.values())))


def haproxy_runs_nowhere(lab: Lab) -> None:
    settled(lab)
    assert not any(map(runs_haproxy, lab.nodes.values()))


def keepalived_ends(lab: Lab) -> None:
    comes_about(lambda: all(map(has_ended, lab.nodes.values())))


def has_ended(node: Machine) -> bool:
    return "exited with permanent error CONFIG" in node.ask("sh", "-c", "cat /var/log/harness/keepalived/*")


def runs_haproxy(node: Machine) -> bool:
    return "haproxy" in node.ask("ps", "-eo", "comm").split()


def one_of_the_two_runs(lab: Lab) -> None:
    settled(lab)
    for node in lab.nodes.values():  # the other is started again and again, and sees each time that it cannot be
        comes_about(partial(runs_one_of_the_two, node))


def runs_one_of_the_two(node: Machine) -> bool:
    return len({"haproxy", "kube-apiserver"} & set(node.ask("ps", "-eo", "comm").split())) == 1


def runs_only_beside_the_vip(lab: Lab) -> None:
    """haproxy cannot start but beside the VIP, which on a busy machine every node has had for a moment."""
    settled(lab)
    comes_about(lambda: any(map(cannot_bind, lab.nodes.values())))
    running = [node for node in lab.nodes.values() if runs_haproxy(node)]
    assert all(map(has_had_the_vip, running))
    for node in lab.nodes.values():
        comes_about(partial(cannot_bind_or_had_the_vip, node))


def cannot_bind_or_had_the_vip(node: Machine) -> bool:
    return cannot_bind(node) or has_had_the_vip(node)


def cannot_bind(node: Machine) -> bool:
    return "cannot bind socket" in node.ask("sh", "-c", "cat /var/log/harness/haproxy/*").lower()


def has_had_the_vip(node: Machine) -> bool:
    told = node.ask("cat", "/var/lib/harness/events/node.jsonl").splitlines()
    return any(e["kind"] == "vip" and e["data"]["present"] for e in map(json.loads, told))


def quorum_is_lost_with_one(lab: Lab) -> None:
    gate.await_steady(lab, within_s=PATIENCE_S)
    lab.nodes["m2"].act(Signal("etcd", "KILL"), **OF_A_FAULT)
    ask = ("curl", "-sk", "-m", "5", "-w", "%{http_code}", "https://10.0.0.11:6443/readyz")
    comes_about(lambda: lab.client.ask(*ask).endswith("500"))


LAZY = "state BACKUP\n    nopreempt"
OTHER_GROUP = "global_defs {\n    vrrp_mcast_group4 224.0.0.19"
CLAIMS = {
    "K01 a negative weight too small": Claim("K01", [(ALL, "weight -20", "weight -2")], vip_never_moves),
    "K01 a positive weight too small": Claim("K01", [(ALL, "weight -20", "weight 5")], vip_never_moves),
    "K02": Claim("K02", [(f"m{n}/keepalived.conf", "state BACKUP", LAZY) for n in (2, 3)], vip_never_moves),
    "K03": Claim("K03", [(M1, "state BACKUP", "state master")], taken_for_backup),
    "K05": Claim("K05", [(M2, "advert_int 1", "advert_int 2")], two_masters),
    "K06 the router": Claim("K06", [(M2, "virtual_router_id 77", "virtual_router_id 78")], two_masters),
    "K06 the secret": Claim("K06", [(M2, "auth_pass 8letters", "auth_pass another")], two_masters),
    "K06 the group": Claim("K06", [*MULTICAST, (M2, "global_defs {", OTHER_GROUP)], two_masters),
    "K06 unicast or not": Claim("K06", MULTICAST[1:2], two_masters),
    "K06 the address": Claim("K06", [(M2, "        10.0.0.100", "        10.0.0.101")], two_masters),
    "K07 an unknown name": Claim("K07", [(M1, "       check_apiserver\n", "       check_apiservr\n")], vip_never_moves),
    "K07 no such script": Claim("K07", [(M1, "/keepalived/check.sh", "/keepalived/chk.sh")], vip_never_moves),
    "K12": Claim("K12", [(ALL, TRACKED, "")], vip_never_moves),
    "K13": Claim("K13", [(M1, "        10.0.0.12\n", "")], two_masters),
    "K18 past haproxy": Claim("K18", [(CHECK, "8443/livez", "6443/livez")], vip_never_moves),
    "K20 no shell": Claim(
        "K20", [(ALL, "/etc/keepalived/check.sh", "/usr/bin/killall -0 haproxy && true")], fails_although_all_is_well
    ),
    "K20 no right": Claim(
        "K20",
        [
            (ALL, "script_user root", "script_user nobody"),
            (ALL, "/etc/keepalived/check.sh", "/usr/bin/killall -0 haproxy"),
        ],
        fails_although_all_is_well,
    ),
    "K20 a path that nobody may read": Claim("K20", [(CHECK, "/livez", "/livez/ping")], fails_although_all_is_well),
    "K21 a word": Claim("K21", [(ALL, "track_script {", "track_scripts {")], vip_never_moves),
    "K21 no router id": Claim("K21", [(ALL, "    virtual_router_id 77\n", "")], keepalived_ends),
    "K22": Claim("K22", [(ALL, "    script_user root\n", "")], vip_never_moves),
    "H17": Claim("H17", [(PROXY, "retries 2", "retrys 2")], haproxy_runs_nowhere),
    "K32": Claim("K32", [(CHECK, "localhost", "10.0.0.100"), (ALL, "weight -20", "weight 0")], nobody_ever_has_it),
    "K27 no shebang": Claim("K27", [(CHECK, "#!/bin/sh\n", "")], vip_never_moves),
    "K33": Claim("K33", [(CHECK, "curl", "ip addr | grep -q 10.0.0.100 || exit 0\ncurl")], goes_to_and_fro),
    "K34": Claim("K34", [(ALL, "        10.0.0.100\n", "        10.0.0.12\n")], there_twice),
    "K27 carriage return": Claim("K27", [(CHECK, "#!/bin/sh\n", "#!/bin/sh\r\n")], vip_never_moves),
    "K27 finds itself": Claim(
        "K27", [(CHECK, "curl -sfk --max-time 2 https://localhost:8443/livez", "pgrep check")], vip_never_moves
    ),
    "K27 always red": Claim(
        "K27", [(CHECK, "/livez\n", "/livez\nexit 1\n"), (ALL, "weight -20", "weight 0")], nobody_ever_has_it
    ),
    "K24": Claim("K24", [(ALL, "script_user root", "script_user root\n    vrrp_strict")], there_and_reached_by_nobody),
    "K25": Claim("K25", [(ALL, TRACKED, "    track_process {\n        proxi\n    }\n")], vip_never_moves),
    "H01": Claim("H01", [(PROXY, "default-server check ", "default-server ")], never_taken_out),
    "H02": Claim("H02", [(PROXY, "check-ssl verify none ", "")], every_backend_is_out),
    "H02 OPTIONS": Claim("H02", [(PROXY, "httpchk GET /readyz", "httpchk /readyz")], every_backend_is_out),
    "H03": Claim("H03", [(PROXY, "option redispatch\n", "option redispatch -3\n")], haproxy_dies_at_the_first_retry),
    "H10 the apiserver's port": Claim("H10", [(PROXY, "bind *:8443", "bind *:6443")], one_of_the_two_runs),
    "H10 the VIP": Claim("H10", [(PROXY, "bind *:8443", "bind 10.0.0.100:8443")], runs_only_beside_the_vip),
    "H23": Claim("H23", [(PROXY, "default-server check ", "default-server send-proxy check ")], every_backend_is_out),
    "H18": Claim("H18", [(PROXY, "check check-ssl", "check ssl")], green_and_of_no_use),
    "E01": Claim(
        "E01",
        [
            (PROXY, "    server m3 10.0.0.13:6443\n", ""),
            *((f"m{n}/keepalived.conf", "        10.0.0.13\n", "") for n in (1, 2)),
        ],
        quorum_is_lost_with_one,
        nodes=2,
    ),
    "without a fault": Claim("", [], vip_moves),
}


@pytest.fixture(scope="module")
def seen(engine, tmp_path_factory):
    """Have every lab show its claim, as it runs for an operator who has asked neither lint nor daemon."""

    def watched(name: str) -> BaseException | None:
        claim, place = CLAIMS[name], folders[name]
        found = made(place, *claim.changes)
        if claim.nodes != 3:
            addresses = "".join(f'm{n} = "10.0.0.1{n}"\n' for n in range(1, claim.nodes + 1))
            (place / "profile.toml").write_text(f"[nodes]\n{addresses}")
            for beyond in range(claim.nodes + 1, 4):
                shutil.rmtree(place / f"m{beyond}")
        try:
            assert codes(found) >= ({claim.code} if claim.code else set())
            with labs.up(engine, folder.load(place), lambda text: None) as lab:
                claim.shows(lab)
        except (Exception, pytest.fail.Exception) as error:
            return error
        return None

    folders = {name: tmp_path_factory.mktemp("broken") for name in CLAIMS}
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(LABS) as pool:
        patch.setattr(preflight, "check", lambda *words: [])
        patch.setattr(folder, "starting", lambda profile: profile)
        return dict(zip(CLAIMS, pool.map(watched, CLAIMS), strict=True))


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", CLAIMS)
def test_the_lab_shows_what_the_rule_says(seen, name):
    if seen[name] is not None:
        raise seen[name]


def test_every_rule_that_speaks_of_an_error_is_among_them():
    errors = {code for code, severity, _ in BROKEN if severity is Severity.ERROR}
    assert {claim.code for claim in CLAIMS.values() if claim.code} == errors


def statuses(lab: Lab) -> list[str]:
    """Return each server's status as the owner's haproxy tells it; none while nobody is the owner."""
    owner = next(iter(masters(lab)), None)
    if owner is None:
        return []
    ask = "echo 'show stat -1 4 -1' | python3 -c \"import socket,sys;s=socket.socket(socket.AF_UNIX);" + (
        "s.connect('/run/haproxy/harness.sock');s.sendall(sys.stdin.read().encode());print(s.recv(65536).decode())\""
    )
    rows = lab.nodes[owner].ask("sh", "-c", ask).splitlines()
    column = rows[0].split(",").index("status")
    return [row.split(",")[column] for row in rows[1:] if row.count(",") > column]


def answers(lab: Lab, count: int) -> list[str]:
    """Return the HTTP status of some requests through the VIP; 000 where there was no answer."""
    ask = "curl -sk -m 1 -o /dev/null -w '%{http_code} ' https://10.0.0.100:8443/livez"
    return lab.client.ask("sh", "-c", f"for i in $(seq {count}); do {ask}; done; true").split()
