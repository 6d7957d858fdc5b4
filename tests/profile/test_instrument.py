import dataclasses
import difflib

import pytest

from harness import assets
from harness.profile import haproxy, keepalived
from harness.profile.files import HAPROXY, KEEPALIVED
from harness.profile.folder import find, load
from harness.profile.instrument import FIFO, instrument
from tests.profile.oracle import configurations, exact, on_node, proxies


def added(before, after):
    return [line[2:].strip() for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


def instrumented(path, text):
    """Return what becomes of one file in the place of the article's."""
    plain = load(find("article", assets.PROFILES))
    files = {
        node: [dataclasses.replace(f, text=text) if f.path == path else f for f in group]
        for node, group in plain.files.items()
    }
    return instrument(dataclasses.replace(plain, files=files)).profile.text("m1", path)


@pytest.mark.parametrize(("name", "lines"), [("article", 2), ("kubeadm", 2)])
def test_the_least_that_works_is_added(name, lines):
    plain = load(find(name, assets.PROFILES))
    run_as = instrument(plain)
    for node, group in plain.files.items():
        changes = [c for a, b in zip(group, run_as.profile.files[node], strict=True) for c in added(a.text, b.text)]
        assert len(changes) == lines and changes[0] == "vrrp_notify_fifo /run/keepalived/harness.fifo root"


def test_a_socket_is_where_the_agents_look():
    run_as = instrument(load(find("kubeadm", assets.PROFILES)))
    text = run_as.profile.text("m1", HAPROXY)
    assert haproxy.stats_socket(haproxy.parse(text, "h")) == run_as.haproxy_sockets["m1"]


def test_how_sessions_end_is_logged_only_where_it_was_not():
    for name, times in (("article", 1), ("kubeadm", 1)):
        run_as = instrument(load(find(name, assets.PROFILES)))
        assert run_as.profile.text("m1", HAPROXY).count("option tcplog") == times


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("global_defs {\r\n}\r\n", f"global_defs {{\r\n    vrrp_notify_fifo {FIFO} root\r\n}}\r\n"),
        (
            "global_defs { router_id x }\n",
            f"global_defs {{ router_id x }}\nglobal_defs {{\n    vrrp_notify_fifo {FIFO} root\n}}\n",
        ),
        ("x", f"x\nglobal_defs {{\n    vrrp_notify_fifo {FIFO} root\n}}\n"),
    ],
)
def test_the_fifo_goes_where_nothing_else_changes(before, after):
    assert instrumented(KEEPALIVED, before) == after


@pytest.mark.parametrize(("name", "folder", "node"), configurations(), ids=[name for name, _, _ in configurations()])
def test_any_configuration_says_the_same_with_a_fifo(name, folder, node):
    text = on_node(folder)[keepalived.PATH]
    if "vrrp_track_process" in text:  # tests/profile/test_carried.py
        return
    now = instrumented(KEEPALIVED, text)
    before, after = (keepalived.parse(t, "k", "m1") for t in (text, now))
    assert [c.value("vrrp_notify_fifo", "") for c in after.all("global_defs")].count(FIFO) == 1
    assert all(
        line.startswith("+")
        for line in difflib.ndiff(text.split("\n"), now.split("\n"))
        if line[0] in "+-" and line[2:].strip()
    )
    assert [b.words for b in before.children] == [b.words for b in after.children][: len(before.children)]


@pytest.mark.parametrize("path", proxies(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_any_proxy_serves_the_same_with_a_socket(path):
    text = exact(path)
    now = instrumented(HAPROXY, text)
    before, after = haproxy.parse(text, "h"), haproxy.parse(now, "h")
    assert haproxy.stats_socket(after) is not None and not list(haproxy.mute(after))
    ours, theirs = ([dataclasses.replace(s, where={}) for s in haproxy.servers(x)] for x in (before, after))
    assert ours == theirs
