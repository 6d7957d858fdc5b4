"""Files without a fault, and the set-up that they make after some change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from harness.lint.examine import Objection, examine
from harness.lint.reading import read

KEEPALIVED = """\
global_defs {{
    script_user root
    enable_script_security
}}
vrrp_script check_apiserver {{
    # harness: ignore K09
    script "/etc/keepalived/check.sh"
    interval 2
    timeout 3
    weight -20
    fall 2
}}
vrrp_instance VI_1 {{
    state BACKUP
    interface eth0
    virtual_router_id 77
    priority {priority}
    advert_int 1
    garp_master_refresh 10
    unicast_src_ip 10.0.0.{host}
    unicast_peer {{
        10.0.0.{one}
        10.0.0.{other}
    }}
    authentication {{
        auth_type PASS
        auth_pass 8letters
    }}
    virtual_ipaddress {{
        10.0.0.100
    }}
    track_script {{
        check_apiserver
    }}
}}
"""
CHECK = "#!/bin/sh\ncurl -sfk --max-time 2 https://localhost:8443/livez\n"
HAPROXY = """\
global
    hard-stop-after 10m
defaults
    mode tcp
    option redispatch
    retries 2
    timeout connect 1s
    timeout client 2h
    timeout server 2h
    timeout check 2s
frontend k8s
    bind *:8443
    default_backend masters
backend masters
    option httpchk GET /readyz
    default-server check check-ssl verify none on-marked-down shutdown-sessions
    # harness: ignore H07
    server m1 10.0.0.11:6443
    server m2 10.0.0.12:6443
    server m3 10.0.0.13:6443
"""
MANAGER = "spec:\n  - command:\n    - --node-monitor-grace-period=50s\n"
Change = tuple[str, str, str]  # (file, before, after); a file "*/keepalived.conf" stands for every node's


def made(folder: Path, *changes: Change, mode: int = 0o755) -> list[Objection]:
    """Write the files with some changes and return what is found."""
    texts = {"haproxy.cfg": HAPROXY, "etc/keepalived/check.sh": CHECK}
    texts["etc/kubernetes/manifests/kube-controller-manager.yaml"] = MANAGER
    for number, priority in ((1, 110), (2, 105), (3, 100)):
        one, other = (10 + n for n in (1, 2, 3) if n != number)
        about = {"priority": priority, "host": 10 + number, "one": one, "other": other}
        texts[f"m{number}/keepalived.conf"] = KEEPALIVED.format(**about)
    for file, before, after in changes:
        for name in [n for n in texts if n == file or (file.startswith("*") and n.endswith(file[1:]))]:
            assert before in texts[name]
            texts[name] = texts[name].replace(before, after)
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "etc/keepalived/check.sh").chmod(mode)
    return examine(read([folder]))


def codes(found: list[Objection], want: Callable[[Objection], bool] = lambda f: True) -> set[str]:
    return {f.code for f in found if want(f)}
