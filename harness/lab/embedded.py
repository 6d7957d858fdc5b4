"""The harness' own dockerd: data, socket and pid file lie in the user's cache folder, nothing else is touched."""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs
from tenacity import RetryError as PatienceError
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from harness.errors import EngineError
from harness.lab import owner
from harness.lab.ping import answers

PATIENCE_S = 60.0
LEAST_FREE = 2 << 30  # bytes; the images take 1.2 GiB
_LONGEST_SOCKET = 100  # sockaddr_un holds 108 bytes


def folder() -> Path:
    """Return where the embedded engine keeps everything."""
    return platformdirs.user_cache_path("failover-harness") / "engine"


def socket_url() -> str:
    """Return the URL that clients connect to."""
    return f"unix://{folder() / 'docker.sock'}"


def possible() -> bool:
    """Say whether this user on this system may run a dockerd."""
    return platform.system() == "Linux" and os.geteuid() == 0


def alive() -> bool:
    """Say whether the process that was started last still runs."""
    try:
        marked = (folder() / "owner").read_text()
    except OSError:
        return False
    with contextlib.suppress(ChildProcessError, ValueError):
        os.waitpid(_pid(marked), os.WNOHANG)  # where it is this process' own child
    return owner.lives(marked)


def _pid(marked: str) -> int:
    return int(marked.partition(":")[0])


def start(progress: Callable[[str], None]) -> str:
    """Start dockerd unless it runs, wait until it answers, and return its URL."""
    home = folder()
    if len(str(home / "docker.sock")) > _LONGEST_SOCKET:
        raise EngineError(f"{home}: too long a path for a socket; set XDG_CACHE_HOME to a shorter one")
    with _locked():
        if not alive():
            progress(f"starting an engine of our own in {home}")
            _spawn(home)
        _await_answer(home)
    return socket_url()


def stop() -> bool:
    """End the embedded engine and wait for it; say whether there was one."""
    if not alive():
        return False
    with _locked():
        pid = _pid((folder() / "owner").read_text())
        os.kill(pid, signal.SIGTERM)
        try:
            Retrying(stop=stop_after_delay(PATIENCE_S), wait=wait_fixed(0.1), retry=retry_if_result(bool))(alive)
        except PatienceError as error:
            raise EngineError(f"dockerd (pid {pid}) did not end within {PATIENCE_S:.0f} s of SIGTERM") from error
        (folder() / "owner").unlink()
        # dockerd leaves its own network namespace mounted, and the folder could not be removed.
        subprocess.run(["umount", "--quiet", str(folder() / "exec/netns/default")], stderr=subprocess.DEVNULL)
    return True


def _spawn(home: Path) -> None:
    (home / "daemon.json").write_text("{}\n")  # else dockerd would read the system Docker's
    for stale in ("docker.sock", "docker.pid"):
        (home / stale).unlink(missing_ok=True)
    command = [
        "dockerd",
        f"--data-root={home / 'data'}",
        f"--exec-root={home / 'exec'}",
        f"--pidfile={home / 'docker.pid'}",
        f"--config-file={home / 'daemon.json'}",
        f"--host={socket_url()}",
        "--bridge=none",
        # A lab forwards nothing; dockerd would otherwise set this host's FORWARD policy to DROP.
        "--ip-forward=false",
        "--ip-masq=false",
        "--userland-proxy=false",
    ]
    # Not subprocess: the engine outlives this process on purpose.
    log = (os.POSIX_SPAWN_OPEN, 1, str(home / "log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    actions = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), log, (os.POSIX_SPAWN_DUP2, 1, 2)]
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=actions, setsid=True)
    (home / "owner").write_text(owner.mark(pid))


def _await_answer(home: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if answers(socket_url()):
            return
        if not alive():
            said = [line for line in (home / "log").read_text(errors="replace").splitlines() if line.strip()]
            why = next((line for line in reversed(said) if "failed" in line or "error" in line), *said[-1:])
            raise EngineError(f"dockerd ended at once: {why[-300:]} (its log: {home / 'log'})")
        time.sleep(0.1)
    raise EngineError(f"dockerd did not answer within {PATIENCE_S:.0f} s; its log: {home / 'log'}")


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    folder().mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder()).free
    if free < LEAST_FREE:
        raise EngineError(f"{folder()}: only {free >> 20} MiB free; images and labs need 2 GiB")
    with (folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
