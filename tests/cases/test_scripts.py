"""The check scripts of the cases, by experiment: each as keepalived runs it, all in one lab, in every state of the chain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from harness.chain import table
from harness.chain.router import Router
from harness.lab import tryout
from harness.lint.examine import examine
from harness.lint.reading import of_profile
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
