"""Which notify scripts are known to leave alone what serves."""

from dataclasses import replace

import pytest

from harness.chain.meddling import meddling
from harness.profile.files import File
from harness.profile.folder import changed
from tests.predict.made import profile

PATH = "/etc/keepalived/notify.sh"


def called(command: str, text: str | None = None):
    of = profile(keepalived={r"^    virtual_router_id": f'    notify "{command}"\n    virtual_router_id'})
    if text is None:
        return of
    files = {node: [*group, File(PATH, text, 0o755, source="notify.sh")] for node, group in of.files.items()}
    return changed(of, files)


@pytest.mark.parametrize("text", ["#!/bin/sh\necho $3 >/tmp/state\n", "#!/bin/sh\nlogger -t vrrp $*\n"])
def test_what_only_tells_leaves_it_alone(text):
    assert meddling(called(PATH, text), "m1", "MASTER") is None


@pytest.mark.parametrize("line", ["systemctl restart haproxy", "ip route add default via 10.0.0.1", "pkill -9 nginx"])
def test_what_names_a_daemon_or_a_route_may_change_it_and_is_told_with_its_place(line):
    found = meddling(called(PATH, f"#!/bin/sh\n{line}\n"), "m1", "MASTER")
    assert found is not None and found.where.line > 1 and found.command.startswith(PATH)


def test_of_a_program_that_is_not_here_nothing_is_known():
    of = called("/usr/local/bin/elsewhere")
    assert meddling(of, "m1", "MASTER") is not None and meddling(of, "m1", "STOP") is None
    without = replace(of, files={node: list(group) for node, group in profile().files.items()})
    assert meddling(changed(without, without.files), "m1", "MASTER") is None
