from dataclasses import replace

import msgspec
import pytest

from harness.lint.examine import examine
from harness.lint.reading import of_profile
from harness.lint.rule import Severity
from harness.profile.tried import State
from tests.chain.test_table import OWN_CHECK, tried
from tests.predict.made import profile

WELL, DEAD, HUNG = State.WELL, State.PROXY_DEAD, State.PROXY_HUNG
ERROR, WARNING = Severity.ERROR, Severity.WARNING


def found(made):
    return {(f.severity, f.message) for f in examine(of_profile(made)) if f.code == "K20"}


def with_trial(made, number, **about):
    """The profile whose n-th trial has something else to say."""
    row = made.tried.rows[0]
    trials = [msgspec.structs.replace(t, **about) if n == number else t for n, t in enumerate(row.trials)]
    rows = (msgspec.structs.replace(row, trials=tuple(trials)),)
    return replace(made, tried=msgspec.structs.replace(made.tried, rows=rows))


@pytest.mark.parametrize("check", [OWN_CHECK, "#!/bin/sh\nkillall -0 haproxy\n", "#!/bin/sh\npidof haproxy\n"])
def test_a_check_that_passes_whether_haproxy_lives_or_not_is_an_error_whatever_its_text(check):
    ((severity, told),) = found(tried(profile(check=check), (WELL, True), (DEAD, True)))
    assert severity is ERROR and "passes whether haproxy lives or not (tried" in told


def test_a_check_that_fails_or_does_both_where_all_is_well_is_an_error():
    for made in (tried(profile(), (WELL, False), (DEAD, False)), tried(profile(), (WELL, None), (DEAD, False))):
        ((severity, told),) = found(made)
        assert severity is ERROR and "although all is well" in told


def test_one_that_fails_only_without_the_vip_says_so():
    made = tried(profile(), (WELL, True), (WELL, False, False), (DEAD, False))
    ((_, told),) = found(made)
    assert "although all is well and the node has not the VIP" in told


def test_one_that_starts_what_is_dead_is_a_warning_and_not_said_to_be_blind():
    made = with_trial(tried(profile(), (WELL, True), (DEAD, True)), 1, started=("haproxy",))
    ((severity, told),) = found(made)
    assert severity is WARNING and "starts haproxy itself" in told


@pytest.mark.parametrize(
    "command",
    ["killall -0 haproxy && true", "/usr/bin/pgrep haproxy || exit 1", "/usr/bin/curl -f http://a/ | grep ok"],
)
def test_a_shells_operator_in_a_command_is_an_error(command):
    made = profile(keepalived={r'script "/opt.*"': f'script "{command}"'})
    ((severity, told),) = found(made)
    assert severity is ERROR and "keepalived runs no shell" in told


@pytest.mark.parametrize(
    "made",
    [
        profile(),
        tried(profile(), (WELL, True), (DEAD, False)),
        tried(profile(), (WELL, True), (DEAD, False), (HUNG, True)),  # K08 says that
        tried(profile(check=OWN_CHECK), (WELL, True)),
        with_trial(tried(profile(), (WELL, True), (DEAD, False)), 1, stopped=("keepalived",)),
        with_trial(tried(profile(), (WELL, False), (DEAD, False)), 0, why="a lab's machines have no docker"),
        profile(keepalived={r'script "/opt.*"': "script \"/bin/sh -c 'pidof haproxy || exit 1'\""}),
        profile(keepalived={"router_id LVS": "router_id LVS\n    script_user root"}),
    ],
)
def test_innocent_ones(made):
    assert not found(made)


def test_a_user_who_may_not_signal_haproxy_is_told_beforehand():
    made = profile(keepalived={"router_id LVS": "router_id LVS\n    script_user nobody"})
    ((severity, told),) = found(made)
    assert severity is ERROR and "runs as nobody, who may not signal haproxy" in told
    asked = profile(check="#!/bin/sh\npidof haproxy\n", keepalived={"router_id LVS": "script_user nobody"})
    assert not found(asked)


def test_what_was_tried_is_not_called_not_understood():
    made = profile(check=OWN_CHECK)
    assert "K17" in {f.code for f in examine(of_profile(made))}
    assert "K17" not in {f.code for f in examine(of_profile(tried(made, (WELL, True), (DEAD, False))))}
