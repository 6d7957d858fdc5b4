"""Scripts run as keepalived 2.2.7 runs them, each a few times, in a state that is kept: `-m harness.agent.trying PLAN`.

PLAN is JSON; prints a line for each script, a list of Ended. As in keepalived's lib/notify.c and vrrp_scheduler.c: no
shell, a user's uid and gid, a process group of its own, nothing on stdin; SIGTERM to the group after the timeout,
SIGKILL two seconds later. Where exec fails the child exits with 0, which counts as a success.
"""

from __future__ import annotations

import grp
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Literal

from harness.agent.deeds.deed import Unproven
from harness.agent.deeds.process import Signal
from harness.agent.processes import pids_of

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # systemd's, where keepalived's comes from
MISSED = Path("/run/harness/missed")  # what stand-ins were asked and could not answer
KILL_S = 2.0  # from SIGTERM to SIGKILL
TIMES, BRIEF_S, LONG_S = 3, 1.0, 5.0  # how often; twice is enough after a second, and once after five
SETTLES_S = 0.15  # what a script has set going shows by then
STARTS_S = 20.0
SIGNALS = 3  # how often a daemon is signalled whose processes come and go
TAIL = 300


@dataclass(frozen=True)
class Script:
    """What to run, as whom (a user, and a group where one is named), and for how long."""

    words: list[str]
    user: list[str]
    limit_s: float


@dataclass(frozen=True)
class Plan:
    """The scripts to run; which daemons there are, and which of them are to be gone, or to hang."""

    scripts: list[Script]
    runs: list[str]
    gone: list[str] = field(default_factory=list)
    hung: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Ended:
    """How a run ended: `passes` as keepalived counts it, None where it would not run it; daemons by name."""

    passes: bool | None
    how: str
    took_s: float = 0.0
    said: str = ""
    started: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)


def main() -> None:
    """Bring the daemons about, and run what there is to run."""
    told = json.loads(sys.argv[1])
    plan = Plan(**told | {"scripts": [Script(**one) for one in told["scripts"]]})
    restore(plan)
    for script in plan.scripts:
        ended: list[Ended] = []
        began = time.monotonic()
        while len(ended) < _times(time.monotonic() - began):
            ended.append(tried(script, plan.runs))
            restore(plan)
        print(json.dumps([asdict(one) for one in ended]), flush=True)


def _times(took_s: float) -> int:
    return TIMES if took_s < BRIEF_S else 2 if took_s < LONG_S else 1


def restore(plan: Plan) -> None:
    """Have every daemon as it is to be: a script may have seen to it."""
    began = False
    for name in plan.runs:
        if name in plan.gone:
            _signal(name, "KILL")
            _sv("down", name)
            continue
        if not _alive(name):
            _start(name)
            began = True
        _signal(name, "STOP" if name in plan.hung else "CONT")
    if began:
        time.sleep(0.5)  # until it listens


def _signal(name: str, number: Literal["KILL", "STOP", "CONT"]) -> None:
    """Send a daemon's processes a signal; where one ends meanwhile, those that are left."""
    for _ in range(SIGNALS):
        with suppress(ProcessLookupError, FileNotFoundError, Unproven):
            Signal(name, number).do()
            return
    if _alive(name):
        Signal(name, number).do()


def tried(script: Script, daemons: list[str]) -> Ended:
    """Run a script once, and look what became of some daemons."""
    MISSED.unlink(missing_ok=True)
    try:
        uid, gid = _ids(script.user)
    except KeyError as error:
        return Ended(None, f"no user or group {error.args[0]} here")
    program = shutil.which(script.words[0], os.F_OK, PATH) if "/" not in script.words[0] else script.words[0]
    if program is None or not os.path.isfile(program):
        return Ended(None, f"{script.words[0]} is not found, and keepalived disables it")
    if not _executable(program, uid, gid):
        return Ended(None, f"{program} is not executable for {script.user[0]}, and keepalived disables it")
    before = _running(daemons)
    with tempfile.TemporaryFile() as out:
        begin = time.monotonic()
        try:
            process = _spawn([program, *script.words[1:]], uid, gid, out)
        except OSError as error:
            return Ended(True, f"exec fails ({os.strerror(error.errno or 0)}), which keepalived takes for success")
        code, how = _awaited(process, script.limit_s)
        took_s = time.monotonic() - begin
        time.sleep(SETTLES_S)
        after = _running(daemons)
        with suppress(ProcessLookupError):  # what it left behind is not to meet the next run
            os.killpg(process.pid, signal.SIGKILL)
        out.seek(0)
        said = out.read().decode(errors="replace").strip()[-TAIL:]
    return Ended(
        passes=code == 0,
        how=how,
        took_s=round(took_s, 3),
        said=said,
        started=[name for name in daemons if after[name] - before[name] and not after[name] & before[name]],
        stopped=[name for name in daemons if before[name] and not after[name] & before[name]],
        missed=MISSED.read_text().splitlines() if MISSED.exists() else [],
    )


def _spawn(words: list[str], uid: int, gid: int, out: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.STDOUT,
        env={"PATH": PATH, "LANG": "C.UTF-8"},
        cwd="/",
        user=uid,
        group=gid,
        extra_groups=[gid],
        process_group=0,
    )


def _awaited(process: subprocess.Popen[bytes], limit_s: float) -> tuple[int, str]:
    """Return a run's exit code, and how it ended; that is a failure where keepalived has to end it."""
    for number, wait_s in ((signal.SIGTERM, limit_s), (signal.SIGKILL, KILL_S)):
        try:
            code = process.wait(wait_s)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            ending = number
            continue
        if number is signal.SIGTERM:
            return code, f"exit {code}" if code >= 0 else f"dies of {signal.Signals(-code).name}"
        break
    code = process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    if code >= 0:  # it has caught the signal, and its own exit code counts
        return code, f"exit {code} after {ending.name} at its timeout, {limit_s:g} s"
    return code, f"ended by {ending.name} at its timeout, {limit_s:g} s"


def _ids(user: list[str]) -> tuple[int, int]:
    name, group = user[0], user[1] if len(user) > 1 else ""
    try:
        known = pwd.getpwnam(name)
    except KeyError:
        raise KeyError(name) from None
    try:
        return known.pw_uid, grp.getgrnam(group).gr_gid if group else known.pw_gid
    except KeyError:
        raise KeyError(group) from None


def _executable(program: str, uid: int, gid: int) -> bool:
    about = os.stat(program)
    mode = about.st_mode
    if uid == 0:
        return bool(mode & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH))
    if uid == about.st_uid:
        return bool(mode & stat.S_IXUSR)
    return bool(mode & (stat.S_IXGRP if gid == about.st_gid else stat.S_IXOTH))


def _running(daemons: list[str]) -> dict[str, set[int]]:
    return {name: set(_alive(name)) for name in daemons}


def _alive(name: str) -> list[int]:
    return pids_of("rsyslogd" if name == "rsyslog" else name)


def _start(name: str) -> None:
    _sv("up", name)
    deadline = time.monotonic() + STARTS_S
    while not _alive(name):
        if time.monotonic() > deadline:
            sys.exit(f"{name} does not start again")
        time.sleep(0.02)


def _sv(verb: str, name: str) -> None:
    subprocess.run(["sv", verb, f"/etc/sv/{name}"], capture_output=True, check=False)


if __name__ == "__main__":
    main()
