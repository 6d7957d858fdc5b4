import errno
import os
import resource
import subprocess
import sys

import pytest

from harness import disk, history, store
from harness.errors import DiskError
from harness.events import AgentLost
from harness.history import Event
from tests.stored import spec_of


def refusing(code: int):
    """A write that the system refuses, as a full disk does."""

    def fsync(fd: int) -> None:
        raise OSError(code, os.strerror(code))

    return fsync


def test_a_full_disk_is_named_with_what_is_free_and_the_old_file_stays_whole(tmp_path, monkeypatch):
    path = tmp_path / "verdict.json"
    disk.write(path, b"old")
    monkeypatch.setattr(os, "fsync", refusing(errno.ENOSPC))
    with pytest.raises(DiskError, match=r"verdict.json: no space left on device \(\d+ MiB free in .*free some") as told:
        disk.write(path, b"new, and longer")
    assert "Errno" not in str(told.value)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("verdict.json", b"old")]


def test_a_campaign_that_cannot_be_listed_anew_keeps_its_list(tmp_path):
    """Written by a process of its own that may write no file longer than the present list."""
    folder, begun = store.new_campaign(tmp_path)
    store.save_campaign(folder, begun)
    code = (
        "import resource, sys; from pathlib import Path; from harness import store\n"
        "folder = Path(sys.argv[1]); listed = store.load_campaign(folder)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, (200, {resource.RLIM_INFINITY}))\n"
        "listed.trials = [store.Entry('s', 'p', str(n), 'passed', 'path') for n in range(99)]\n"
        "store.save_campaign(folder, listed)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True)
    assert "DiskError" in done.stderr
    assert "campaign.json: file too large" in done.stderr
    assert store.load_campaign(folder) == begun


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk; the two above need no root")
def test_a_disk_that_is_really_full_takes_nothing_and_loses_nothing(tmp_path):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], check=True)
    try:
        folder, begun = store.new_campaign(tmp_path)
        store.save_campaign(folder, begun)
        events = [Event(n, "m1", "node", n, AgentLost(count=n, reason="full")) for n in range(5000)]
        with pytest.raises(DiskError, match=r"history.jsonl: no space left on device \(0 MiB free in "):
            store.save_trial(store.trial_folder(folder, "kill-node", "article"), spec_of("kill-node"), events)
        assert store.load_campaign(folder) == begun
        assert list(store.trials(folder)) == []  # half a trial is none
        store.save_campaign(folder, begun)  # what was half written takes no space any more
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path):
    (tmp_path / "reports").write_text("")
    for broken in (
        lambda: store.new_campaign(tmp_path / "reports"),
        lambda: disk.folder(tmp_path / "reports/below"),
        lambda: disk.write(tmp_path / "reports/a", b""),
    ):
        with pytest.raises(DiskError, match=r"/reports.*: a file is where a folder is needed|a folder is needed"):
            broken()


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (errno.EACCES, "permission denied; give this user the right"),
        (errno.EROFS, "read-only file system; name a place that can be written to"),
        (errno.EDQUOT, r"disk quota exceeded \(\d+ MiB free in .*free some"),
        (errno.EIO, "input/output error$"),
    ],
)
def test_each_refusal_has_its_remedy(tmp_path, monkeypatch, code, remedy):
    monkeypatch.setattr(os, "fsync", refusing(code))
    with pytest.raises(DiskError, match=rf"index.html: {remedy}"):
        disk.write(tmp_path / "index.html", b"")


def test_a_name_is_claimed_once(tmp_path):
    assert disk.claim(tmp_path / "a/b")
    assert not disk.claim(tmp_path / "a/b")
    assert store.trial_folder(tmp_path, "s", "p") != store.trial_folder(tmp_path, "s", "p")
    assert store.new_campaign(tmp_path)[0] != store.new_campaign(tmp_path)[0]


def test_a_compressed_history_is_whole_or_not_there(tmp_path, monkeypatch):
    path = tmp_path / "history.jsonl.gz"
    history.write(path, [Event(1, "m1", "node", 1, AgentLost(count=1, reason="full"))])
    assert len(history.read(path).events) == 1
    monkeypatch.setattr(os, "fsync", refusing(errno.ENOSPC))
    with pytest.raises(DiskError):
        history.write(path, [])
    assert len(history.read(path).events) == 1


def test_what_is_locked_is_held_once(tmp_path):
    """By another process: it comes by what it waits for only once that is let go."""
    path, code = tmp_path / "lock", "import sys; from pathlib import Path; from harness import disk\n"
    code += "with disk.locked(Path(sys.argv[1])): print('held', flush=True)"
    with disk.locked(path), pytest.raises(subprocess.TimeoutExpired):
        waiting = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
        waiting.wait(1.5)
    assert waiting.communicate(timeout=30)[0] == "held\n"
