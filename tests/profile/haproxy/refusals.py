"""Changes to a file without a fault: those for which haproxy 2.6 refuses it, and those that it takes."""

from __future__ import annotations

from tests.lint.files import HAPROXY

# (what is changed, into what, a part of what is said)
REFUSED = [
    ("    bind *:8443\n", "    bind *:8443\n    bindd :1\n", "does not know `bindd` in frontend; bind"),
    ("    retries 2\n", "    retrys 2\n", "does not know `retrys` in defaults; retries"),
    ("hard-stop-after", "hard-stop-afte", "does not know `hard-stop-afte` in global"),
    ("server m3", "sever m3", "does not know `sever` in backend; server"),
    ("check check-ssl", "check chek-ssl", "does not know `chek-ssl` behind default-server; check-ssl"),
    ("bind *:8443", "bind *:8443 sssl", "does not know `sssl` behind bind; ssl"),
    ("option redispatch", "option redispach", "does not know `option redispach`"),
    ("timeout connect", "timeout conect", "does not know `timeout conect`"),
    ("retries 2", "balance leastcon", "does not know `balance leastcon`"),
    ("mode tcp", "mode TCP", "neither tcp nor http"),
    ("hard-stop-after 10m", "nbproc 2", "`nbproc` is no more"),
    ("option redispatch", "redispatch", "`redispatch` is no more; option redispatch"),
    ("timeout connect", "contimeout", "`contimeout` is no more; timeout connect"),
    ("retries 2", "option forceclose", "`option forceclose` is no more"),
    ("retries 2", "no retries", "`no` does not go with retries"),
    ("retries 2", "no option foo", "does not know `option foo`"),
    ("retries 2", "no option tcplog", "`no` does not go with option tcplog"),
    ("    mode tcp", "    bind *:9\n    mode tcp", "not allowed in a defaults section"),
    ("retries 2", "http-request deny", "not allowed in an unnamed defaults section"),
    ("    bind *:8443", "    bind *:8443\n    server x 10.0.0.11:1", "not allowed in a frontend"),
    ("frontend k8s", "frontend k8s *:9", "no address stands behind a frontend's name; bind *:9"),
    ("default_backend masters", "default_backend master", "no backend master"),
    ("default_backend masters", "default_backend %[str(masters)]", "no backend %"),
    ("default_backend masters", "use_backend m if TRUE", "no backend m"),
    ("frontend k8s", "frontend k8s\n    mode http", "in mode http; mode tcp in both"),
    ("server m2 10.0.0.12:6443", "server m1 10.0.0.12:6443", "another server of backend masters is named m1"),
    (
        "backend masters\n    option",
        "backend masters\nbackend masters\n    option",
        "has the name of the backend in line",
    ),
    ("verify none ", "", "whom to trust"),
    (
        "server m3 10.0.0.13:6443",
        "server m3 10.0.0.13:6443 no-check track masters/m9",
        "m3 tracks masters/m9, which there",
    ),
    ("server m3 10.0.0.13:6443", "server m3 10.0.0.13:6443 no-check track m3", "which is not checked"),
    ("option httpchk GET /readyz", "option external-check", "needs external-check in the global section"),
    ("option httpchk GET /readyz", "option external-check", "has no external-check command to run"),
    ("verify none", "verify none interface lo", "does not know `interface`"),
    ("10.0.0.13:6443\n", "10.0.0.13:6443", "no newline at its end"),
    ("10.0.0.13:6443\n", "10.0.0.13:6443\n    # the end", "no newline at its end"),
    ("hard-stop-after 10m", "hard-stop-after 10m\n.alert x", "this .alert is reached"),
]
BY_PROGRAM = (
    HAPROXY.replace("    hard-stop-after 10m\n", "    external-check\n    insecure-fork-wanted\n")
    .replace("option httpchk GET /readyz", "option external-check\n    external-check command /etc/haproxy/check.sh")
    .replace(" check-ssl verify none", "")
)
TAKEN = [
    (HAPROXY, BY_PROGRAM),
    ("server m3 10.0.0.13:6443", "server m3 10.0.0.13:6443 no-check track masters/m2"),
    ("server m3 10.0.0.13:6443", "server m3 10.0.0.13:6443 no-check track m2"),
    ("mode tcp", "mode tcp\n    no option contstats"),
    ("hard-stop-after 10m", ".if defined(X)\n.alert x\n.endif"),
    ("hard-stop-after 10m", ".if feature(OPENSSL) && version_atleast(2.4-dev0)\n    maxconn 99\n.endif"),
    ("hard-stop-after 10m", "no busy-polling"),
    ("hard-stop-after 10m", "ssl-server-verify none"),
    ("verify none ", "verify none source 0.0.0.0 interface lo "),
    ("default_backend masters", "use_backend %[str(masters)]"),
    ("default_backend masters", "use_backend masters if { src 10.0.0.1 }\n    default_backend masters"),
    ("defaults", "defaults named\n    http-request deny if FALSE\ndefaults"),
    ("backend masters\n    option", "backend k8s\n    server a 10.0.0.1:1\nbackend masters\n    option"),
    ("backend masters\n    option", "backend masters\n    mode http\n    option"),
    ("retries 2", "log global\n    default-server init-addr libc,none"),
    ("hard-stop-after 10m", "# B\udcfcro\n    description B\udcfcro"),
]
# Taken with a warning.
COMPLAINED_OF = [
    ("    timeout client 2h\n", "", "frontend k8s has no timeout client"),
    ("    timeout connect 1s\n", "", "backend masters has no timeout connect"),
    ("    timeout server 2h\n", "", "backend masters has no timeout server"),
    ("    bind *:8443\n", "", "frontend k8s has no bind"),
    (HAPROXY, BY_PROGRAM.replace("    insecure-fork-wanted\n", ""), "without insecure-fork-wanted"),
    ("    option httpchk GET /readyz\n", "    option httpchk GET /readyz\n    maxconn 9\n", "no effect in a backend"),
    ("    bind *:8443\n", "    bind *:8443\n    balance source\n", "no effect in a frontend"),
]


def changed(before: str, after: str) -> str:
    assert before in HAPROXY
    return HAPROXY.replace(before, after, 1)
