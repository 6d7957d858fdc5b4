import difflib

import pytest

from harness import assets
from harness.profile import haproxy
from harness.profile.files import HAPROXY
from harness.profile.folder import find, load
from harness.profile.instrument import instrument


def added(before, after):
    return [line[2:].strip() for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


@pytest.mark.parametrize(("name", "lines"), [("article", 2), ("kubeadm", 2)])
def test_the_least_that_works_is_added(name, lines):
    plain = load(find(name, assets.PROFILES))
    run_as = instrument(plain)
    for node, group in plain.files.items():
        changes = [c for a, b in zip(group, run_as.profile.files[node], strict=True) for c in added(a.text, b.text)]
        assert len(changes) == lines and changes[0] == "vrrp_notify_fifo /run/keepalived/harness.fifo"


def test_a_socket_is_where_the_agents_look():
    run_as = instrument(load(find("kubeadm", assets.PROFILES)))
    text = run_as.profile.text("m1", HAPROXY)
    assert haproxy.stats_socket(haproxy.parse(text, "h")) == run_as.haproxy_sockets["m1"]


def test_how_sessions_end_is_logged_only_where_it_was_not():
    for name, times in (("article", 1), ("kubeadm", 1)):
        run_as = instrument(load(find(name, assets.PROFILES)))
        assert run_as.profile.text("m1", HAPROXY).count("option tcplog") == times
