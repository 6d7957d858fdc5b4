import os
import subprocess
import sys
import time
from types import SimpleNamespace

from harness.lab import labels, owner


def test_a_process_is_known_by_its_start_too():
    assert owner.lives(owner.mark(os.getpid()))
    assert not owner.lives(f"{os.getpid()}:1")
    assert not owner.lives("nobody")


def test_what_a_dead_process_owned_is_abandoned():
    code = "from harness.lab import labels; import json; print(json.dumps(labels.mark('x')))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    import json

    assert labels.abandoned(json.loads(said))
    assert not labels.abandoned(labels.mark("x"))


def test_a_kept_lab_is_abandoned_only_when_its_time_is_up():
    kept = labels.mark("x", kept=True)
    assert not labels.abandoned(kept)
    assert labels.abandoned(kept | {labels.EXPIRES: "1000"})
    assert labels.abandoned({})


def test_what_was_made_a_moment_before_is_swept_and_what_was_made_after_is_not():
    removed: list[str] = []

    def container(name: str) -> SimpleNamespace:
        marks = labels.mark("x", kept=True)
        return SimpleNamespace(name=name, labels=marks, remove=lambda **_: removed.append(name))

    before = container("before")
    time.sleep(0.001)
    began = time.time()
    time.sleep(0.001)
    found = SimpleNamespace(list=lambda **_: [before, container("after")])
    client = SimpleNamespace(containers=found, networks=SimpleNamespace(list=lambda **_: []))
    assert labels.sweep(client, made_before=began) == removed == ["before"]


def test_what_is_kept_goes_and_what_somebody_runs_stays():
    removed: list[str] = []

    def container(name: str, **more: bool) -> SimpleNamespace:
        return SimpleNamespace(name=name, labels=labels.mark("x", **more), remove=lambda **_: removed.append(name))

    found = SimpleNamespace(list=lambda **_: [container("kept", kept=True), container("running")])
    client = SimpleNamespace(containers=found, networks=SimpleNamespace(list=lambda **_: []))
    assert labels.sweep(client, kept=True) == removed == ["kept"]


def test_a_dead_process_that_nobody_has_buried_is_dead():
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert owner.started(child.pid) is None
    child.wait()
