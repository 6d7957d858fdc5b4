import pytest

from harness.chain.look import Asked, Lookup, Question, Verdict, verdicts
from harness.chain.script import called, reading

CHECK = "/etc/keepalived/check.sh"
ON_HAPROXY = Question(Lookup("haproxy", signals=True), Verdict(True), Verdict(False))


@pytest.mark.parametrize(
    "command",
    [
        "/usr/bin/killall -0 haproxy",
        "/usr/bin/env killall -0 haproxy",
        "/bin/sh -c 'killall -0 haproxy'",
        CHECK,
        f"/bin/bash {CHECK}",
        f"/bin/sh -x {CHECK}",
        f"/usr/bin/timeout 3 {CHECK}",
    ],
)
def test_a_command_and_a_script_that_it_calls_come_to_the_same(command):
    assert reading(command, {CHECK: "#!/bin/sh\nkillall -0 haproxy\n"}) == ON_HAPROXY


def test_a_limit_holds_for_all_that_is_run_under_it():
    asks = "#!/bin/bash -e\ncurl -kLfs https://localhost:8443/readyz\n"
    found = reading(f"/usr/bin/timeout 1.9 {CHECK}", {CHECK: asks})
    assert isinstance(found, Question) and found.look == Asked("localhost", 8443, "/readyz", True, 1.9)
    assert reading(f"timeout 1.9 {CHECK}", {CHECK: "#!/bin/sh\nsleep 5"}) == Verdict(
        False, "it sleeps longer than its limit, 1.9 s"
    )


def test_without_a_shebang_the_kernel_runs_nothing_and_keepalived_takes_that_for_success():
    found = reading(CHECK, {CHECK: "killall -0 haproxy\n"})
    assert isinstance(found, Verdict) and found.passes
    assert "no #! line" in found.why
    assert reading(f"/bin/sh {CHECK}", {CHECK: "killall -0 haproxy\n"}) == ON_HAPROXY


@pytest.mark.parametrize(
    ("command", "text", "why"),
    [
        (CHECK, "#!/usr/bin/env python3\nimport os\n", "program for python3"),
        (CHECK, "#!/usr/bin/perl\n", "program for /usr/bin/perl"),
        ("/usr/local/bin/own-check --deep", "", "what `/usr/local/bin/own-check --deep` does is not known"),
        ("/usr/bin/curl -f http://a/ | /usr/bin/grep ok", "", "keepalived runs no shell"),
        ("''", "", "no command"),
    ],
)
def test_what_is_not_understood_is_said(command, text, why):
    (found,) = verdicts(reading(command, {CHECK: text} if text else {}))
    assert found.passes is None and why in found.why


def test_sh_with_e_ends_at_the_first_failure():
    assert reading(CHECK, {CHECK: "#!/bin/sh -e\nkillall -0 haproxy\ntrue\n"}) == ON_HAPROXY


def test_an_operator_is_a_word_like_any_other_where_there_is_no_shell():
    """By trial: killall wants every name, pgrep takes one, and curl's status is its last URL's."""
    for command in (
        "killall -0 haproxy && true",
        "pgrep haproxy || systemctl start haproxy",
        "nc -z localhost 1 || exit 1",
    ):
        (found,) = verdicts(reading(command, {}))
        assert found.passes is False and "runs no shell" in found.why
    asked = reading("/usr/bin/curl -m 1 -fs http://a/ && /usr/bin/curl -fs http://b/", {})
    assert isinstance(asked, Question) and asked.look == Asked("b", 80, "/", True, 1.0, tls=False, open=False)


@pytest.mark.parametrize(
    ("command", "text", "needs"),
    [
        ("/usr/bin/killall -0 haproxy", "", set()),
        (
            CHECK,
            "#!/bin/sh\nfail() { echo no; }\ncurl -s a || fail\nip a | grep -q b",
            {"/bin/sh", "curl", "echo", "ip", "grep"},
        ),
        (
            f"timeout 2 {CHECK}",
            "#!/usr/bin/env bash\nif ! docker ps; then exit 1; fi",
            {"/usr/bin/env", "bash", "docker", "exit"},
        ),
        (CHECK, "#!/usr/bin/env python3\nimport os", {"/usr/bin/env", "python3"}),
        ("/bin/sh -c 'nc -z localhost 1'", "", {"nc"}),
        (CHECK, "#!/bin/bash\r\ntrue\r\n", {"true"}),
    ],
)
def test_which_programs_a_command_needs(command, text, needs):
    assert called(command, {CHECK: text} if text else {}) == needs


SCRIPT = "/etc/keepalived/check_haproxy.sh"


@pytest.mark.parametrize(
    ("path", "command", "itself"),
    [
        (SCRIPT, "pgrep haproxy", True),  # the kernel calls it check_haproxy.s
        (SCRIPT, "pgrep -f haproxy", True),
        (SCRIPT, "pgrep -x haproxy", False),
        (SCRIPT, "pgrep ^haproxy", False),
        (SCRIPT, "pidof haproxy", False),
        ("/etc/keepalived/check.sh", "pgrep haproxy", False),
        ("/etc/haproxy/check.sh", "pgrep -f haproxy", True),
    ],
)
def test_a_script_whose_own_name_fits_finds_itself(path, command, itself):
    found = reading(path, {path: f"#!/bin/sh\n{command}\n"})
    assert isinstance(found, Verdict) is itself
    if isinstance(found, Verdict):
        assert found.passes and "finds the script itself" in found.why


def test_a_shell_that_is_called_has_the_shells_name():
    called = reading(f"/bin/sh {SCRIPT}", {SCRIPT: "pgrep haproxy\n"})
    assert isinstance(called, Question)
    whole = reading(f"/bin/sh {SCRIPT}", {SCRIPT: "pgrep -f haproxy\n"})
    assert isinstance(whole, Verdict)
    assert whole.passes


def test_a_carriage_return_is_a_part_of_the_interpreters_name():
    found = reading(SCRIPT, {SCRIPT: "#!/bin/sh\r\npidof haproxy\r\n"})
    assert isinstance(found, Verdict)
    assert found.passes and "carriage return" in found.why
