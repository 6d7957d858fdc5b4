import json
import os
import signal
import subprocess
import sys
import time

import pytest

from harness.lab import labels
from tests.drawn import crash_of_owner
from tests.stored import stored_campaign


def harness(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "harness", *words],
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "200"} | environment,
    )


def test_scenarios_and_profiles_are_listed():
    said = harness("list").stdout
    for name in ("kill-two-masters", "node-returns", "article", "kubeadm"):
        assert name in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--scenario", "kill-two-master"], "no scenario 'kill-two-master': did you mean 'kill-two-masters'?"),
        (["-s", "kill-node", "--profile", "artikle"], "no profile 'artikle': did you mean 'article'?"),
        (["-s", "kill-node", "--rate-fresh", "0", "--rate-kept", "0"], "without requests nothing is measured"),
    ],
)
def test_bad_input_is_one_sentence_and_code_2(words, message):
    done = harness("run", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_profile_that_cannot_be_read_is_named_with_file_and_line(tmp_path):
    (tmp_path / "profile.toml").write_text("summary = 'x'\nsubnet = \n")
    done = harness("run", "-s", "kill-node", "-p", str(tmp_path))
    assert done.returncode == 2
    assert "profile.toml" in done.stderr
    assert "line 2" in done.stderr


def test_a_simulation_is_told_as_a_table_or_as_data():
    words = ("simulate", "-s", "kill-haproxy", "-p", "article-priority-99", "--trials", "50")
    done = harness(*words)
    assert done.returncode == 0, done.stderr
    assert "it never moved in 100 % of the trials" in done.stdout
    (told,) = json.loads(harness(*words, "--json").stdout)
    assert told["faults"][0]["measures"]["vip_migration_s"]["never"] == 50


def test_a_simulation_that_is_interrupted_says_so_and_nothing_else():
    words = [sys.executable, "-m", "harness", "simulate", "-s", "kill-node", "--trials", "1000000"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(4)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert len(said.strip().splitlines()) == 1, said


def test_a_stored_campaign_is_judged_and_shown_without_an_engine(tmp_path):
    folder = stored_campaign(tmp_path, crash_of_owner())
    nowhere = {"DOCKER_HOST": "unix:///nowhere.sock", "XDG_CACHE_HOME": str(tmp_path)}
    done = harness("analyze", str(folder), **nowhere)
    assert "kill-node on article" in done.stdout
    assert done.returncode in (1, 3)  # the drawing holds no writes
    done = harness("report", str(folder), **nowhere)
    assert done.returncode == 0
    assert (folder / "index.html").exists()


def test_a_folder_without_trials_is_told(tmp_path):
    done = harness("analyze", str(tmp_path))
    assert (done.returncode, "no trial there" in done.stderr) == (2, True)


def test_a_profile_is_predicted_without_an_engine(tmp_path):
    nowhere = {"DOCKER_HOST": "unix:///nowhere.sock", "XDG_CACHE_HOME": str(tmp_path)}
    done = harness("predict", "--profile", "article-priority-99", "-s", "kill-haproxy", **nowhere)
    assert (done.returncode, done.stderr) == (0, "")
    assert "m1 keeps the VIP: it still advertises 110, and the best of the others, m2, has 101" in done.stdout
    found = json.loads(harness("predict", "-p", "kubeadm", "--json").stdout)
    assert {"kill-node", "kill-two-masters"} <= set(found["scenarios"])
    assert harness("predict", "-p", "nowhere").returncode == 2


@pytest.mark.lab
@pytest.mark.parametrize("after_s", [0.3, 2.5])
def test_an_interrupt_leaves_one_sentence_and_nothing_else(engine, tmp_path, after_s):
    command = [sys.executable, "-m", "harness", "run", "-s", "kill-node", "--out", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        time.sleep(after_s)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[0]
    assert process.returncode == 130
    assert "Traceback" not in said
    assert said.strip().splitlines()[-1].startswith("harness: interrupted")
    assert not owned_by(engine, process.pid)


@pytest.mark.lab
def test_a_killed_run_ends_its_lab_and_the_next_one_sweeps(engine, tmp_path):
    command = [sys.executable, "-m", "harness", "run", "-s", "kill-node", "--out", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while len([c for c in owned_by(engine, process.pid) if c.status == "running"]) < 4:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        time.sleep(1)
        process.kill()
    deadline = time.monotonic() + 20
    while any(c.status == "running" for c in owned_by(engine, process.pid)):
        assert time.monotonic() < deadline, "the lab outlives its owner"
        time.sleep(0.2)
    assert harness("clean").returncode == 0
    assert owned_by(engine, process.pid) == []
    networks = engine.networks.list(filters={"label": labels.LAB})
    assert not any(n.attrs["Labels"][labels.OWNER].startswith(f"{process.pid}:") for n in networks)


def owned_by(engine, pid: int) -> list:
    found = engine.containers.list(all=True, filters={"label": labels.LAB}, ignore_removed=True)
    return [c for c in found if c.labels[labels.OWNER].startswith(f"{pid}:")]


def test_json_is_what_a_program_can_read(tmp_path):
    folder = stored_campaign(tmp_path, crash_of_owner())
    listed = json.loads((folder / "campaign.json").read_text())
    verdict = json.loads((folder / listed["trials"][0]["path"] / "verdict.json").read_text())
    assert verdict["schema"] == 1
    assert verdict["faults"][0]["vip_migration_s"] == {"min": 2.998, "max": 3.0}
