import os
import subprocess

import pytest

from harness.agent.trying import TIMES, _awaited, _executable, _ids, _times


def started(text):
    return subprocess.Popen(["/bin/sh", "-c", text], process_group=0)


@pytest.mark.parametrize(("text", "code"), [("exit 0", 0), ("exit 3", 3)])
def test_an_exit_code_is_told_as_it_is(text, code):
    assert _awaited(started(text), 5.0) == (code, f"exit {code}")


def test_one_that_dies_by_itself_has_failed():
    assert _awaited(started("kill -SEGV $$"), 5.0) == (-11, "dies of SIGSEGV")


def test_what_takes_too_long_is_ended_with_all_that_it_has_started():
    code, how = _awaited(started("sleep 60 & sleep 60"), 0.2)
    assert code == -15 and how == "ended by SIGTERM at its timeout, 0.2 s"


def test_one_that_catches_the_signal_has_the_last_word():
    code, how = _awaited(started("trap 'exit 0' TERM; sleep 60 & wait"), 0.5)
    assert code == 0 and how == "exit 0 after SIGTERM at its timeout, 0.5 s"


def test_one_that_ignores_it_is_killed():
    code, how = _awaited(started("trap '' TERM; while :; do sleep 0.1; done"), 0.2)
    assert code == -9 and "SIGKILL" in how


def test_who_may_execute_what(tmp_path):
    program = tmp_path / "check.sh"
    program.write_text("#!/bin/sh\n")
    own = os.stat(program)
    for mode, root, owner, stranger in (
        (0o744, True, True, False),
        (0o645, True, False, True),
        (0o644, False, False, False),
    ):
        program.chmod(mode)
        assert _executable(str(program), 0, 0) is (root if own.st_uid or root else owner)
        if own.st_uid:
            assert _executable(str(program), own.st_uid, own.st_gid) is owner
        assert _executable(str(program), own.st_uid + 4711, own.st_gid + 4711) is stranger


def test_a_user_that_is_not_there_is_named():
    assert _ids(["root"]) == (0, 0)
    for user in (["nobody-of-that-name"], ["root", "nobody-of-that-name"]):
        with pytest.raises(KeyError, match="nobody-of-that-name"):
            _ids(user)


def test_what_takes_long_is_run_less_often():
    assert [_times(0.0), _times(2.0), _times(10.0)] == [TIMES, 2, 1]
