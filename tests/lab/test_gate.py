"""What real people's files meet before anything is broken: each lab is up for some seconds."""

import dataclasses

import pytest

from harness import assets
from harness.errors import UnsteadyError
from harness.lab import gate
from harness.lab import lab as labs
from harness.profile import folder as profiles
from harness.profile.files import HAPROXY, KEEPALIVED

pytestmark = pytest.mark.lab


def changed(path: str, before: str, after: str):
    """Return the profile `kubeadm` with one thing changed in a file of all nodes."""
    plain = profiles.load(profiles.find("kubeadm", assets.PROFILES))
    files = {
        node: [dataclasses.replace(f, text=f.text.replace(before, after, 1)) if f.path == path else f for f in group]
        for node, group in plain.files.items()
    }
    assert files != plain.files
    return dataclasses.replace(plain, files=files)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("global\n", "global\n    maxconn 20000\n"),
        ("global\n", "global\n    stats socket /opt/balancer/run/admin.sock mode 660 level admin\n"),
    ],
)
def test_what_runs_on_a_host_runs_in_a_lab(engine, before, after):
    with labs.up(engine, changed(HAPROXY, before, after), print) as lab:
        gate.await_steady(lab, within_s=200)


def test_a_proxy_that_ends_is_told_at_once_with_its_last_words(engine):
    profile = changed(HAPROXY, "    bind ", "    bind 192.0.2.7:9000\n    bind ")
    with labs.up(engine, profile, print) as lab, pytest.raises(UnsteadyError) as told:
        gate.await_steady(lab, within_s=600)
    assert told.value.certain
    assert told.value.cause.startswith("haproxy on m1 (and on m2, m3) ended by itself; it said last: ")
    assert "cannot bind socket (Cannot assign requested address) for [192.0.2.7:9000]" in told.value.cause


def test_a_check_that_never_passes_is_told_with_what_keepalived_said_of_it(engine):
    profile = changed(KEEPALIVED, "weight -2", "weight 0\n    timeout 2")
    profile = dataclasses.replace(
        profile,
        files={
            node: [dataclasses.replace(f, text="#!/bin/sh\nexit 3\n") if f.path.endswith(".sh") else f for f in group]
            for node, group in profile.files.items()
        },
    )
    with labs.up(engine, profile, print) as lab, pytest.raises(UnsteadyError) as told:
        gate.await_steady(lab, within_s=30)
    assert not told.value.certain
    assert "no node has the VIP: keepalived is FAULT on m1, FAULT on m2, FAULT on m3" in told.value.cause
    assert told.value.cause.endswith("it said last: VRRP_Script(check_apiserver) failed (exited with status 3)")


@pytest.mark.parametrize("line", ["", '42,"vrid":60}}', '{"kind":"wire.ad', "7"])
def test_a_line_that_is_cut_is_no_event(line):
    assert gate._event(line) == {}
