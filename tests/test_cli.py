import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from harness.lab import labels
from tests.command import Command
from tests.drawn import crash_of_owner
from tests.stored import stored_campaign

ASKING = ("COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE")  # for another form than a pipe gets


@pytest.fixture(scope="module")
def command() -> Iterator[Command]:
    with closing(Command()) as command:
        yield command


@pytest.fixture
def harness(command: Command):
    def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if name not in ASKING}
        return command(words, kept | environment)

    return run


@pytest.fixture(scope="module")
def campaign(tmp_path_factory):
    return stored_campaign(tmp_path_factory.mktemp("reports"), crash_of_owner())


PIPED = [
    "list",
    "doctor",
    "predict -p kubeadm",
    "predict -p article-priority-99 --json",
    "simulate -s kill-haproxy --trials 50",
    "lint profiles/article-priority-99",
    "lint --format json profiles/article-priority-99",
    "lint --format sarif profiles/article-priority-99",
    "lint --format github profiles/article-priority-99",
    "profile check profiles/article",
    "predict -p tests/cases/f16-layouts/fqdn --service 8443",
    "lint tests/cases/f16-layouts/on-a-host",
    "analyze {campaign}",
    "report {campaign}",
    "run -s kill-node",
    "up",
    "engine status",
]


@pytest.mark.parametrize("words", PIPED)
def test_a_pipe_gets_whole_lines_without_colour_or_padding(harness, words, campaign, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))  # no dockerd there
    nowhere = {"DOCKER_HOST": "unix:///nowhere.sock", "XDG_CACHE_HOME": str(tmp_path)}
    done = harness(*words.format(campaign=campaign).split(), **nowhere)
    said = done.stdout + done.stderr
    assert said and "Traceback" not in said
    assert "\x1b" not in said
    assert [line for line in said.splitlines() if line != line.rstrip() or "…" in line.replace("min … max", "")] == []
    if not done.stdout:
        assert len(done.stderr.splitlines()) == 1


def test_a_pipe_gets_every_figure_of_predict_and_every_place_of_lint(harness):
    said = harness("predict", "-s", "kill-haproxy").stdout
    (migration,) = [line for line in said.splitlines() if line.startswith("VIP migration ")]
    assert migration.endswith(":16 advert_int 1; m2/keepalived.conf:15 priority 109")
    path = "profiles/article-priority-99"
    found = json.loads(harness("lint", "--format", "json", path).stdout)["findings"]
    lines = harness("lint", path).stdout.splitlines()
    assert all(f"{f['path']}:{f['line']}: {f['severity']} {f['code']}: {f['message']}" in lines for f in found)


def test_a_rule_is_explained_by_its_code(harness):
    done = harness("explain", "k08", "H01")
    assert done.returncode == 0
    assert done.stdout.startswith("K08: a check that sees only that a process exists")
    assert "Remedy: `check`" in done.stdout


def test_a_rule_that_is_not_there_is_refused_with_the_nearest(harness):
    done = harness("explain", "K99")
    assert done.returncode == 2 and "no rule 'K99': did you mean K" in done.stderr


def test_lint_mends_what_is_mechanical_and_shows_it_first(harness, tmp_path):
    file = tmp_path / "haproxy.cfg"
    file.write_text("backend b\n    server m1 10.0.0.11:6443\n")
    assert "+    server m1 10.0.0.11:6443 check" in harness("lint", "--fix", str(file)).stderr
    assert "check" not in file.read_text()  # nobody said yes
    harness("lint", "--fix", "--yes", str(file))
    assert "    server m1 10.0.0.11:6443 check\n" in file.read_text()


def test_columns_are_heeded_in_a_pipe_too(harness):
    said = harness("list", COLUMNS="60").stdout
    assert 40 < max(map(len, said.splitlines())) <= 60


def test_scenarios_and_profiles_are_listed(harness):
    said = harness("list").stdout
    for name in ("kill-two-masters", "node-returns", "article", "kubeadm"):
        assert name in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--scenario", "kill-two-master"], "no scenario 'kill-two-master': did you mean 'kill-two-masters'?"),
        ([], "nothing to run: name a --scenario or a --group"),
        (["--group", "nodes"], "no scenarios of a group 'nodes': there are process, node"),
        (["-s", "kill-node", "--profile", "artikle"], "no profile 'artikle': did you mean 'article'?"),
        (["-s", "kill-node", "--rate-fresh", "0", "--rate-kept", "0"], "without requests nothing is measured"),
    ],
)
def test_bad_input_is_one_sentence_and_code_2(harness, words, message):
    done = harness("run", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_profile_that_cannot_be_read_is_named_with_file_and_line(harness, tmp_path):
    (tmp_path / "profile.toml").write_text("summary = 'x'\nsubnet = \n")
    done = harness("run", "-s", "kill-node", "-p", str(tmp_path))
    assert done.returncode == 2
    assert "profile.toml" in done.stderr
    assert "line 2" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["profile", "new", "{}/file/mine"], "/file/mine/m1: not a directory; a file is where a folder is needed"),
        (["report", "{}/campaign"], "/campaign/index.html: is a directory; a folder is where a file is needed"),
        (["doctor"], "/file/failover-harness/engine: not a directory; a file is where a folder is needed"),
    ],
)
def test_a_place_that_cannot_be_written_to_is_named_in_one_sentence(harness, tmp_path, words, message):
    (tmp_path / "file").write_text("")
    campaign = stored_campaign(tmp_path, crash_of_owner()).rename(tmp_path / "campaign")
    (campaign / "index.html").mkdir()
    environment = {"XDG_CACHE_HOME": str(tmp_path / "file"), "DOCKER_HOST": "unix:///nowhere.sock"}
    done = harness(*(word.format(tmp_path) for word in words), **environment)
    assert done.returncode == 4
    assert message in done.stderr
    assert "Errno" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_disk_below_the_output_is_said():
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-m", "harness", "list"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 4
    assert done.stderr.startswith("harness: where this prints to: no space left on device; free some")


