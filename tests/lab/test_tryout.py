import pytest

from harness import assets
from harness.agent.trying import Ended
from harness.chain.chain import Chain
from harness.chain.differing import differing
from harness.lab.tryout import Subject, _together, subjects, untried
from harness.profile.folder import load, shipped
from harness.profile.tried import State
from tests.predict.made import profile

SHIPPED = [pytest.param(folder, id=folder.name) for folder in shipped(assets.PROFILES)]
SUBJECT = Subject("m1", "chk", "/bin/chk", ("root",), 3.0)


def together(*ended, lacking="", subject=SUBJECT):
    return _together(subject, State.WELL, True, ended, lacking)


@pytest.mark.parametrize("folder", SHIPPED)
def test_what_is_shipped_was_tried_and_did_what_its_text_tells(folder):
    made = load(folder)
    assert untried(made) == []
    chain = Chain(made)
    assert [one for node in chain.nodes for s in chain.watches(node) for one in differing(chain, node, s)] == []


def test_scripts_that_are_alike_are_tried_once_and_notify_scripts_too():
    calls = r'\g<0>\n    notify_fault "/bin/f"\n    notify "/bin/n" nobody'
    notifying = profile(keepalived={r"virtual_router_id \d+": calls})
    found = subjects(notifying)
    assert [(one.name, one.notify) for one in found if one.node == "m1"] == [
        ("check_haproxy", False),
        ("FAULT", True),
        ("MASTER", True),
        ("BACKUP", True),
        ("FAULT", True),
    ]
    assert found[2].script.words == ["/bin/n", "INSTANCE", "VI_1", "MASTER", "110"]
    assert found[2].user == ("nobody",)


def test_several_runs_come_to_one_or_to_both_by_turns():
    passed, failed = Ended(True, "exit 0", 0.1), Ended(False, "exit 1", 0.3)
    assert together(passed, passed).passes is True and together(failed).passes is False
    both = together(passed, failed)
    assert both.passes is None and "by turns" in both.how and both.took_s == (0.1, 0.3) and not both.why


@pytest.mark.parametrize(
    ("ended", "why"),
    [
        (Ended(None, "/bin/chk is not found, and keepalived disables it"), "not found"),
        (Ended(False, "exit 127", 0.1, "sh: 3: crictl: not found"), "crictl: not found"),
        (Ended(False, "exit 1", 0.1, "cat: /etc/kubernetes/x: No such file or directory"), "No such file"),
        (Ended(True, "exit 0", 0.1, missed=["systemctl is-active kubelet"]), "systemctl is-active kubelet"),
    ],
)
def test_what_a_lab_cannot_tell_is_not_known(ended, why):
    assert why in together(ended).why


def test_what_a_script_says_of_its_own_is_no_lack():
    for said in ("haproxy: no process found", "curl: (7) Failed to connect to localhost port 8443", "*** local"):
        assert not together(Ended(False, "exit 1", 0.1, said)).why
