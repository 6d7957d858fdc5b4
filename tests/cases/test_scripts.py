"""The cases' check scripts by experiment: each as keepalived runs it, all in one lab, in every state of the chain."""

from __future__ import annotations

from pathlib import Path

import docker
import pytest

from harness.chain import table
from harness.chain.chain import Chain
from harness.chain.failure import Kind
from harness.chain.outcome import Run, run
from harness.chain.rest import at_rest
from harness.lab import tryout
from harness.lint.examine import examine
from harness.lint.reading import of_profile
from harness.lint.rule import Severity
from harness.predict.migration import Stays
from harness.predict.predict import predict
from harness.profile.folder import Profile, load
from harness.profile.tried import Row, State

CASES = Path(__file__).parent
# By the case: what it calls, what of it is a file, and keepalived's words for it.
SCRIPTS = {
    "r14": ("/etc/keepalived/r14.sh", "interval 2"),
    "r14b": ("/etc/keepalived/r14.sh --again", "interval 20"),
    "r15": ("/usr/bin/killall -0 haproxy", "interval 2\n    user nobody"),
    "r21": ("/etc/keepalived/r21.sh", "interval 3"),
    "r22": (
        "/usr/bin/curl -o /dev/null -kLfs https://localhost:8443/readyz && "
        "/usr/bin/curl -o /dev/null -kLfs http://localhost:50936/readyz",
        "interval 2",
    ),
    "f05": ("/etc/keepalived/f05.sh", "interval 2"),
    "f01": ("/usr/bin/curl -sf --max-time 1 http://127.0.0.1:8404/health", "interval 2"),
    "f19": ("/usr/bin/curl -sfk --max-time 1 https://localhost:6443/readyz", "interval 2"),
    "r07b": ("/etc/keepalived/r07b.sh", "interval 3"),
    "r06": ("/usr/bin/timeout 1.9 /etc/keepalived/r06.sh", "interval 2"),
    "heals": ("/etc/keepalived/heals.sh", "interval 3"),
    "lacks": ("/etc/keepalived/lacks.sh", "interval 3"),
}
HEALS = "#!/bin/sh\npidof haproxy >/dev/null && exit 0\nservice haproxy restart\nsleep 1\npidof haproxy >/dev/null\n"
LACKS = "#!/bin/sh\ndocker ps 2>/dev/null | grep -q haproxy\n"
FILES = {
    "r14.sh": "r14-cookeem-53-sleep-in-script/etc/keepalived/check_apiserver.sh",
    "r21.sh": "r21-sealos-2-no-shebang/m1/etc/keepalived/check_haproxy.sh",
    "f05.sh": "f05-check-script-stops-keepalived/etc/keepalived/check_haproxy.sh",
    "r07b.sh": "r07b-kubeadm-2939-nofail/etc/keepalived/check_apiserver.sh",
    "r06.sh": "r06-mco-3158-fall2/etc/keepalived/chk_lb.sh",
}
HAPROXY = """\
global
    daemon
defaults
    mode tcp
    retries 1
    timeout connect 2s
    timeout client 1h
    timeout server 1h
    timeout check 1s
frontend api
    bind *:8443
    bind *:9445
    default_backend masters
listen health
    bind *:8404
    mode http
    monitor-uri /health
backend masters
    option httpchk GET /readyz
    option redispatch
    default-server check check-ssl verify none inter 1s fall 2 rise 2
    server m1 198.18.0.11:6443
    server m2 198.18.0.12:6443
    server m3 198.18.0.13:6443
"""
KEEPALIVED = """\
global_defs {{
    script_user root
    enable_script_security
}}
{scripts}
vrrp_instance VI_1 {{
    state BACKUP
    interface eth0
    virtual_router_id 60
    priority {priority}
    notify_backup "/etc/keepalived/backup.sh"
    virtual_ipaddress {{
        198.18.0.100
    }}
    track_script {{
{tracked}
    }}
}}
"""
SCRIPT = 'vrrp_script {name} {{\n    script "{command}"\n    {words}\n    weight -20\n}}'


def written(folder: Path, scripts: dict[str, tuple[str, str]]) -> Profile:
    """Write three nodes that track some scripts, and read them."""
    blocks = [SCRIPT.format(name=name, command=command, words=words) for name, (command, words) in scripts.items()]
    tracked = "\n".join(f"        {name}" for name in scripts)
    texts = {"haproxy.cfg": HAPROXY, "etc/keepalived/backup.sh": "#!/bin/sh\nsystemctl stop haproxy\n"}
    texts |= {f"etc/keepalived/{name}": (CASES / case).read_text() for name, case in FILES.items()}
    texts |= {"etc/keepalived/heals.sh": HEALS, "etc/keepalived/lacks.sh": LACKS}
    for number, priority in ((1, 110), (2, 105), (3, 100)):
        of_node = KEEPALIVED.format(scripts="\n".join(blocks), tracked=tracked, priority=priority)
        texts[f"m{number}/keepalived.conf"] = of_node
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return load(folder)


