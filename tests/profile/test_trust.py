"""Where certificates are named that no lab has."""

from dataclasses import replace

from harness.profile import trust
from harness.profile.files import HAPROXY, File
from harness.profile.instrument import instrument
from harness.profile.record import record
from harness.report.added import configuration

PROXY = """\
global
    ca-base /etc/ssl/ca
    crt-base /etc/ssl/own
frontend api
    bind *:8443 ssl crt lb.pem
    bind *:9443 ssl crt /etc/haproxy/certs ca-file /etc/haproxy/clients.crt
backend apis
    default-server check check-ssl verify required ca-file kubernetes.crt
    server m1 10.0.0.11:6443 ca-file @system-ca
    server m2 10.0.0.12:6443 ca-file /etc/ssl/certs/ca-certificates.crt
"""
SCRIPT = "#!/bin/sh\ncurl -sf --cacert /etc/kubernetes/pki/ca.crt https://10.0.0.100:8443/livez || exit 1\n"
GROUP = [File(HAPROXY, PROXY), File("/etc/keepalived/check.sh", SCRIPT)]


def test_whom_haproxy_and_scripts_trust_is_looked_for_where_they_say():
    assert trust.authorities(GROUP) == [
        "/etc/kubernetes/pki/ca.crt",
        "/etc/haproxy/clients.crt",
        "/etc/ssl/ca/kubernetes.crt",
    ]


def test_what_haproxy_shows_is_a_file_or_one_in_a_folder():
    assert trust.certificates(GROUP) == ["/etc/ssl/own/lb.pem", "/etc/haproxy/certs/lab.pem"]


def test_it_is_declared_also_in_the_place_of_what_the_operator_has_there(article):
    file = File("/etc/kubernetes/pki/ca.crt", "the operator's own\n", source="etc/kubernetes/pki/ca.crt")
    script = File("/etc/keepalived/verify.sh", SCRIPT, 0o755, "etc/keepalived/verify.sh")
    files = {node: [*group, file, script] for node, group in article.files.items()}
    plain = replace(article, files=files)
    shown = {one.path: one for one in configuration(record(plain, instrument(plain).profile))}
    assert ("del", "-the operator's own") in shown["/etc/kubernetes/pki/ca.crt"].added
    assert ("add", "+# the lab's own authority") in shown["/etc/kubernetes/pki/ca.crt"].added