def test_a_simulation_is_told_as_a_table_or_as_data(harness):
    words = ("simulate", "-s", "kill-haproxy", "-p", "article-priority-99", "--trials", "50")
    done = harness(*words)
    assert done.returncode == 0, done.stderr
    assert "it never moved in 100 % of the trials" in done.stdout
    (told,) = json.loads(harness(*words, "--json").stdout)
    assert told["faults"][0]["measures"]["vip_migration_s"]["never"] == 50


def listens(pid: int) -> bool:
    """Say whether a harness has begun: the last of the signals that it handles is SIGHUP."""
    (caught,) = re.findall(r"^SigCgt:\s*(\w+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return bool(int(caught, 16) & 1 << signal.SIGHUP - 1)


def has_helpers(pid: int) -> bool:
    return bool(Path(f"/proc/{pid}/task/{pid}/children").read_text())


@pytest.mark.parametrize("ready", [listens, has_helpers])
def test_a_simulation_that_is_interrupted_says_so_and_nothing_else(ready):
    """A terminal interrupts all that was started from it: the helpers too, however young they are."""
    words = [sys.executable, "-m", "harness", "simulate", "-s", "kill-node", "--trials", "1000000"]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as process:
        while not ready(process.pid):
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=100)
    assert process.returncode == 130
    assert len(said.strip().splitlines()) == 1, said


# Interrupts itself as soon as it handles the last of the signals for the n-th time: before all else is read, and after.
INTERRUPTED = """
import os, signal, sys
handle, left = signal.signal, [int(sys.argv.pop(1))]
def handled(number, handler):
    handle(number, handler)
    left[0] -= number == signal.SIGHUP
    if number == signal.SIGHUP and not left[0]:
        os.kill(os.getpid(), signal.SIGINT)
signal.signal = handled
from harness.__main__ import main
main()
"""


@pytest.mark.parametrize("time", ["1", "2"])
def test_an_interrupt_as_it_starts_is_one_sentence_too(time):
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, time, "list"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "harness: interrupted; what was recorded is kept, the lab is removed\n"


def test_a_stored_campaign_is_judged_and_shown_without_an_engine(harness, tmp_path):
    folder = stored_campaign(tmp_path, crash_of_owner())
    nowhere = {"DOCKER_HOST": "unix:///nowhere.sock", "XDG_CACHE_HOME": str(tmp_path)}
    done = harness("analyze", str(folder), **nowhere)
    assert "kill-node on article" in done.stdout
    assert done.returncode in (1, 3)  # the drawing holds no writes
    done = harness("report", str(folder), **nowhere)
    assert done.returncode == 0
    assert (folder / "index.html").exists()


def test_a_folder_without_trials_is_told(harness, tmp_path):
    done = harness("analyze", str(tmp_path))
    assert (done.returncode, "no trial there" in done.stderr) == (2, True)


def test_a_profile_is_predicted_without_an_engine(harness, tmp_path):
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
def test_a_killed_run_ends_its_lab_and_the_next_one_sweeps(harness, engine, tmp_path):
    command = [sys.executable, "-m", "harness", "run", "-s", "kill-node", "--out", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 300
        while len([c for c in owned_by(engine, process.pid) if c.status == "running"]) < 4:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        time.sleep(1)
        process.kill()
    deadline = time.monotonic() + 100
    while any(c.status == "running" for c in owned_by(engine, process.pid)):
        assert time.monotonic() < deadline, "the lab outlives its owner"
        time.sleep(0.2)
    assert harness("clean").returncode == 0
    assert owned_by(engine, process.pid) == []
    networks = engine.networks.list(filters={"label": labels.LAB})
    assert not any(n.attrs["Labels"][labels.OWNER].startswith(f"{process.pid}:") for n in networks)


def owned_by(engine: docker.DockerClient, pid: int) -> list[Container]:
    found = engine.containers.list(all=True, filters={"label": labels.LAB}, ignore_removed=True)
    return [c for c in found if c.labels[labels.OWNER].startswith(f"{pid}:")]


def test_json_is_what_a_program_can_read(tmp_path):
    folder = stored_campaign(tmp_path, crash_of_owner())
    listed = json.loads((folder / "campaign.json").read_text())
    verdict = json.loads((folder / listed["trials"][0]["path"] / "verdict.json").read_text())
    assert verdict["schema"] == 1
    assert verdict["faults"][0]["vip_migration_s"] == {"min": 2.998, "max": 3.0}