@pytest.fixture(scope="module")
def tried(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """All scripts of the cases, tried; what came of it lies beside the files."""
    folder = tmp_path_factory.mktemp("cases")
    tryout.ensured(engine, written(folder, SCRIPTS), print, anew=True)
    return load(folder)


def fails_in(profile: Profile, name: str) -> set[State]:
    """Return the states in which a script fails, whoever has the VIP."""
    return {one.state for one in row(profile, name).trials if one.passes is False}


def row(profile: Profile, name: str) -> Row:
    chain = Chain(profile)
    script = next(s for s in chain.scripts("m1") if s.name == name)
    found = table.row(profile, "m1", script)
    assert found is not None
    return found


OWN = {State.ERRORS, State.REFUSES, State.HUNG, State.DEAD}
PROXY = {State.PROXY_DEAD, State.PROXY_HUNG}
WITHOUT_ANY = {State.ALL_DEAD, State.NO_QUORUM}
RIGHT = {
    "r14": {State.DEAD, State.ALL_DEAD},  # ended at its timeout, before it stops keepalived
    "r14b": {State.DEAD, State.ALL_DEAD},
    "r15": set(State),  # nobody may signal haproxy
    "r21": set[State](),  # exec fails, which counts as a success
    "r22": set(State),  # no shell: the last URL decides, and nobody is there
    "f05": {State.PROXY_DEAD},
    "f01": PROXY,
    "f19": OWN | WITHOUT_ANY,
    "r07b": PROXY | WITHOUT_ANY,
    "r06": PROXY | WITHOUT_ANY,
}


@pytest.mark.lab
@pytest.mark.timeout(1200)
def test_every_script_sees_what_it_sees(tried):
    assert {name: fails_in(tried, name) for name in RIGHT} == RIGHT


@pytest.mark.lab
@pytest.mark.timeout(1200)
def test_whether_a_script_gets_as_far_as_stopping_keepalived_depends_on_its_time(tried):
    ended, stops = (row(tried, name).at(State.DEAD, True) for name in ("r14", "r14b"))
    assert ended and not ended.stops and "SIGTERM" in ended.how and 2.0 <= ended.took_s[0] < 3.0
    assert stops and stops.stops and stops.took_s[0] >= 10.0
    dead = row(tried, "f05").at(State.PROXY_DEAD, True)
    assert dead and dead.stops


@pytest.mark.lab
@pytest.mark.timeout(1200)
def test_what_scripts_did_to_daemons_is_seen(tried):
    healed = row(tried, "heals").at(State.PROXY_DEAD, True)
    assert healed and healed.passes and healed.meddles == ("haproxy",)
    found = {(f.code, f.message) for f in examine(of_profile(tried)) if f.code == "K20"}
    for told in (
        "as BACKUP it stops or restarts haproxy",
        "heals starts haproxy itself",
        "r15 fails although all is well",
    ):
        assert any(told in message for _, message in found), told


@pytest.mark.lab
@pytest.mark.timeout(1200)
def test_what_a_lab_lacks_makes_nothing_known(tried):
    found = tried.tried.row(next(one.key(tried) for one in tryout.subjects(tried) if one.name == "lacks"))
    assert found.why == "a lab's machines have no docker"


# By reading alone.


def read(case: str) -> tuple[Profile, Run]:
    """Return a case, and what its check on m1 does when haproxy, or else the apiserver, is dead there."""
    profile = load(CASES / case)
    chain = Chain(profile)
    kind = Kind.PROXY_DEAD if profile.balanced else Kind.APISERVER_DEAD
    standing = at_rest(chain).after(chain.fails(kind, "m1"), "m1")
    return profile, run(chain, "m1", chain.watches("m1")[0], standing)


@pytest.mark.parametrize(
    ("case", "passes"),
    [
        ("r14-cookeem-53-sleep-in-script", False),
        ("r14b-cookeem-53-interval-20", False),
        ("r15-keepalived-1420-unprivileged", False),
        ("r15c-keepalived-1420-weight0", False),
        ("r21-sealos-2-no-shebang", True),
        ("r22-mco-1908-inline-and", None),
    ],
)
def test_a_reading_is_right_or_unknown(case, passes):
    assert read(case)[1].passes is passes


@pytest.mark.parametrize(
    "case", ["r15-keepalived-1420-unprivileged", "r15c-keepalived-1420-weight0", "r22-mco-1908-inline-and"]
)
def test_what_is_certain_without_a_trial_is_an_error(case):
    profile, _ = read(case)
    assert {f.severity for f in examine(of_profile(profile)) if f.code == "K20"} == {Severity.ERROR}


@pytest.mark.parametrize("case", ["r15-keepalived-1420-unprivileged", "r15c-keepalived-1420-weight0"])
def test_a_check_that_is_always_red_moves_nothing(case):
    chain = Chain(load(CASES / case))
    found = predict(chain, chain.fails(Kind.PROXY_DEAD, "m1"), at_rest(chain))
    assert isinstance(found.move, Stays) and found.move.wrong
